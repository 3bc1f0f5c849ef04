package records

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/reading"
)

// Payees compares the private details of a batch's payees with the tags on the ledger.
type Payees interface {
	Check(ctx context.Context, a reading.Access, b *payment.Batch) (payeecheck.Report, error)
}

// payeeCheckTime bounds one check; a county's takes some seconds.
const payeeCheckTime = 5 * time.Minute

// PayeeCheck opens the details of everybody whom a batch pays and says whose are not those on the ledger. The answer holds
// nothing personal; the reading is recorded.
func (h *Handlers) PayeeCheck(c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	if h.Payees == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，不能核对收款人。",
			"This gateway has no persons key: payees cannot be checked here.")
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), payeeCheckTime)
	defer cancel()
	h.core.SetDeadline(c, payeeCheckTime)
	b, err := rest.Ask(h.core, c, api.PaymentGet, api.BatchInput{ID: id})
	if err != nil {
		return err
	}
	report, err := h.Payees.Check(ctx, rest.Access(c, reading.PayeeCheck, relief.KindBatch, string(id)), &b)
	if err != nil {
		return rest.Unavailable(err)
	}
	return rest.JSON(c, report)
}
