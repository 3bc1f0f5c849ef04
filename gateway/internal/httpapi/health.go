package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/web"
)

// probeTime bounds what readiness and metrics wait for.
const probeTime = 3 * time.Second

// maxLag is how many blocks the index may be behind while the gateway still counts as ready.
const maxLag = 16

func (a *API) healthz(c *gin.Context) {
	writeJSON(c, http.StatusOK, jsonContent, struct {
		Status  string `json:"status"`
		Version string `json:"version"`
	}{"ok", a.Version})
}

// check is one thing that readiness needs.
type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (a *API) readyz(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTime)
	defer cancel()
	height, checks := a.checks(ctx)
	ready := true
	for _, ch := range checks {
		ready = ready && ch.OK
	}
	alerts := []string{}
	if a.Transparency != nil { // in dispute, a gateway still serves
		status := a.Transparency.Status()
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
	writeJSON(c, status, jsonContent, struct {
		Ready        bool    `json:"ready"`
		Organisation string  `json:"organisation"`
		Height       uint64  `json:"height"` // blocks of the agency's own peer; 0 when it does not answer
		Checks       []check `json:"checks"`
		// Alerts are what keeps this gateway from cosigning the transparency log.
		Alerts []string `json:"alerts"`
	}{ready, a.Organisation, height, checks, alerts})
}

func (a *API) checks(ctx context.Context) (uint64, []check) {
	indexed := a.Index.Height()
	height, err := a.Ledger.Height(ctx)
	if err != nil {
		a.log.WarnContext(ctx, "the agency's own peer does not answer", "error", err.Error())
		return 0, []check{
			{"ledger", false, "The agency's own peer does not answer; the gateway's log says why."},
			{"index", false, fmt.Sprintf("%d blocks indexed; the ledger's height is not known.", indexed)},
		}
	}
	if err := a.Index.Fault(); err != nil {
		return height, []check{
			{"ledger", true, fmt.Sprintf("The agency's own peer has %d blocks.", height)}, {"index", false, err.Error()},
		}
	}
	return height, []check{
		{"ledger", true, fmt.Sprintf("The agency's own peer has %d blocks.", height)},
		{"index", indexed+maxLag >= height, fmt.Sprintf("%d of %d blocks indexed.", indexed, height)},
	}
}

func (a *API) openAPI(c *gin.Context) {
	c.Data(http.StatusOK, "application/yaml; charset=utf-8", openAPI)
}

// problemPage explains the type of a problem.
func (a *API) problemPage(pages *web.Pages) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !pages.Problem(c.Writer, c.Param("slug")) {
			a.fail(c, kindNotFound.detail("There is no such type of problem."))
		}
	}
}

func (a *API) asset(pages *web.Pages) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !pages.Asset(c.Writer, c.Request, c.Param("name")) {
			a.fail(c, kindNotFound.detail("There is no such file."))
		}
	}
}
