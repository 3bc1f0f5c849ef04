package httpapi

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/enrolment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
	"relieftrail/gateway/internal/standing"
)

// unauthenticated is the problem of a caller whom auth does not let in. Who has shown a token of a principal learns why it
// does not count any more.
func unauthenticated(err error) error {
	var refusal *relief.Error
	switch {
	case errors.Is(err, auth.ErrTokenExpired):
		return problem.AccessEnded.Because("令牌已过期，请向本部门的系统管理员领取新令牌。",
			"The token has expired: ask your agency's operator for a new one.")
	case errors.Is(err, standing.ErrExpired):
		return problem.AccessEnded.Because("证书已到期，请本部门的系统管理员更新证书（reliefnet renew）。",
			"The certificate has expired: your agency's operator renews it (reliefnet renew).")
	case errors.Is(err, standing.ErrRevoked):
		return problem.AccessEnded.Because("证书已被吊销，请向本部门的系统管理员领取新证书和新令牌。",
			"The certificate was revoked: ask your agency's operator for a new certificate and token.")
	case errors.Is(err, standing.ErrRetired):
		return problem.AccessEnded.Because("本部门已将该工作人员注销。", "The agency has retired this official.")
	case errors.Is(err, provider.ErrUnavailable):
		return problem.Unavailable.Because("统一身份认证没有应答，请稍后再试。", "The agency's provider does not answer: try again later.")
	case errors.Is(err, enrolment.ErrNotInvited):
		return problem.Forbidden.Because("您在账本上已有登记，但本网关没有您的证书，也没有有效的邀请，请本部门的系统管理员发出邀请（reliefnet invite）。",
			"The ledger has you, but this gateway has neither a certificate of yours nor an invitation that counts: your agency's operator invites you (reliefnet invite).")
	case errors.Is(err, enrolment.ErrRefused):
		return problem.Forbidden.Because("您的邀请没有换到证书，可能已被使用，请本部门的系统管理员重新邀请（reliefnet invite）。",
			"Your invitation got no certificate, perhaps it was used: your agency's operator invites you again (reliefnet invite).")
	case errors.Is(err, enrolment.ErrUnavailable):
		return problem.Unavailable.Because("证书登记服务没有应答，请稍后再试。", "The registration authority does not answer: try again later.")
	case errors.Is(err, provider.ErrRefused), errors.Is(err, provider.ErrToken):
		return problem.SignInRefused.Fault()
	case errors.As(err, &refusal):
		return err
	case errors.Is(err, session.ErrNone):
		return problem.Unauthenticated.Because("未登录或会话已结束，请登录。", "Nobody has signed in, or the session has ended: sign in.")
	}
	return problem.Unauthenticated.Fault()
}

// warnings are what readiness says about tokens and certificates. The gateway serves in spite of them.
func (a *API) warnings() []string {
	all := []string{}
	if a.deps.Standing != nil {
		for _, w := range a.deps.Standing.Warnings() {
			all = append(all, w.String())
		}
	}
	if n := len(a.deps.Auth.Faults()); n > 0 {
		all = append(all, bilingual.Textf("%d 名工作人员没有可用的令牌文件，原因见网关日志。",
			"%d principals have no token or a file that cannot be taken over; the gateway's log says which.", n).String())
	}
	if a.deps.Auth.ListEnding() {
		all = append(all, bilingual.Text{
			Zh: "系统证书的吊销列表已过期、即将过期或无法启用；过期后凭证书的系统一律不能访问，请更换。",
			En: "The revocation list of systems' certificates has ended, ends within a day or cannot be taken over: replace it. After its end no certificate counts.",
		}.String())
	}
	return all
}

// daysLeft are the metrics of the certificates' ends.
type daysLeft struct{ standing *standing.Standing }

var daysLeftMetric = prometheus.NewDesc("relieftrail_certificate_days_left",
	"Whole days until the first certificate of a use ends; less than 0 when it has ended.", []string{"use"}, nil)

// Describe implements prometheus.Collector.
func (daysLeft) Describe(to chan<- *prometheus.Desc) { to <- daysLeftMetric }

// Collect implements prometheus.Collector.
func (d daysLeft) Collect(to chan<- prometheus.Metric) {
	for use, left := range d.standing.DaysLeft() {
		to <- prometheus.MustNewConstMetric(daysLeftMetric, prometheus.GaugeValue, float64(left), string(use))
	}
}
