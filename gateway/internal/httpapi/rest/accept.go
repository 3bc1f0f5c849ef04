package rest

import (
	"mime"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
)

// Accept chooses one of the offered media types by the header Accept; the first is the default without that header.
func Accept(c *gin.Context, offered ...string) (string, error) {
	c.Writer.Header().Add("Vary", "Accept")
	header := strings.Join(c.Request.Header.Values("Accept"), ",")
	if header == "" {
		return offered[0], nil
	}
	best, bestQuality := "", 0.0
	for _, offer := range offered {
		if q := quality(header, offer); q > bestQuality {
			best, bestQuality = offer, q
		}
	}
	if best == "" {
		return "", problem.NotAcceptable.Because(
			"可用的格式为 "+strings.Join(offered, "、")+"。", "Offered are "+strings.Join(offered, ", ")+".")
	}
	return best, nil
}

// quality is what the most specific range of an Accept header says of a media type (RFC 9110, 12.5.1).
func quality(header, offer string) float64 {
	q, specific := 0.0, 0
	for part := range strings.SplitSeq(header, ",") {
		mediaRange, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		depth := matches(mediaRange, offer)
		if depth <= specific {
			continue
		}
		specific, q = depth, 1
		if text, ok := params["q"]; ok {
			if v, err := strconv.ParseFloat(text, 64); err == nil && v >= 0 && v <= 1 {
				q = v
			}
		}
	}
	return q
}

// matches reports how closely a range names a media type: 3 exactly, 2 its kind, 1 anything, 0 not at all.
func matches(mediaRange, offer string) int {
	kind, _, _ := strings.Cut(offer, "/")
	switch mediaRange {
	case offer:
		return 3
	case kind + "/*":
		return 2
	case "*/*":
		return 1
	default:
		return 0
	}
}
