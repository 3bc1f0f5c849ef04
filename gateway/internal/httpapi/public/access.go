package public

import (
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"relieftrail/gateway/internal/httpapi/problem"
)

// addressesKept bounds how many addresses are told apart; the one that was not seen for longest is forgotten.
const addressesKept = 65_536

// limiter gives each address its own bucket of requests.
type limiter struct {
	rate  rate.Limit
	burst int
	known *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newLimiter(p Settings) *limiter {
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

// Limited refuses an address that asks too often.
func (h *Handlers) Limited(c *gin.Context) error {
	wait := h.limiter.wait(c.ClientIP())
	if wait <= 0 {
		return nil
	}
	c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return problem.TooMany.Fault()
}

// CORS lets pages elsewhere ask what anybody may ask. Nothing of it takes credentials.
func (h *Handlers) CORS(c *gin.Context) {
	path := c.Request.URL.Path
	origin := c.GetHeader("Origin")
	if origin == "" || !strings.HasPrefix(path, "/public/") && !strings.HasPrefix(path, "/log/") {
		c.Next()
		return
	}
	header := c.Writer.Header()
	header.Add("Vary", "Origin")
	switch {
	case slices.Contains(h.Settings.Origins, "*"):
		header.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(h.Settings.Origins, origin):
		header.Set("Access-Control-Allow-Origin", origin)
	default:
		c.Next()
		return
	}
	header.Set("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
	if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		header.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
		header.Set("Access-Control-Max-Age", "86400")
		c.AbortWithStatus(http.StatusNoContent)
		return
	}
	c.Next()
}
