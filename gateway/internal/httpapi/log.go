package httpapi

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
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/translog"
)

// Transparency is the log of credited payments.
type Transparency interface {
	Published() (translog.Checkpoint, bool)
	Newest() (translog.Checkpoint, bool)
	Cosignatures(from int64) translog.Cosignatures
	Tile(row int, n int64, width int) ([]byte, bool)
	Prove(leaf tlog.Hash) (p translog.Proof, logged, found bool)
	Trust() (translog.Trust, bool)
	Verify(r *receipt.Receipt) (*receipt.Result, error)
	Alerts() []translog.Alert
	Status() translog.Status
}

// withLog refuses where the gateway has no log.
func (a *API) withLog(c *gin.Context) {
	if a.Transparency == nil {
		a.fail(c, kindNotFound.detail("This gateway keeps no transparency log."))
		return
	}
	c.Next()
}

// checkpoint answers with the newest state that all agencies have cosigned (C2SP tlog-checkpoint).
func (a *API) checkpoint(c *gin.Context) {
	checkpoint, ok := a.Transparency.Published()
	a.note(c, checkpoint, ok, "No state of the log has been cosigned by all agencies yet.")
}

// newestCheckpoint answers with the newest state that this agency alone has signed.
func (a *API) newestCheckpoint(c *gin.Context) {
	checkpoint, ok := a.Transparency.Newest()
	a.note(c, checkpoint, ok, "This agency has signed no state of the log yet.")
}

func (a *API) note(c *gin.Context, checkpoint translog.Checkpoint, ok bool, missing string) {
	if !ok {
		a.fail(c, kindNotYet.detail(missing))
		return
	}
	c.Header("Cache-Control", "public, max-age=1")
	if a.unchanged(c, checkpoint.Note) {
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", checkpoint.Note)
}

// unchanged sets the ETag of what would be answered, and answers 304 when the caller has that.
func (a *API) unchanged(c *gin.Context, content []byte) bool {
	sum := sha256.Sum256(content)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	c.Header("ETag", tag)
	if !strings.Contains(c.GetHeader("If-None-Match"), tag) {
		return false
	}
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return true
}

// cosignatures tells the other gateways what this agency has signed.
func (a *API) cosignatures(c *gin.Context) {
	err := allowQuery(c, "from")
	from := int64(0)
	if text := c.Query("from"); err == nil && text != "" {
		if from, err = strconv.ParseInt(text, 10, 64); err != nil || from < 0 {
			err = &fault{kind: kindInvalid, field: "from", detail: "from is the size of a tree."}
		}
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, a.Transparency.Cosignatures(from))
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

// tile answers with hashes of the tree. What a tile has never changes.
func (a *API) tile(c *gin.Context) {
	row, n, width, err := parseTilePath(c.Param("path"))
	var content []byte
	ok := false
	if err == nil {
		content, ok = a.Transparency.Tile(row, n, width)
	}
	if !ok {
		a.fail(c, kindNotFound.detail("The log has no such tile. Entries are not served: leaves are private, their hashes are at level 0."))
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	if a.unchanged(c, content) {
		return
	}
	c.Data(http.StatusOK, "application/octet-stream", content)
}

type alertList struct {
	Alerts []translog.Alert `json:"alerts"`
}

// alerts lists what made this gateway stop cosigning, ever.
func (a *API) alerts(context.Context, *gin.Context) (any, error) {
	return alertList{append([]translog.Alert{}, a.Transparency.Alerts()...)}, nil
}
