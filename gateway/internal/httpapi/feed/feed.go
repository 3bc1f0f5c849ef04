package feed

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// Index is what the feed is read from, as far as the caller may read it.
type Index interface {
	Feed(ctx context.Context, q reach.FeedQuery, after index.FeedPlace, limit int) (reach.FeedPage, index.FeedPlace, error)
}

// Handlers answer the feed.
type Handlers struct {
	core     *rest.Core
	index    Index
	stopping <-chan struct{}
}

// New makes the handlers. stopping is closed when the gateway ends: streams end with it.
func New(core *rest.Core, ix Index, stopping <-chan struct{}) *Handlers {
	return &Handlers{core, ix, stopping}
}

var kindPattern = regexp.MustCompile(`^[a-z_]{1,30}$`)

// The query parameters of the feed.
var (
	Since  = rest.NewParam("since", index.ParseFeedPlace)
	ByKind = rest.NewParam("kind", func(text string) (string, error) {
		if !kindPattern.MatchString(text) {
			return "", relief.FieldErrorf("kind", "a kind of record is written as in a trail, such as batch")
		}
		return text, nil
	})
)

// lastEventID is what a client of server-sent events sends when it asks again.
const lastEventID = "Last-Event-ID"

const (
	heartbeat  = 15 * time.Second // the longest silence of a stream
	retryAfter = 3 * time.Second  // how long a client waits before it asks again
	// streamTime is how long a stream lasts. Then the client asks again, and shows its token again.
	streamTime = 15 * time.Minute
	// eventPage is how many records a stream reads at a time.
	eventPage = 200
)

// Feed answers with a page of the feed, or with the stream of it.
func (h *Handlers) Feed(c *gin.Context) error {
	format, err := rest.Accept(c, rest.JSONType, rest.EventStream)
	if err != nil {
		return err
	}
	q := reach.FeedQuery{Region: records.ByRegion.In(c), Kind: ByKind.In(c), Act: records.ByAct.In(c), Agency: records.ByAgency.In(c)}
	after := Since.In(c)
	if format == rest.JSONType {
		return h.core.Reading(relief.ActRead, func(ctx context.Context, c *gin.Context) error {
			page, _, err := h.index.Feed(ctx, q, after, h.core.PageSize(c))
			if err != nil {
				return err
			}
			return rest.JSON(c, page)
		})(c)
	}
	if text := c.GetHeader(lastEventID); text != "" {
		if after, err = index.ParseFeedPlace(text); err != nil {
			return problem.OfField(lastEventID, "Last-Event-ID 须为变更流给出的位置。", "Last-Event-ID is a place that the feed gave.")
		}
	}
	return h.stream(c, q, after)
}

// stream sends an event for each record that was written and is wanted, and one for each stretch of the ledger that was read, so that a client that
// asks again does not have it read again. Whether the caller still may read is asked for each page.
func (h *Handlers) stream(c *gin.Context, q reach.FeedQuery, after index.FeedPlace) error {
	page, after, err := h.read(c, q, after)
	if err != nil {
		return err
	}
	principal := rest.Caller(c).Name
	if !h.core.Streams.Begin(principal) {
		return problem.TooMany.Because("同时打开的事件流过多。", "Too many streams are open at a time.")
	}
	defer h.core.Streams.End(principal)
	rest.GivePlaceBack(c)
	events := rest.BeginEvents(c)
	if rest.HeadOnly(c) || !events.Retry(retryAfter) {
		return nil
	}
	end := time.NewTimer(streamTime)
	defer end.Stop()
	for send(events, &page) {
		if !page.More && !h.wait(c, events, end.C, after) {
			return nil
		}
		if page, after, err = h.read(c, q, after); err != nil {
			return nil //nolint:nilerr // the answer has begun: the client asks again and is told
		}
	}
	return nil
}

// read reads a page of a stream, as a request of its own would.
func (h *Handlers) read(c *gin.Context, q reach.FeedQuery, after index.FeedPlace) (page reach.FeedPage, reached index.FeedPlace, err error) {
	err = h.core.Reading(relief.ActRead, func(ctx context.Context, _ *gin.Context) error {
		page, reached, err = h.index.Feed(ctx, q, after, eventPage)
		return err
	})(c)
	return page, reached, err
}

// send reports whether a page was sent.
func send(events *rest.Events, page *reach.FeedPage) bool {
	for i := range page.Items {
		if !events.Send(page.Items[i].Place, "written", &page.Items[i]) {
			return false
		}
	}
	if page.More && len(page.Items) > 0 {
		return true
	}
	return events.Send(page.Next, "read", struct {
		Next string `json:"next"`
	}{page.Next})
}

// wait returns true when there are further blocks, and false when the stream is to end.
func (h *Handlers) wait(c *gin.Context, events *rest.Events, end <-chan time.Time, after index.FeedPlace) bool {
	next := after.Block + 1
	if after == (index.FeedPlace{}) {
		next = 0
	}
	for {
		ctx, cancel := context.WithTimeout(c.Request.Context(), heartbeat)
		arrived := make(chan error, 1)
		go func() { arrived <- h.core.Index.WaitFor(ctx, next) }()
		var err error
		select {
		case err = <-arrived:
		case <-end:
			err = errEnd
		case <-h.stopping:
			err = errEnd
		}
		cancel()
		switch {
		case err == nil:
			return true
		case errors.Is(err, errEnd) || c.Request.Context().Err() != nil || !events.Heartbeat():
			return false
		}
	}
}

var errEnd = errors.New("the stream ends")
