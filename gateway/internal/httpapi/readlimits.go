package httpapi

import (
	"math"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// ReadLimits bound what is read at /v1.
type ReadLimits struct {
	PerSecond float64 // requests of one principal; 0: no limit
	Burst     int     // of one principal at once
	InFlight  int     // reads of all principals that are worked on at a time; some more wait for their turn
}

// readLimiter gives each principal a bucket of requests. Principals are those of the settings, so there are few.
type readLimiter struct {
	limits ReadLimits
	mu     sync.Mutex
	known  map[string]*rate.Limiter
}

func (l *readLimiter) bucket(principal string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.known[principal]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(l.limits.PerSecond), l.limits.Burst)
		l.known[principal] = b
	}
	return b
}

// limitReads refuses a principal who asks too often.
func (a *API) limitReads(c *gin.Context) error {
	if _, inside := insider(c.Request); inside || a.limiter.limits.PerSecond == 0 {
		return nil
	}
	r := a.limiter.bucket(rest.Caller(c).Name).Reserve()
	delay := r.Delay()
	if delay <= 0 {
		return nil
	}
	r.Cancel()
	c.Header("Retry-After", strconv.Itoa(int(math.Ceil(delay.Seconds()))))
	return problem.TooMany.Fault()
}
