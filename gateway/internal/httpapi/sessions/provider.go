package sessions

import (
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
)

// ways are how officials sign in at this gateway.
type ways struct {
	Token    bool   `json:"token"`              // POST /session
	Provider string `json:"provider,omitempty"` // where a browser goes to sign in with the agency's provider
}

// Ways says how officials sign in here.
func (h *Handlers) Ways(c *gin.Context) error {
	w := ways{Token: !h.d.NoTokens}
	if h.d.Provider != nil {
		w.Provider = "/session/start"
	}
	return rest.JSON(c, w)
}

// To is the page to which an official comes after signing in.
var To = rest.NewParam("to", func(text string) (string, error) {
	if !ownPage.MatchString(text) {
		return "", problem.OfField("to", "to 须为本网关的页面地址，如 /desk。", "The address must be that of a page of this gateway, such as /desk.")
	}
	return text, nil
})

// ownPage matches the path of a page. Nothing in it leads to another host, and it has no query.
var ownPage = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){1,8}$`)

// firstPage is where an official comes without To.
const firstPage = "/desk"

// attemptSeconds is how long an official may take to sign in with the provider.
const attemptSeconds = 600

// Start sends the browser to the agency's provider.
func (h *Handlers) Start(c *gin.Context) error {
	if h.d.Provider == nil {
		return problem.NotFound.Because("本网关未接入统一身份认证。", "This gateway has no provider.")
	}
	attempt := provider.NewAttempt()
	address, err := h.d.Provider.Start(attempt)
	if err != nil {
		return h.d.Refused(err)
	}
	to := To.In(c)
	if to == "" {
		to = firstPage
	}
	h.setAttempt(c, attempt.Secret()+"."+base64.RawURLEncoding.EncodeToString([]byte(to)), attemptSeconds)
	c.Redirect(http.StatusSeeOther, address)
	return nil
}

// Page shows a browser the page of a problem, and anybody else the problem.
func (h *Handlers) Page(finish rest.Handler) rest.Handler {
	return func(c *gin.Context) error {
		err := finish(c)
		if err == nil || !strings.Contains(c.GetHeader("Accept"), "text/html") {
			return err
		}
		c.Redirect(http.StatusSeeOther, problem.Of(err).Type)
		return nil
	}
}

// Finish takes an official back from the provider.
func (h *Handlers) Finish(c *gin.Context) error {
	if h.d.Provider == nil {
		return problem.NotFound.Because("本网关未接入统一身份认证。", "This gateway has no provider.")
	}
	attempt, to, ok := h.attempt(c.Request)
	h.setAttempt(c, "", -1) // whatever comes of it: an attempt is made once
	if !ok {
		return h.d.Refused(errNoAttempt)
	}
	s, err := h.enter(c, attempt)
	if err != nil {
		h.core.Log.InfoContext(c.Request.Context(), "an official was not signed in", "request", rest.RequestID(c), "error", err)
		return h.d.Refused(err)
	}
	rest.SetCaller(c, auth.Principal{Name: s.Principal, MSPID: h.core.Organisation})
	if _, err := h.open(c, s); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// errNoAttempt is the answer to a browser that has not begun here, or has taken too long.
var errNoAttempt = errors.Join(provider.ErrRefused, errors.New("the browser has begun no attempt"))

func (h *Handlers) enter(c *gin.Context, attempt provider.Attempt) (s session.Session, err error) {
	person, err := h.d.Provider.Finish(c.Request.Context(), attempt, c.Request.URL.Query())
	if err != nil {
		return s, err
	}
	return h.d.Enter(c.Request.Context(), person)
}

// attemptName is the name of the cookie that an attempt belongs to. It comes along when the provider sends the browser back, from another
// site: SameSite is Lax.
func (h *Handlers) attemptName(r *http.Request) string { return h.name(r) + "-attempt" }

func (h *Handlers) setAttempt(c *gin.Context, value string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure over TLS; plain HTTP is for loopback addresses only
		Name: h.attemptName(c.Request), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: h.secure(c.Request),
		SameSite: http.SameSiteLaxMode,
	})
}

// attempt is the attempt that a browser has begun, and where it wants to go.
func (h *Handlers) attempt(r *http.Request) (a provider.Attempt, to string, ok bool) {
	cookies := r.CookiesNamed(h.attemptName(r))
	if len(cookies) != 1 {
		return a, "", false
	}
	secret, page, _ := strings.Cut(cookies[0].Value, ".")
	text, err := base64.RawURLEncoding.DecodeString(page)
	if a, ok = provider.ReadAttempt(secret); !ok || err != nil || !ownPage.Match(text) {
		return a, "", false
	}
	return a, string(text), true
}
