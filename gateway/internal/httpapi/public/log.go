package public

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/translog"
)

// The paths of the two logs, below which their pages are.
const (
	PaymentsPath   = "/log"
	StatementsPath = "/statements"
)

// LogPages answer from one log (C2SP tlog-tiles).
type LogPages struct {
	log     Transparency // nil without one
	entries Entries      // nil where they are their holders'
}

// Entries are the entries of a log that anybody may read.
type Entries interface {
	Statements(ctx context.Context, from int64, limit int) ([]index.Statement, error)
}

// There refuses where the gateway keeps no log.
func (p *LogPages) There(*gin.Context) error {
	if p.log == nil {
		return problem.NotFound.Because("本网关不保存透明日志。", "This gateway keeps no transparency log.")
	}
	return nil
}

// Checkpoint answers with the newest state that all agencies have cosigned (C2SP tlog-checkpoint).
func (p *LogPages) Checkpoint(c *gin.Context) error {
	checkpoint, ok := p.log.Published()
	if !ok {
		return problem.NotYet.Because("各部门尚未共同签名任何日志状态。", "No state of the log has been cosigned by all agencies yet.")
	}
	giveNote(c, checkpoint)
	return nil
}

// Newest answers with the newest state that this agency alone has signed.
func (p *LogPages) Newest(c *gin.Context) error {
	checkpoint, ok := p.log.Newest()
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
func (p *LogPages) Cosignatures(c *gin.Context) error {
	return rest.JSON(c, p.log.Cosignatures(FromSize.In(c)))
}

// tilePath is a tile's place below /tile (C2SP tlog-tiles): level, or entries for a bundle of them, number in groups of three digits, and
// width when it is not full.
var tilePath = regexp.MustCompile(`^/(0|[1-9]|[1-5][0-9]|6[0-3]|entries)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$`)

var errTile = errors.New("not the path of a tile")

// tilePlace is where a tile is; row is ofEntries for a bundle of entries, width 0 for a full tile.
type tilePlace struct {
	row   int
	n     int64
	width int
}

const ofEntries = -1

func parseTilePath(path string) (t tilePlace, err error) {
	m := tilePath.FindStringSubmatch(path)
	if m == nil || strings.HasPrefix(m[2], "x000/") { // one path for one tile
		return t, errTile
	}
	if t.row, err = strconv.Atoi(m[1]); err != nil {
		t.row = ofEntries
	}
	t.n, _ = strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(m[2]), 10, 64)
	if m[3] != "" {
		if t.width, _ = strconv.Atoi(m[3]); t.width > 255 {
			return tilePlace{}, errTile
		}
	}
	return t, nil
}

// Tile answers with hashes of the tree, or with a bundle of entries. What a tile has never changes.
func (p *LogPages) Tile(c *gin.Context) error {
	t, err := parseTilePath(c.Param("path"))
	ok, content := err == nil, []byte(nil)
	if ok && t.row == ofEntries {
		content, ok, err = p.bundle(c.Request.Context(), t)
		if err != nil {
			return err
		}
	} else if ok {
		content, ok = p.log.Tile(t.row, t.n, t.width)
	}
	if !ok {
		return p.noTile()
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	if !unchanged(c, content) {
		c.Data(http.StatusOK, "application/octet-stream", content)
	}
	return nil
}

func (p *LogPages) noTile() error {
	if p.entries == nil {
		return problem.NotFound.Because("日志中没有这个 tile。条目不提供：叶子不公开，其哈希在第 0 层。",
			"The log has no such tile. Entries are not served: leaves are private, their hashes are at level 0.")
	}
	return problem.NotFound.Because("日志中没有这个 tile。", "The log has no such tile.")
}

// bundleWidth is the number of entries of a full bundle.
const bundleWidth = 256

// bundle is a bundle of entries: of each its length in two bytes, the highest first, and the entry. It has what the tile of the
// entries' hashes has, or nothing.
func (p *LogPages) bundle(ctx context.Context, t tilePlace) ([]byte, bool, error) {
	if p.entries == nil {
		return nil, false, nil
	}
	hashes, ok := p.log.Tile(0, t.n, t.width)
	if !ok {
		return nil, false, nil
	}
	entries, err := p.entries.Statements(ctx, t.n*bundleWidth, len(hashes)/sha256.Size)
	if err != nil {
		return nil, false, err
	}
	var b []byte
	for i := range entries {
		if !bytes.Equal(entries[i].Hash[:], hashes[:sha256.Size]) {
			return nil, false, errors.New("an entry of the index is not the one in the log")
		}
		hashes = hashes[sha256.Size:]
		b = binary.BigEndian.AppendUint16(b, uint16(len(entries[i].Content))) //nolint:gosec // stored.MaxStatement
		b = append(b, entries[i].Content...)
	}
	return b, len(hashes) == 0, nil // fewer while the index is rebuilt
}

// logAlert is an alert with the log that it is of, by its path.
type logAlert struct {
	Log string `json:"log"`
	translog.Alert
}

type alertList struct {
	Alerts []logAlert `json:"alerts"`
}

// Alerts lists what made this gateway stop cosigning one of the logs, ever.
func (h *Handlers) Alerts(context.Context, *gin.Context) (any, error) {
	list := alertList{[]logAlert{}}
	for _, a := range h.Log.Alerts() {
		list.Alerts = append(list.Alerts, logAlert{PaymentsPath, a})
	}
	for _, a := range h.Statements.Alerts() {
		list.Alerts = append(list.Alerts, logAlert{StatementsPath, a})
	}
	slices.SortStableFunc(list.Alerts, func(a, b logAlert) int { return b.First.Compare(a.First) })
	return list, nil
}
