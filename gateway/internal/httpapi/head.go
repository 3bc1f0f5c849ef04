package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
)

// withoutBody answers HEAD: what a GET would answer, without its body (RFC 9110, 9.3.2). The handler runs as for GET, but for
// long answers, which end after their headers.
func withoutBody(c *gin.Context) {
	w := &headWriter{ResponseWriter: c.Writer}
	c.Writer = w
	c.Next()
	if h := w.Header(); !w.Written() && w.bytes > 0 && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.FormatInt(w.bytes, 10))
	}
}

// headWriter counts a body instead of sending it. The headers are sent when the handler is done.
type headWriter struct {
	gin.ResponseWriter
	bytes int64
}

func (w *headWriter) Write(b []byte) (int, error) {
	w.bytes += int64(len(b))
	return len(b), nil
}

func (w *headWriter) WriteString(s string) (int, error) {
	w.bytes += int64(len(s))
	return len(s), nil
}

// Flush sends nothing before the handler is done.
func (w *headWriter) Flush() {}

// Unwrap lets http.ResponseController set deadlines.
func (w *headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// otherMethod answers a method that a path does not take: OPTIONS with the methods that it takes, all others with a problem.
// The header Allow has the methods in both cases. They come from the list of routes: gin takes a path that has a place of its own
// beside a placeholder, such as /v1/reseals/waiting, for one of every method.
func (a *API) otherMethod(engine *gin.Engine) func(*gin.Context) error {
	return func(c *gin.Context) error {
		methods := methodsOf(engine.Routes(), c.Request.URL.Path)
		if len(methods) == 0 {
			c.Writer.Header().Del("Allow")
			return problem.NoPath.Fault()
		}
		methods = append(methods, http.MethodOptions)
		slices.Sort(methods)
		c.Header("Allow", strings.Join(methods, ", "))
		if c.Request.Method != http.MethodOptions {
			return problem.MethodNotAllowed.Fault()
		}
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
}

// methodsOf are the methods of the routes that a path fits.
func methodsOf(routes gin.RoutesInfo, path string) (methods []string) {
	parts := strings.Split(path, "/")
	for i := range routes {
		if fits(strings.Split(routes[i].Path, "/"), parts) && !slices.Contains(methods, routes[i].Method) {
			methods = append(methods, routes[i].Method)
		}
	}
	return methods
}

// fits reports whether a path is one of a template, such as /v1/jobs/:id or /work/*page.
func fits(template, path []string) bool {
	for i, part := range template {
		switch {
		case strings.HasPrefix(part, "*"):
			return true
		case i >= len(path) || part != path[i] && (path[i] == "" || !strings.HasPrefix(part, ":")):
			return false
		}
	}
	return len(template) == len(path)
}
