package records

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of totals beside those of payments.
var (
	ByDimensions = rest.NewParam("by", func(text string) ([]index.Dimension, error) {
		by, err := index.ParseDimensions(text)
		if err != nil {
			return nil, problem.OfField("by", "by 须为 "+index.DimensionNames("、")+" 中的若干项，以英文逗号分隔，每项至多一次。",
				"by is some of "+index.DimensionNames(", ")+", with commas between them, each once at most.")
		}
		return by, nil
	})
	FromPeriod           = rest.NewParam("from_period", relief.ParsePeriod)
	ToPeriod             = rest.NewParam("to_period", relief.ParsePeriod)
	FromAccountingPeriod = rest.NewParam("from_accounting_period", relief.ParsePeriod)
	ToAccountingPeriod   = rest.NewParam("to_accounting_period", relief.ParsePeriod)
)

// Totals answers with payments added up. A file has a row a group.
func (h *Handlers) Totals(ctx context.Context, c *gin.Context) error {
	totals, err := h.Index.Totals(ctx, index.TotalsQuery{
		By: ByDimensions.In(c), Region: ByRegion.In(c), Programme: ByProgramme.In(c), Batch: ByBatch.In(c), Kind: ByKind.In(c),
		State: payment.State(ByPaymentState.In(c)), Period: ByPeriod.In(c), Account: ByAccountingPeriod.In(c),
		Periods:  index.PeriodRange{From: FromPeriod.In(c), To: ToPeriod.In(c)},
		Accounts: accounts(c),
	})
	if errors.Is(err, index.ErrManyGroups) {
		return problem.OfField("by", fmt.Sprintf("分组超过 %d 个，请减少汇总维度或缩小筛选范围。", index.MaxGroups),
			fmt.Sprintf("There are more than %d groups: name fewer dimensions, or narrow what is added up.", index.MaxGroups))
	}
	if err != nil {
		return err
	}
	name := "totals-block-" + strconv.FormatUint(totals.Block, 10)
	return rest.AnswerRows(h.core, c, name, lists.Totals(totals.By), totals, totals.Items)
}
