package rest

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/table"
)

// Handler answers a request, or returns the error that the adapter answers as a problem.
type Handler func(c *gin.Context) error

// What a request carries from one handler to the next.
const (
	ctxRequest   = "request"
	ctxPrincipal = "principal"
	ctxKey       = "idempotency-key"
	ctxTx        = "tx"
	ctxRoute     = "route"
	ctxPlace     = "place"
)

// RetryAfter is what a caller is told to wait when the trouble is expected to pass.
const RetryAfter = 2 * time.Second

// Handle is the one adapter between gin and the handlers.
func (s *Core) Handle(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers with the problem that an error is. Errors that are not the caller's are logged, and their text goes to the
// log only.
func (s *Core) fail(c *gin.Context, err error) {
	d := problem.Of(err)
	if d.Status >= http.StatusInternalServerError {
		s.Log.ErrorContext(c.Request.Context(), "request failed", "request", RequestID(c), "route", RouteName(c),
			"status", d.Status, "tx", d.TxID, "error", err.Error())
	}
	s.Respond(c, d)
}

// Respond writes a problem and ends the request.
func (s *Core) Respond(c *gin.Context, d problem.Document) {
	d.Instance = "urn:uuid:" + RequestID(c)
	if r := routeOf(c); r != nil && !r.declares(d.Type) {
		s.Log.WarnContext(c.Request.Context(), "a route answered with a problem that it does not declare",
			"request", RequestID(c), "route", RouteName(c), "kind", d.Type)
	}
	if passes(&d) && c.Writer.Header().Get("Retry-After") == "" {
		c.Header("Retry-After", strconv.Itoa(int(RetryAfter.Seconds())))
	}
	if d.Type == problem.LookUpsSpent.URI() {
		c.Header("Retry-After", strconv.Itoa(int(s.Readings.NextDay().Seconds())+1))
	}
	if d.TxID != "" {
		c.Set(ctxTx, d.TxID)
	}
	c.Abort()
	writeJSON(c, d.Status, "application/problem+json", d)
}

// passes reports whether the trouble is expected to pass without the caller changing anything.
func passes(d *problem.Document) bool {
	return d.Status == http.StatusServiceUnavailable || d.Status == http.StatusInsufficientStorage || d.Type == problem.NotYet.URI()
}

// Begin gives a request its name.
func Begin(c *gin.Context, id string) { c.Set(ctxRequest, id) }

// RequestID names a request in the log and in its problem.
func RequestID(c *gin.Context) string { return c.GetString(ctxRequest) }

// SetCaller says who calls.
func SetCaller(c *gin.Context, p auth.Principal) { c.Set(ctxPrincipal, p) }

// Caller is the principal who calls; empty where none is needed.
func Caller(c *gin.Context) auth.Principal {
	p, _ := c.Get(ctxPrincipal)
	principal, _ := p.(auth.Principal)
	return principal
}

// SetKey keeps the request's Idempotency-Key.
func SetKey(c *gin.Context, key string) { c.Set(ctxKey, key) }

// SetPlace keeps how a request gives back its place among those that are worked on.
func SetPlace(c *gin.Context, giveBack func()) { c.Set(ctxPlace, giveBack) }

// GivePlaceBack is for a request of which only the end of what it began is awaited: another one may be worked on.
func GivePlaceBack(c *gin.Context) {
	place, _ := c.Get(ctxPlace)
	if giveBack, ok := place.(func()); ok {
		giveBack()
	}
}

// TxID is the transaction of a request's act, "" without one.
func TxID(c *gin.Context) string { return c.GetString(ctxTx) }

// RouteName is the route's template; all paths that match none have one name.
func RouteName(c *gin.Context) string {
	if r := c.FullPath(); r != "" {
		return r
	}
	return "unmatched"
}

// HeadOnly reports whether only the headers of the answer are wanted.
func HeadOnly(c *gin.Context) bool { return c.Request.Method == http.MethodHead }

// SetDeadline bounds the time for reading the request and writing the answer. Deadlines outlive a request on its
// connection, so every request gets its own.
func (s *Core) SetDeadline(c *gin.Context, d time.Duration) {
	rc := http.NewResponseController(c.Writer)
	// A writer without deadlines, as in tests, is no reason to refuse.
	_ = rc.SetReadDeadline(time.Now().Add(d))
	_ = rc.SetWriteDeadline(time.Now().Add(d + QueueTime + s.ActTime))
}

// KeepOpen is for answers that last: when a read deadline passes, the server takes the caller for gone.
func KeepOpen(rc *http.ResponseController) { _ = rc.SetReadDeadline(time.Time{}) }

// Route is one path with one method, as the list of routes declares it.
type Route struct {
	Method, Path string
	Columns      []table.Head // of a list that is also given as a file
	Query        []Parameter  // what the query may say; anything else is refused
	AnyQuery     bool         // the query is not looked at
	Statuses     []int        // of answers that are not problems
	Problems     []*problem.Kind
}

// Declare lets the adapter know what the route declares.
func (r *Route) Declare(c *gin.Context) { c.Set(ctxRoute, r) }

// CheckQuery parses the query and refuses what the route does not declare.
func (r *Route) CheckQuery(c *gin.Context) error {
	if r.AnyQuery {
		return nil
	}
	return readQuery(c, r.Query)
}

func routeOf(c *gin.Context) *Route {
	v, _ := c.Get(ctxRoute)
	r, _ := v.(*Route)
	return r
}

func (r *Route) declares(uri string) bool {
	return slices.ContainsFunc(r.Problems, func(k *problem.Kind) bool { return k.URI() == uri })
}
