package records

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/sample"
)

// The query parameters of samples beside those of payments.
var (
	SampleSeed = rest.NewParam("seed", func(text string) (string, error) {
		if len(text) > sample.MaxSeed {
			return "", problem.OfField("seed", fmt.Sprintf("随机种子至多 %d 字节。", sample.MaxSeed), fmt.Sprintf("The seed has %d bytes at most.", sample.MaxSeed))
		}
		return text, nil
	})
	SampleSize = rest.NewParam("size", func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > index.MaxSample {
			return 0, problem.OfField("size", fmt.Sprintf("抽样数量须为 1 至 %d。", index.MaxSample), fmt.Sprintf("size is 1 to %d.", index.MaxSample))
		}
		return n, nil
	})
)

// defaultSample is the size of a sample when the caller names none.
const defaultSample = 50

// Samples draws a sample of the payments that all of the query's parameters hold for.
func (h *Handlers) Samples(ctx context.Context, c *gin.Context) (any, error) {
	seed := SampleSeed.In(c)
	if seed == "" {
		return nil, problem.OfField("seed", "须提供随机种子，凭同一种子可重复抽样。", "A seed is needed: with the same one anybody draws the same sample.")
	}
	size := SampleSize.In(c)
	if size == 0 {
		size = defaultSample
	}
	s, err := h.Index.Sample(ctx, paymentQuery(c), seed, size)
	if errors.Is(err, index.ErrLargeFrame) {
		return nil, problem.OfField("size", fmt.Sprintf("符合条件的支付超过 %d 笔，请缩小筛选范围后抽样。", index.MaxFrame),
			fmt.Sprintf("More than %d payments match: narrow what is drawn from.", index.MaxFrame))
	}
	return s, err
}
