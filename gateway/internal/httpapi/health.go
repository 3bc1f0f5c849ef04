package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
)

// probeTime bounds what readiness and metrics wait for.
const probeTime = 3 * time.Second

// maxLag is how many blocks the index may be behind while the gateway still counts as ready.
const maxLag = 16

func (a *API) healthz(c *gin.Context) error {
	return rest.JSON(c, struct {
		Status  string `json:"status"`
		Version string `json:"version"`
	}{"ok", a.deps.Version})
}

// check is one thing that readiness needs.
type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (a *API) readyz(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTime)
	defer cancel()
	height, checks := a.checks(ctx)
	ready := true
	for _, ch := range checks {
		ready = ready && ch.OK
	}
	alerts := []string{}
	if a.deps.Public.Log != nil { // in dispute, a gateway still serves
		status := a.deps.Public.Log.Status()
		checks = append(checks, check{"log", len(status.Open) == 0, status.String()})
		for i := range status.Open {
			alerts = append(alerts, status.Open[i].Sentence())
		}
	}
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", "2")
	}
	return rest.JSONStatus(c, status, struct {
		Ready        bool    `json:"ready"`
		Organisation string  `json:"organisation"`
		Height       uint64  `json:"height"` // blocks of the agency's own peer; 0 when it does not answer
		Checks       []check `json:"checks"`
		// Alerts are what keeps this gateway from cosigning the transparency log.
		Alerts []string `json:"alerts"`
	}{ready, a.core.Organisation, height, checks, alerts})
}

func (a *API) checks(ctx context.Context) (uint64, []check) {
	indexed := a.core.Index.Height()
	height, err := a.deps.Ledger.Height(ctx)
	if err != nil {
		a.log.WarnContext(ctx, "the agency's own peer does not answer", "error", err.Error())
		return 0, []check{
			{"ledger", false, "The agency's own peer does not answer; the gateway's log says why."},
			{"index", false, fmt.Sprintf("%d blocks indexed; the ledger's height is not known.", indexed)},
		}
	}
	if err := a.core.Index.Fault(); err != nil {
		return height, []check{
			{"ledger", true, fmt.Sprintf("The agency's own peer has %d blocks.", height)}, {"index", false, err.Error()},
		}
	}
	return height, []check{
		{"ledger", true, fmt.Sprintf("The agency's own peer has %d blocks.", height)},
		{"index", indexed+maxLag >= height, fmt.Sprintf("%d of %d blocks indexed.", indexed, height)},
	}
}
