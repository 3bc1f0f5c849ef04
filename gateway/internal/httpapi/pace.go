package httpapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
)

const (
	// idleTime is how long the sender of a file may send nothing.
	idleTime = 30 * time.Second
	// slowest is the least speed of a file, in bytes a second, after idleTime: that of a poor mobile connection.
	slowest = 4 << 10
)

// paced bounds how slowly a file may come: its sender holds a place meanwhile.
func (a *API) paced(c *gin.Context) {
	now := time.Now()
	c.Request.Body = &pacedBody{
		body: c.Request.Body, control: http.NewResponseController(c.Writer), began: now, end: now.Add(rest.UploadTime), idle: a.idleTime,
	}
	c.Next()
}

// pacedBody sets a deadline for each reading.
type pacedBody struct {
	body       io.ReadCloser
	control    *http.ResponseController
	began, end time.Time
	idle       time.Duration
	bytes      int64
}

// Read is cut off when nothing comes for the idle time, when the file comes too slowly on the whole, or at the end of its time:
// then the file is taken for one that its sender has not sent to its end.
func (p *pacedBody) Read(b []byte) (int, error) {
	deadline := time.Now().Add(p.idle)
	for _, other := range []time.Time{p.end, p.began.Add(p.idle + time.Duration(p.bytes)*time.Second/slowest)} {
		if other.Before(deadline) {
			deadline = other
		}
	}
	_ = p.control.SetReadDeadline(deadline) // a writer without deadlines, as in tests, is no reason to refuse
	n, err := p.body.Read(b)
	p.bytes += int64(n)
	switch {
	case errors.Is(err, io.EOF): // a deadline that passes from now on would take the sender for gone
		_ = p.control.SetReadDeadline(p.end)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (p *pacedBody) Close() error { return p.body.Close() }
