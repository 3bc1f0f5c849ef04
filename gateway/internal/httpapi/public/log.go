package public

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/translog"
)

// WithLog refuses where the gateway keeps no log.
func (h *Handlers) WithLog(*gin.Context) error {
	if h.Log == nil {
		return problem.NotFound.Because("本网关不保存透明日志。", "This gateway keeps no transparency log.")
	}
	return nil
}

// Checkpoint answers with the newest state that all agencies have cosigned (C2SP tlog-checkpoint).
func (h *Handlers) Checkpoint(c *gin.Context) error {
	checkpoint, ok := h.Log.Published()
	if !ok {
		return problem.NotYet.Because("各部门尚未共同签名任何日志状态。", "No state of the log has been cosigned by all agencies yet.")
	}
	giveNote(c, checkpoint)
	return nil
}

// NewestCheckpoint answers with the newest state that this agency alone has signed.
func (h *Handlers) NewestCheckpoint(c *gin.Context) error {
	checkpoint, ok := h.Log.Newest()
	if !ok {
		return problem.NotYet.Because("本部门尚未签名任何日志状态。", "This agency has signed no state of the log yet.")
	}
	giveNote(c, checkpoint)
	return nil
}

func giveNote(c *gin.Context, checkpoint translog.Checkpoint) {
	c.Header("Cache-Control", "public, max-age=1")
	if unchanged(c, checkpoint.Note) {
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", checkpoint.Note)
}

// unchanged sets the ETag of what would be answered, and answers 304 when the caller has that.
func unchanged(c *gin.Context, content []byte) bool {
	sum := sha256.Sum256(content)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	c.Header("ETag", "W/"+tag) // weak: it may be sent compressed
	if asked := c.GetHeader("If-None-Match"); asked != "*" && !strings.Contains(asked, tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// FromSize is the size of a tree from which cosignatures are wanted.
var FromSize = rest.NewParam("from", func(text string) (int64, error) {
	from, err := strconv.ParseInt(text, 10, 64)
	if err != nil || from < 0 {
		return 0, problem.OfField("from", "from 须为日志的条目数。", "from is the size of a tree.")
	}
	return from, nil
})

// Cosignatures shows the other gateways what this agency has signed.
func (h *Handlers) Cosignatures(c *gin.Context) error {
	return rest.JSON(c, h.Log.Cosignatures(FromSize.In(c)))
}

// tilePath is a tile's place below /log/tile (C2SP tlog-tiles): level, number in groups of three digits, and width when it
// is not full.
var tilePath = regexp.MustCompile(`^/(0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$`)

var errTile = errors.New("not the path of a tile")

func parseTilePath(path string) (row int, n int64, width int, err error) {
	m := tilePath.FindStringSubmatch(path)
	if m == nil || strings.HasPrefix(m[2], "x000/") { // one path for one tile
		return 0, 0, 0, errTile
	}
	row, _ = strconv.Atoi(m[1])
	n, _ = strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(m[2]), 10, 64)
	if m[3] != "" {
		if width, _ = strconv.Atoi(m[3]); width > 255 {
			return 0, 0, 0, errTile
		}
	}
	return row, n, width, nil
}

// Tile answers with hashes of the tree. What a tile has never changes.
func (h *Handlers) Tile(c *gin.Context) error {
	content, ok := h.tile(c.Param("path"))
	if !ok {
		return problem.NotFound.Because("日志中没有这个 tile。条目不提供：叶子不公开，其哈希在第 0 层。",
			"The log has no such tile. Entries are not served: leaves are private, their hashes are at level 0.")
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	if !unchanged(c, content) {
		c.Data(http.StatusOK, "application/octet-stream", content)
	}
	return nil
}

func (h *Handlers) tile(path string) ([]byte, bool) {
	row, n, width, err := parseTilePath(path)
	if err != nil {
		return nil, false
	}
	return h.Log.Tile(row, n, width)
}

type alertList struct {
	Alerts []translog.Alert `json:"alerts"`
}

// Alerts lists what made this gateway stop cosigning, ever.
func (h *Handlers) Alerts(context.Context, *gin.Context) (any, error) {
	return alertList{append([]translog.Alert{}, h.Log.Alerts()...)}, nil
}
