package sessions

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
)

// Deps is what the handlers need.
type Deps struct {
	Auth     *auth.Authenticator
	Store    *session.Store     // nil: nobody signs in, as in tests
	NoTokens bool               // nobody signs in with a token
	Provider *provider.Provider // nil: there is none
	// Enter is the session of somebody whom the provider has signed in.
	Enter func(context.Context, provider.Person) (session.Session, error)
	// URL is where officials' browsers find this gateway, such as https://relief.example.cn; "": at the address that they ask.
	URL string
	// Self is who a caller is on the ledger, and the acts that are theirs.
	Self func(ctx context.Context, c *gin.Context) (relief.Official, []relief.Act, error)
	// Refused is the problem of a caller who is not let in.
	Refused func(error) error
}

// Handlers sign officials in and out.
type Handlers struct {
	core   *rest.Core
	d      Deps
	cookie string
	origin *http.CrossOriginProtection
}

// New makes the handlers.
func New(core *rest.Core, d Deps) (*Handlers, error) {
	h := &Handlers{core: core, d: d, cookie: "session-" + core.Organisation, origin: http.NewCrossOriginProtection()}
	if d.URL == "" {
		return h, nil
	}
	u, err := url.Parse(d.URL)
	if err != nil {
		return nil, err
	}
	return h, h.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host) // a proxy may ask under another name of the host
}

// credentials are what the form of a network of tests sends.
type credentials struct {
	Token string `json:"token"`
}

// document says who has signed in.
type document struct {
	Official string          `json:"official"` // the name on the ledger
	Agency   string          `json:"agency"`   // MSP id
	Name     string          `json:"name"`     // for pages: what the provider calls the official; otherwise the name on the ledger
	Role     string          `json:"role"`
	Duties   []relief.Act    `json:"duties"`
	Regions  []relief.Region `json:"regions"` // the official's, and the ended ones that it has succeeded
	CSRF     string          `json:"csrf"`    // goes into X-CSRF-Token of whatever writes
	Ends     time.Time       `json:"ends"`    // when nothing more is asked
}

// Begin opens a session for a token.
func (h *Handlers) Begin(c *gin.Context) error {
	if err := h.sameOrigin(c.Request); err != nil {
		return err
	}
	if h.d.NoTokens {
		return problem.SignInRefused.Because("本网关不接受令牌登录，请使用统一身份认证。", "Nobody signs in with a token here: use the agency's provider.")
	}
	var shown credentials
	if err := h.core.ReadBody(c, &shown); err != nil {
		return err
	}
	p, hash, err := h.d.Auth.Token(shown.Token)
	if err != nil {
		return h.d.Refused(err)
	}
	rest.SetCaller(c, p)
	doc, err := h.open(c, session.Session{Principal: p.Name, Token: hash})
	if err != nil {
		return err
	}
	return rest.JSONStatus(c, http.StatusCreated, doc)
}

// open opens a session for an official who is registered on the ledger, and sets its cookie.
func (h *Handlers) open(c *gin.Context, s session.Session) (doc document, err error) {
	if doc, err = h.describe(c, &s); err != nil {
		return doc, err
	}
	if earlier, ok := h.secret(c.Request); ok {
		h.d.Store.End(earlier)
	}
	secret, s, err := h.d.Store.Begin(s)
	if err != nil {
		return doc, err
	}
	h.core.Log.InfoContext(c.Request.Context(), "an official has signed in", "request", rest.RequestID(c), "principal", s.Principal)
	doc.CSRF, doc.Ends = session.CSRF(secret), h.ends(&s)
	h.setCookie(c, secret)
	return doc, nil
}

// describe says who a session's official is, all but what belongs to the session.
func (h *Handlers) describe(c *gin.Context, s *session.Session) (doc document, err error) {
	if err := h.core.CaughtUp(c); err != nil {
		return doc, err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), rest.ReadTime)
	defer cancel()
	by, acts, err := h.d.Self(ctx, c)
	if err != nil {
		return doc, err
	}
	if s.Number != "" && s.Number != by.ID {
		return doc, problem.SignInRefused.Because("统一身份认证给出的工号与账本登记的不同。", "The provider gives another staff number than the ledger has.")
	}
	doc = document{Official: by.Name, Agency: by.Agency, Name: s.Called, Role: by.Role, Duties: acts, Regions: []relief.Region{by.Region}}
	if doc.Name == "" {
		doc.Name = by.Name
	}
	if by.Inherited != nil {
		doc.Regions = append(doc.Regions, *by.Inherited...)
	}
	return doc, nil
}

func (h *Handlers) ends(s *session.Session) time.Time {
	return h.d.Store.Ends(s).UTC().Truncate(time.Second)
}

// Show says who has signed in. It is no use of the session: a page may ask when the session ends without drawing it out.
func (h *Handlers) Show(c *gin.Context) error {
	secret, s, err := h.find(c.Request)
	if err != nil {
		return err
	}
	rest.SetCaller(c, auth.Principal{Name: s.Principal, MSPID: h.core.Organisation})
	doc, err := h.describe(c, &s)
	if err != nil {
		return err
	}
	doc.CSRF, doc.Ends = session.CSRF(secret), h.ends(&s)
	return rest.JSON(c, doc)
}

// End signs an official out. Without an open session there is nothing to end.
func (h *Handlers) End(c *gin.Context) error {
	if secret, ok := h.secret(c.Request); ok {
		if s, _, err := h.d.Store.Find(secret, false); err == nil {
			if err := h.mayWrite(c.Request, secret); err != nil {
				return err
			}
			rest.SetCaller(c, auth.Principal{Name: s.Principal, MSPID: h.core.Organisation})
			h.d.Store.End(secret)
		}
	}
	h.setCookie(c, "")
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// find gives the open session of a request's cookie.
func (h *Handlers) find(r *http.Request) (secret string, s session.Session, err error) {
	secret, ok := h.secret(r)
	if !ok {
		return "", s, h.d.Refused(session.ErrNone)
	}
	if s, _, err = h.d.Store.Find(secret, false); err != nil {
		return "", s, h.d.Refused(err)
	}
	return secret, s, h.fromOwnPage(r)
}

// errEnded ends the requests of a session that has ended.
var errEnded = errors.New("the session has ended")

// Authenticate lets in a request with a session's cookie. The request ends with the session.
func (h *Handlers) Authenticate(c *gin.Context) (auth.Principal, error) {
	secret, ok := h.secret(c.Request)
	if !ok {
		return auth.Principal{}, h.d.Refused(session.ErrNone)
	}
	s, ended, err := h.d.Store.Find(secret, used(c.Request))
	if err != nil {
		return auth.Principal{}, h.d.Refused(err)
	}
	if err := h.fromOwnPage(c.Request); err != nil {
		return auth.Principal{}, err
	}
	if !safe(c.Request.Method) {
		if err := h.mayWrite(c.Request, secret); err != nil {
			return auth.Principal{}, err
		}
	}
	ctx, cancel := context.WithCancelCause(c.Request.Context())
	stop := context.AfterFunc(ended, func() { cancel(errEnded) })
	context.AfterFunc(ctx, func() { stop() })
	c.Request = c.Request.WithContext(ctx)
	return auth.Principal{Name: s.Principal, MSPID: h.core.Organisation}, nil
}

// used reports whether somebody asks, and not the page by itself: a stream of events is opened again and again, and what a page
// asks for in the background it marks.
func used(r *http.Request) bool {
	return r.Header.Get("X-Unattended") == "" && !strings.Contains(r.Header.Get("Accept"), rest.EventStream)
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// mayWrite refuses a request that the session's own pages have not made.
func (h *Handlers) mayWrite(r *http.Request, secret string) error {
	if err := h.sameOrigin(r); err != nil {
		return err
	}
	if !session.IsCSRF(secret, r.Header.Get("X-CSRF-Token")) {
		return problem.CrossSite.Because("缺少有效的 X-CSRF-Token，其值见 GET /session 的 csrf。",
			"X-CSRF-Token is missing or not the session's: GET /session has it as csrf.")
	}
	return nil
}

func (h *Handlers) sameOrigin(r *http.Request) error {
	if h.origin.Check(r) != nil {
		return problem.CrossSite.Fault()
	}
	return nil
}

// OwnPage refuses what a page of another origin has a browser ask for.
func (h *Handlers) OwnPage(r *http.Request) error {
	if err := h.sameOrigin(r); err != nil {
		return err
	}
	return h.fromOwnPage(r)
}

// fromOwnPage refuses what a page of another site, or of another port of this host, asks for with the cookie, reading too.
func (h *Handlers) fromOwnPage(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return nil
	}
	return problem.CrossSite.Fault()
}
