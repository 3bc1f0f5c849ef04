package httpapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/translog"
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
	Detail string `json:"detail"` // Chinese and English
}

func checked(name string, ok bool, detail bilingual.Text) check {
	return check{name, ok, detail.String()}
}

func (a *API) readyz(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTime)
	defer cancel()
	height, checks := a.checks(ctx)
	ready := true
	for _, ch := range checks {
		ready = ready && ch.OK
	}
	checks = append(checks, a.values())
	alerts := append(a.unreadable(), a.core.Readings.Alerts()...)
	if a.deps.Public.Log != nil { // in dispute, a gateway still serves
		for name, log := range a.logs() {
			status := log.Status()
			checks = append(checks, logCheck(name, &status))
			for i := range status.Open {
				alerts = append(alerts, status.Open[i].Sentence()+" Log: "+name+".")
			}
		}
	}
	if agree := a.deps.Public.Agreement; agree != nil { // likewise
		status := agree.Status()
		checks = append(checks, indicatorsCheck(&status), screeningCheck(&status))
		for i := range status.Differences {
			alerts = append(alerts, status.Differences[i].Sentence())
		}
		for i := range status.Alerts {
			alerts = append(alerts, status.Alerts[i].Sentence())
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
		Height       uint64  `json:"height"`  // blocks of the agency's own peer; 0 when it does not answer
		Indexed      uint64  `json:"indexed"` // blocks that this gateway's answers rest on
		Checks       []check `json:"checks"`
		// Alerts are values on the ledger that cannot be read, what keeps this gateway from cosigning the transparency log, and
		// records of readings that were changed.
		Alerts []string `json:"alerts"`
		// Warnings are what will keep the gateway or its principals from working: certificates that end soon.
		Warnings []string `json:"warnings"`
	}{ready, a.core.Organisation, height, a.core.Index.Height(), checks, alerts, a.warnings()})
}

// logs are the transparency logs by their names.
func (a *API) logs() iter.Seq2[string, public.Transparency] {
	return func(yield func(string, public.Transparency) bool) {
		_ = yield("log", a.deps.Public.Log) && yield("statements", a.deps.Public.Statements)
	}
}

func logCheck(name string, status *translog.Status) check {
	return checked(name, len(status.Open) == 0, bilingual.Text{
		Zh: fmt.Sprintf("日志有 %d 片叶子，本部门已签 %d 片，各部门均已联署 %d 片；%d 项告警未解决。",
			status.Size, status.Signed, status.Published, len(status.Open)),
		En: status.String(),
	})
}

func indicatorsCheck(status *agreement.Status) check {
	n := len(status.Differences)
	return checked("indicators", n == 0, bilingual.Textf("已与 %d 个部门中的 %d 个比对绩效指标，%d 项不同。",
		"Indicators: of %d other agencies %d were compared; %d differ.", status.Peers, status.Answered, n))
}

func screeningCheck(status *agreement.Status) check {
	n := len(status.Alerts)
	return checked("screening", n == 0, bilingual.Textf("已筛查最近结账的 %d 处，与其他部门 %d 处不同。",
		"Screening: %d counties were screened as of the months that were closed last; %d differ from other agencies.", status.Screened, n))
}

func (a *API) checks(ctx context.Context) (uint64, []check) {
	indexed := a.core.Index.Height()
	height, err := a.deps.Ledger.Height(ctx)
	if err != nil {
		a.log.WarnContext(ctx, "the agency's own peer does not answer", "error", err.Error())
		return 0, []check{
			checked("ledger", false, bilingual.Textf("本部门的节点没有回应，原因见网关日志。",
				"The agency's own peer does not answer; the gateway's log says why.")),
			checked("index", false, bilingual.Textf("已索引 %d 个区块，账本高度未知。",
				"%d blocks indexed; the ledger's height is not known.", indexed)),
		}
	}
	if err := a.core.Index.Fault(); err != nil {
		return height, []check{
			peerHas(height), checked("index", false, bilingual.Both("索引不属于本账本，须重建。", err.Error())),
		}
	}
	return height, []check{
		peerHas(height),
		checked("index", indexed+maxLag >= height, bilingual.Textf("已索引 %d 个区块，共 %d 个。", "%d of %d blocks indexed.", indexed, height)),
	}
}

// maxUnreadableAlerts bounds how many values that cannot be read have an alert of their own; GET /v1/unreadable lists all.
const maxUnreadableAlerts = 20

// values says whether every value on the ledger can be read. If not, the gateway goes on serving the others.
func (a *API) values() check {
	n := len(a.core.Index.Unreadable())
	if n == 0 {
		return checked("values", true, bilingual.Textf("账本中的数据均可读取。", "All values on the ledger can be read."))
	}
	return checked("values", false, bilingual.Textf("账本中有 %d 项数据无法读取，其余照常。", "%d values on the ledger cannot be read; all others are served.", n))
}

// unreadable is an alert for each value that cannot be read. Anyone may read it, so it does not name the record, whose key may have
// the reference of a person.
func (a *API) unreadable() []string {
	alerts := []string{}
	list := a.core.Index.Unreadable()
	for i := range list[:min(len(list), maxUnreadableAlerts)] {
		u := &list[i]
		alerts = append(alerts, fmt.Sprintf("ALERT unreadable: a value of kind %s cannot be read since block %d, transaction %s; GET /v1/unreadable names it.",
			u.Kind, u.Block, u.Transaction))
	}
	return alerts
}

func peerHas(height uint64) check {
	return checked("ledger", true, bilingual.Textf("本部门的节点有 %d 个区块。", "The agency's own peer has %d blocks.", height))
}
