package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/time/rate"

	"relieftrail/chaincode/receipt"
)

// Public says what anybody may ask without an account, and how often.
type Public struct {
	URL            string
	Rate           float64 // requests a second from one address; 0 is no limit
	Burst          int
	TrustedProxies []string
	Origins        []string
	Fonts          []string
	NoticesAs      string // the official in whose name public notices unseal a name to mask; "" for notices without names
}

// addressesKept bounds how many addresses are told apart; the one seen longest ago begins anew.
const addressesKept = 65_536

// limiter gives each address its own bucket of requests.
type limiter struct {
	rate  rate.Limit
	burst int
	known *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newLimiter(p Public) *limiter {
	known, _ := lru.New[netip.Prefix, *rate.Limiter](addressesKept) // fails for a size of 0 only
	return &limiter{rate.Limit(p.Rate), p.Burst, known}
}

// wait is how long an address has to wait; 0 when it may go on.
func (l *limiter) wait(address string) time.Duration {
	if l.rate == 0 {
		return 0
	}
	addr, err := netip.ParseAddr(address)
	if err != nil {
		addr = netip.IPv4Unspecified()
	}
	bits := 32
	if addr = addr.Unmap(); addr.Is6() {
		bits = 64 // what one subscriber is given
	}
	prefix, _ := addr.WithZone("").Prefix(bits) // the length fits the address
	bucket, ok := l.known.Get(prefix)
	if !ok {
		bucket = rate.NewLimiter(l.rate, l.burst)
		l.known.Add(prefix, bucket)
	}
	r := bucket.Reserve()
	delay := r.Delay()
	if delay > 0 {
		r.Cancel()
	}
	return delay
}

// limited refuses an address that asks too often.
func (a *API) limited(c *gin.Context) {
	if wait := a.limiter.wait(c.ClientIP()); wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		a.fail(c, kindTooMany.detail(kindTooMany.help))
		return
	}
	c.Next()
}

// cors lets pages elsewhere ask what anybody may ask. Nothing of it takes credentials.
func (a *API) cors(c *gin.Context) {
	path := c.Request.URL.Path
	origin := c.GetHeader("Origin")
	if origin == "" || !strings.HasPrefix(path, "/public/") && !strings.HasPrefix(path, "/log/") {
		c.Next()
		return
	}
	h := c.Writer.Header()
	h.Add("Vary", "Origin")
	switch {
	case slices.Contains(a.Public.Origins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(a.Public.Origins, origin):
		h.Set("Access-Control-Allow-Origin", origin)
	default:
		c.Next()
		return
	}
	h.Set("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
	if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
		h.Set("Access-Control-Max-Age", "86400")
		c.AbortWithStatus(http.StatusNoContent)
		return
	}
	c.Next()
}

// keys tells by which keys receipts are verified.
func (a *API) keys(c *gin.Context) {
	err := allowQuery(c, "format")
	format := c.Query("format")
	if err == nil && format != "" && format != "policy" && format != "json" {
		err = &fault{kind: kindInvalid, field: "format", detail: "format is json or policy."}
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	trust, ok := a.Transparency.Trust()
	if !ok {
		a.fail(c, kindNotYet.detail("The agencies' keys are not on the ledger yet."))
		return
	}
	c.Header("Cache-Control", "public, max-age=60")
	if a.unchanged(c, []byte(trust.Policy+format)) {
		return
	}
	if format == "policy" {
		c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(trust.Policy))
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, trust)
}

// proven is what a hash proves.
type proven struct {
	LeafHash   string   `json:"leaf_hash"`
	Zh         string   `json:"zh"`
	En         string   `json:"en"`
	Index      int64    `json:"index"`
	Size       int64    `json:"size"`
	Root       string   `json:"root_sha256"`
	Path       []string `json:"path"` // base64, from the leaf's sibling up
	Checkpoint string   `json:"checkpoint"`
}

// notInLog is the one answer to every hash that is not in the cosigned log and to everything that is no hash: the same
// bytes, so that nobody learns more by guessing.
var notInLog = mustJSON(problem(kindNotInLog, kindNotInLog.help))

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a constant
	}
	return append(b, '\n')
}

// maxHashText bounds how much of a hash's text is looked at.
const maxHashText = 128

// readHash reads 64 hexadecimal digits. Any other text becomes a hash, too, one that no leaf has, so that looking it up
// takes the same steps.
func readHash(text string) tlog.Hash {
	none := sha256.Sum256([]byte(text[:min(len(text), maxHashText)]))
	var hash tlog.Hash
	digits := []byte(text[:min(len(text), 2*tlog.HashSize)])
	n, err := hex.Decode(hash[:], digits)
	if err != nil || n != tlog.HashSize || len(text) != 2*tlog.HashSize {
		return none
	}
	return hash
}

// checkHash tells the holder of a leaf's hash what it proves. Whose payment it is, the hash does not tell and the log
// does not know.
func (a *API) checkHash(c *gin.Context) {
	hash := readHash(strings.TrimPrefix(c.Param("hash"), "/"))
	p, _, found := a.Transparency.Prove(hash)
	if !found {
		c.Data(http.StatusNotFound, "application/problem+json", notInLog)
		return
	}
	answer := proven{
		LeafHash: hex.EncodeToString(hash[:]), Index: p.Index, Size: p.Size, Root: hex.EncodeToString(p.Root[:]),
		Zh:   fmt.Sprintf("这笔支付在各部门共同签名的账本中：共 %d 条，此为第 %d 条。", p.Size, p.Index+1),
		En:   fmt.Sprintf("This payment is in the record that all agencies signed: number %d of %d.", p.Index+1, p.Size),
		Path: make([]string, len(p.Path)), Checkpoint: string(p.Note),
	}
	for i := range p.Path {
		answer.Path[i] = base64.StdEncoding.EncodeToString(p.Path[i][:])
	}
	writeJSON(c, http.StatusOK, jsonContent, answer)
}

// verify checks a receipt's file or code. That a receipt is not valid is an answer, not an error.
func (a *API) verify(c *gin.Context) {
	if err := allowQuery(c); err != nil {
		a.fail(c, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, receipt.MaxBytes))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		err = kindUnreadable.detail(kindUnreadable.help)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	if _, ok := a.Transparency.Trust(); !ok {
		a.fail(c, kindNotYet.detail("The agencies' keys are not on the ledger yet."))
		return
	}
	var result *receipt.Result
	r, err := receipt.ParseAny(body)
	if err == nil {
		result, err = a.Transparency.Verify(r)
	}
	writeJSON(c, http.StatusOK, jsonContent, receipt.NewReport(result, err))
}
