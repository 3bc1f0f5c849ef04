package public

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/limit"
	"relieftrail/gateway/internal/httpapi/problem"
)

// Limited refuses an address that asks too often.
func (h *Handlers) Limited(c *gin.Context) error {
	wait := h.limiter.Wait(c.ClientIP())
	if wait <= 0 {
		return nil
	}
	c.Header("Retry-After", limit.RetryAfter(wait))
	return problem.TooMany.Fault()
}

// CORS lets pages elsewhere ask what anybody may ask. Nothing of it takes credentials.
func (h *Handlers) CORS(c *gin.Context) {
	path := c.Request.URL.Path
	origin := c.GetHeader("Origin")
	if origin == "" || !strings.HasPrefix(path, "/public/") && !strings.HasPrefix(path, PaymentsPath+"/") && !strings.HasPrefix(path, StatementsPath+"/") {
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
		if wait := h.limiter.Wait(c.ClientIP()); wait > 0 {
			header.Set("Retry-After", limit.RetryAfter(wait))
			c.AbortWithStatus(http.StatusTooManyRequests)
			return
		}
		header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		header.Set("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
		header.Set("Access-Control-Max-Age", "86400")
		c.AbortWithStatus(http.StatusNoContent)
		return
	}
	c.Next()
}
