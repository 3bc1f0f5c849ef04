package httpapi

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/auth"
)

// What a request carries from one handler to the next.
const (
	ctxRequest   = "request"
	ctxPrincipal = "principal"
	ctxKey       = "idempotency-key"
	ctxTx        = "tx"
)

// observe gives the request its name, and afterwards counts and logs it: the route's template, never the path, and
// nothing of query or body.
func (a *API) observe(c *gin.Context) {
	started := time.Now()
	c.Set(ctxRequest, newID())
	h := c.Writer.Header()
	h.Set("X-Request-Id", requestID(c))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	a.setDeadline(c, a.bodyTime)
	a.metrics.inFlight.Inc()
	defer a.metrics.inFlight.Dec()
	c.Next()
	took := time.Since(started)
	a.metrics.observe(method(c), route(c), c.Writer.Status(), took)
	a.log.InfoContext(c.Request.Context(), "request", "request", requestID(c), "method", method(c), "route", route(c),
		"status", c.Writer.Status(), "duration_ms", took.Milliseconds(), "principal", caller(c).Name, "tx", c.GetString(ctxTx))
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
		a.log.ErrorContext(c.Request.Context(), "handler panicked", "request", requestID(c), "route", route(c),
			"error", text, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			a.respond(c, problem(kindInternal, ""), nil)
		}
		c.Abort()
	}()
	c.Next()
}

// deadline gives a request another time than the usual one.
func (a *API) deadline(d time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		a.setDeadline(c, d)
		c.Next()
	}
}

// setDeadline bounds the time for reading the request and writing the answer. Deadlines outlive a request on its
// connection, so every request gets its own.
func (a *API) setDeadline(c *gin.Context, d time.Duration) {
	rc := http.NewResponseController(c.Writer)
	// A writer without deadlines, as in tests, is no reason to refuse.
	_ = rc.SetReadDeadline(time.Now().Add(d))
	_ = rc.SetWriteDeadline(time.Now().Add(d + queueTime + a.ActTime))
}

// keepOpen is for answers that last: the server takes a read deadline that passes for a caller who is gone.
func keepOpen(rc *http.ResponseController) { _ = rc.SetReadDeadline(time.Time{}) }

func (a *API) authenticate(c *gin.Context) {
	p, err := a.Auth.Request(c.Request)
	if err != nil {
		c.Header("WWW-Authenticate", `Bearer realm="relieftrail"`)
		a.fail(c, kindUnauthenticated.detail(kindUnauthenticated.help))
		return
	}
	c.Set(ctxPrincipal, p)
	c.Next()
}

// maxKeyBytes bounds an Idempotency-Key.
const maxKeyBytes = 128

func (a *API) idempotent(c *gin.Context) {
	values := c.Request.Header.Values("Idempotency-Key")
	if len(values) != 1 || !goodKey(values[0]) {
		a.fail(c, kindKeyMissing.detail(kindKeyMissing.help))
		return
	}
	c.Set(ctxKey, values[0])
	c.Next()
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

// queueFactor is how many writes may be there, worked on or waiting, for each that is worked on; queueTime how long
// one may wait. A burst is smoothed, an overload is refused.
const (
	queueFactor = 33
	queueTime   = 10 * time.Second
)

// gate has a place for each request being worked on, and in queue one for each of those and of the waiting ones.
type gate struct{ places, queue chan struct{} }

func newGate(places int) gate {
	return gate{make(chan struct{}, places), make(chan struct{}, places*queueFactor)}
}

// admit lets in as many requests as the gate has places and has some more wait; the others are told to come back, before
// anything of them is read.
func (a *API) admit(g gate) gin.HandlerFunc {
	return func(c *gin.Context) {
		select {
		case g.queue <- struct{}{}:
			defer func() { <-g.queue }()
		default:
			a.fail(c, kindOverloaded.detail(kindOverloaded.help))
			return
		}
		wait := time.NewTimer(queueTime)
		defer wait.Stop()
		select {
		case g.places <- struct{}{}:
			defer func() { <-g.places }()
			c.Next()
		case <-wait.C:
			a.fail(c, kindOverloaded.detail(kindOverloaded.help))
		case <-c.Request.Context().Done():
			c.Abort()
		}
	}
}

func caller(c *gin.Context) auth.Principal {
	p, _ := c.Get(ctxPrincipal)
	principal, _ := p.(auth.Principal)
	return principal
}

func requestID(c *gin.Context) string { return c.GetString(ctxRequest) }

// route is the route's template; what matched none has one name for all.
func route(c *gin.Context) string {
	if r := c.FullPath(); r != "" {
		return r
	}
	return "unmatched"
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

// newID makes a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return uuid(b)
}

// uuid writes 16 bytes as a UUID (RFC 9562, version 4).
func uuid(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func writeJSON(c *gin.Context, status int, contentType string, v any) {
	b, err := json.Marshal(v)
	if err != nil { // the types here all marshal
		c.Status(http.StatusInternalServerError)
		return
	}
	c.Data(status, contentType, append(b, '\n'))
}
