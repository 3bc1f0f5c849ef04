package records

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of indicators.
var (
	// OfSpan is a month, a quarter or a year.
	OfSpan = rest.NewParam("period", indicator.ParseSpan)
	// AsOfBlock is the last block that counts.
	AsOfBlock = rest.NewParam("block", func(text string) (*uint64, error) {
		n, err := strconv.ParseUint(text, 10, 43)
		if err != nil {
			return nil, problem.OfField("block", "block 须为区块号。", "block is the number of a block.")
		}
		return &n, nil
	})
)

// IndicatorsAnswer has the indicators of a programme, region and period, and their digest.
type IndicatorsAnswer struct {
	indicator.Report
	SHA256 string `json:"sha256"` // of the report as compact JSON without this member: the same at every agency
}

// QuestionIn reads whose indicators are wanted. Months are closed by county, so no smaller region has any.
func QuestionIn(c *gin.Context) (q indicator.Question, block *uint64, err error) {
	q = indicator.Question{Programme: ByProgramme.In(c), Region: ByRegion.In(c), Period: OfSpan.In(c)}
	switch {
	case q.Programme == "":
		err = problem.OfField("programme", "请指定项目。", "Name the programme.")
	case q.Region == "" || len(q.Region) > 6:
		err = problem.OfField("region", "请指定县级以上区划。", "Name a county, a prefecture or a province.")
	case q.Period.String() == "":
		err = problem.OfField("period", "请指定月份、季度或年度。", "Name a month, a quarter or a year.")
	}
	return q, AsOfBlock.In(c), err
}

// Indicators answers with the indicators of a programme, region and period as of a block.
func (h *Handlers) Indicators(ctx context.Context, c *gin.Context) error {
	q, block, err := QuestionIn(c)
	if err != nil {
		return err
	}
	report, err := h.Index.Indicators(ctx, q, block)
	if err != nil {
		return err
	}
	name := "indicators-" + string(q.Programme) + "-" + string(q.Region) + "-" + q.Period.String()
	return rest.AnswerRows(h.core, c, name, lists.Indicators, IndicatorsAnswer{report, report.Digest()}, report.Indicators)
}
