package sessions

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// Bears reports whether a request comes with a session's cookie and no token: one with a token is its token's.
func (h *Handlers) Bears(r *http.Request) bool {
	if h.d.Store == nil || len(r.Header.Values("Authorization")) > 0 {
		return false
	}
	return len(r.CookiesNamed(h.name(r))) > 0
}

// secure reports whether the browser has come over TLS, to this gateway or to the proxy before it.
func (h *Handlers) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(h.d.URL, "https://")
}

// name is the cookie's. It has the agency in it, because browsers keep the cookies of all ports of a host together; over TLS its
// prefix has them refuse one that another host or plain HTTP has set (RFC 6265bis, 4.1.3).
func (h *Handlers) name(r *http.Request) string {
	if h.secure(r) {
		return "__Host-" + h.cookie
	}
	return h.cookie
}

// secret is what the cookie of a request holds. Two cookies of one name are nobody's.
func (h *Handlers) secret(r *http.Request) (secret string, ok bool) {
	if h.d.Store == nil {
		return "", false
	}
	cookies := r.CookiesNamed(h.name(r))
	if len(cookies) != 1 {
		return "", false
	}
	return cookies[0].Value, true
}

// setCookie gives the browser the secret, which ends with the browser at the latest; "" takes it away.
func (h *Handlers) setCookie(c *gin.Context, secret string) {
	cookie := &http.Cookie{ //nolint:gosec // Secure over TLS; plain HTTP is for loopback addresses only
		Name: h.name(c.Request), Value: secret, Path: "/", HttpOnly: true, Secure: h.secure(c.Request), SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.Writer, cookie)
}
