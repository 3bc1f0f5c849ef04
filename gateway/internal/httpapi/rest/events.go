package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// EventStream is the media type of server-sent events (HTML Living Standard, 9.2).
const EventStream = "text/event-stream"

// eventTime is how long a caller of a stream may take to read one event.
const eventTime = 30 * time.Second

// Events is an answer of server-sent events.
type Events struct {
	c  *gin.Context
	rc *http.ResponseController
}

// BeginEvents begins the answer with its headers.
func BeginEvents(c *gin.Context) *Events {
	c.Header("Content-Type", EventStream+"; charset=utf-8")
	c.Header("Cache-Control", "no-store")
	c.Header("X-Accel-Buffering", "no")
	e := &Events{c, http.NewResponseController(c.Writer)}
	if !HeadOnly(c) {
		KeepOpen(e.rc)
		c.Status(http.StatusOK)
	}
	return e
}

// Send reports whether an event was sent; a caller who is gone asks again, with the id of the last event that they have.
func (e *Events) Send(id, event string, data any) bool {
	b, err := json.Marshal(data)
	return err == nil && e.write("id: %s\nevent: %s\ndata: %s\n\n", id, event, b)
}

// Retry tells the caller how long to wait before they ask again.
func (e *Events) Retry(wait time.Duration) bool { return e.write("retry: %d\n\n", wait.Milliseconds()) }

// Heartbeat keeps the connection from being taken for a dead one. No event comes of it.
func (e *Events) Heartbeat() bool { return e.write(":\n\n") }

func (e *Events) write(format string, args ...any) bool {
	_ = e.rc.SetWriteDeadline(time.Now().Add(eventTime))
	if _, err := fmt.Fprintf(e.c.Writer, format, args...); err != nil {
		return false
	}
	return e.rc.Flush() == nil
}
