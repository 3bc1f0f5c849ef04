package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// stayWithTLS has browsers ask over TLS alone for a year (RFC 6797). A proxy that ends TLS before the gateway sends it itself.
const stayWithTLS = "max-age=31536000"

// observe gives the request its name, and afterwards counts and logs it: the route's template, never the path, and
// nothing of query or body.
func (a *API) observe(c *gin.Context) {
	started := time.Now()
	rest.Begin(c, uuid.NewString())
	h := c.Writer.Header()
	h.Set("X-Request-Id", rest.RequestID(c))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	if c.Request.TLS != nil {
		h.Set("Strict-Transport-Security", stayWithTLS)
	}
	a.core.SetDeadline(c, a.bodyTime)
	a.metrics.inFlight.Inc()
	defer a.metrics.inFlight.Dec()
	c.Next()
	took := time.Since(started)
	a.metrics.observe(method(c), rest.RouteName(c), c.Writer.Status(), took)
	a.log.InfoContext(c.Request.Context(), "request", "request", rest.RequestID(c), "method", method(c), "route", rest.RouteName(c),
		"status", c.Writer.Status(), "duration_ms", took.Milliseconds(), "principal", rest.Caller(c).Name, "tx", rest.TxID(c))
}

// recover turns a panic into a problem. What was panicked with may hold data of a request, so only the runtime's own
// errors are logged in words.
func (a *API) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		text := fmt.Sprintf("panic with a %T", v)
		var runtimeError runtime.Error
		if err, ok := v.(error); ok && errors.As(err, &runtimeError) {
			text = runtimeError.Error()
		}
		a.log.ErrorContext(c.Request.Context(), "handler panicked", "request", rest.RequestID(c), "route", rest.RouteName(c),
			"error", text, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			a.core.Respond(c, problem.Internal.Bare())
		}
		c.Abort()
	}()
	c.Next()
}

// deadline gives a request another time than the usual one.
func (a *API) deadline(d time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.core.SetDeadline(c, d)
		c.Next()
	}
}

// maxKeyBytes bounds an Idempotency-Key.
const maxKeyBytes = 128

func (a *API) idempotent(c *gin.Context) error {
	values := c.Request.Header.Values("Idempotency-Key")
	if len(values) != 1 || !goodKey(values[0]) {
		return problem.KeyMissing.Fault()
	}
	rest.SetKey(c, values[0])
	return nil
}

func goodKey(key string) bool {
	if len(key) < 1 || len(key) > maxKeyBytes {
		return false
	}
	for i := 0; i < len(key); i++ {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}

// method is the request's method when it is a usual one, for a caller may invent any.
func method(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions:
		return m
	default:
		return "other"
	}
}
