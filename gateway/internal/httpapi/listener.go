package httpapi

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/httpapi/limit"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// Listener is one of the gateway's addresses, or several of them. Each route names those that answer it.
type Listener uint8

// The listeners. They are one address unless the settings part them.
const (
	Public     Listener = 1 << iota // anybody: receipts, notices, the transparency log
	Internal                        // the agency's officials: /v1 and their pages
	Metrics                         // the operator's monitoring: health and metrics
	Everywhere = Public | Internal | Metrics
)

// Handler serves the routes of some listeners. Any other path is answered 404, as one that does not exist.
func (a *API) Handler(on Listener) (http.Handler, error) {
	engine, err := a.engine(on)
	if err != nil {
		return nil, err
	}
	return compressed(engine)
}

func (a *API) engine(on Listener) (*gin.Engine, error) {
	engine := gin.New()
	if err := engine.SetTrustedProxies(a.deps.Public.Settings.TrustedProxies); err != nil {
		return nil, err
	}
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"} // the one that the setting speaks of
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.RedirectFixedPath = false
	limited := a.core.Handle(a.limited)
	engine.Use(a.observe, a.recover, a.public.CORS)
	engine.NoRoute(limited, a.core.Handle(func(*gin.Context) error { return problem.NoPath.Fault() }))
	engine.NoMethod(limited, a.core.Handle(a.otherMethod(engine)))
	for _, r := range a.list {
		if r.on&on == 0 {
			continue
		}
		chain := []gin.HandlerFunc{r.Declare}
		chain = append(chain, r.before...)
		chain = append(chain, a.core.Handle(r.CheckQuery), a.core.Handle(r.handle))
		engine.Handle(r.Method, r.Path, chain...)
		if r.Method == http.MethodGet { // HEAD is answered where GET is
			engine.Handle(http.MethodHead, r.Path, append([]gin.HandlerFunc{withoutBody}, chain...)...)
		}
	}
	return engine, nil
}

// openFactor is how much more often an address may ask for pages, their files, health and the log than for what the limits of
// the settings are made for: a page has a dozen files, and the other agencies' gateways ask for the log all the time.
const openFactor = 10

// newOpenLimiter bounds what needs no account and costs little.
func newOpenLimiter(perSecond float64, burst int) *limit.ByAddress {
	return limit.NewByAddress(openFactor*perSecond, openFactor*burst)
}

// limited refuses an address that asks too often for what needs no account and costs little.
func (a *API) limited(c *gin.Context) error { return tooOften(c, a.opened.Wait(c.ClientIP())) }

// tooOften refuses an address that has to wait.
func tooOften(c *gin.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	c.Header("Retry-After", limit.RetryAfter(wait))
	return problem.TooMany.Fault()
}

// authenticate finds out who calls. An address that has shown too many wrong tokens waits, whatever it shows now: nobody
// tries tokens out.
func (a *API) authenticate(c *gin.Context) error {
	if p, inside := insider(c.Request); inside {
		return a.enterInside(c, p)
	}
	p, err := a.caller(c)
	if err != nil {
		return err
	}
	rest.SetCaller(c, p)
	c.Request = c.Request.WithContext(a.core.Reached(c))
	return nil
}

// caller is who shows a token, the cookie of a session, or a certificate. Nobody tries cookies out, which are of 256 bits, and a page that is left open
// asks with one that has ended: it is refused as often as it asks for pages, and locks out nobody else at its address.
func (a *API) caller(c *gin.Context) (p auth.Principal, err error) {
	address := c.ClientIP()
	if a.sessions.Bears(c.Request) {
		if p, err = a.sessions.Authenticate(c); err != nil {
			return p, cmp.Or(tooOften(c, a.opened.Wait(address)), err)
		}
		return p, nil
	}
	if err := tooOften(c, a.failed.Empty(address)); err != nil {
		return p, err
	}
	if p, err = a.deps.Auth.Request(c.Request); err != nil {
		a.failed.Wait(address)
		c.Header("WWW-Authenticate", `Bearer realm="relieftrail"`)
		return p, unauthenticated(err)
	}
	if c.GetHeader("Authorization") == "" { // a browser may show a certificate by itself, as it does a cookie
		return p, a.sessions.OwnPage(c.Request)
	}
	return p, nil
}

// attempt makes a handler of an attempt to sign in, for addresses of which not too many have failed.
func (a *API) attempt(signIn rest.Handler) rest.Handler {
	return func(c *gin.Context) error {
		address := c.ClientIP()
		if err := tooOften(c, a.failed.Empty(address)); err != nil {
			return err
		}
		err := signIn(c)
		if err != nil && problem.Of(err).Status < http.StatusInternalServerError {
			a.failed.Wait(address)
		}
		return err
	}
}
