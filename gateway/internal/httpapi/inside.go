package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/yearexport"
)

// insideKey is that of the principal in whose name the gateway itself asks. A request from outside cannot have one.
type insideKey struct{}

// insider is the principal of a request that the gateway itself makes.
func insider(r *http.Request) (p auth.Principal, inside bool) {
	p, inside = r.Context().Value(insideKey{}).(auth.Principal)
	return p, inside
}

// enterInside lets a request of the gateway's own in: the principal has shown a token before, and may still act.
func (a *API) enterInside(c *gin.Context, p auth.Principal) error {
	if a.deps.Standing != nil {
		if err := a.deps.Standing.Check(p.Name); err != nil {
			return unauthenticated(err)
		}
	}
	rest.SetCaller(c, p)
	c.Request = c.Request.WithContext(a.core.Reached(c))
	return nil
}

// Fetch asks for a list as a file in an official's name. Everything that holds for their own request holds for this one: standing,
// duties, region, and the record of readings; only the number of requests a second does not.
func (a *API) Fetch(ctx context.Context, principal, target string, out io.Writer) (fetched yearexport.Fetched, err error) {
	identity, known := a.core.Ledger.Identity(principal)
	if !known {
		return fetched, refused(problem.Forbidden.Document())
	}
	ctx = context.WithValue(ctx, insideKey{}, auth.Principal{Name: principal, MSPID: identity.MSPID})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return fetched, err
	}
	w := &insideAnswer{header: http.Header{}, out: out}
	if !a.serveInside(w, r) {
		return fetched, &yearexport.Refused{Reason: "清单读取中断。 · The list was cut off.", Passing: true}
	}
	if w.status != http.StatusOK {
		var d problem.Document
		if err := json.Unmarshal(w.problem.Bytes(), &d); err != nil {
			return fetched, err
		}
		return fetched, refused(d)
	}
	if fetched.Rows, err = strconv.Atoi(w.header.Get(rest.RowsTrailer)); err != nil {
		return fetched, errors.New("a file has no number of rows")
	}
	fetched.Block, _ = strconv.ParseUint(w.header.Get(rest.BlockHeader), 10, 64) // none: the ledger has no block
	fetched.LastBlock = max(a.core.Index.Height(), 1) - 1
	return fetched, nil
}

// serveInside reports whether the answer is whole.
func (a *API) serveInside(w http.ResponseWriter, r *http.Request) (whole bool) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
		}
	}()
	a.inside.ServeHTTP(w, r)
	return true
}

func refused(d problem.Document) error {
	reason := d.Title
	if d.Detail != "" {
		reason = d.Detail
	}
	return &yearexport.Refused{Reason: reason, Passing: d.Status == http.StatusServiceUnavailable || d.Status == http.StatusTooManyRequests}
}

// insideAnswer takes an answer of the gateway to itself: what is asked for goes on as it comes, a problem is kept.
type insideAnswer struct {
	header  http.Header
	status  int
	out     io.Writer
	problem bytes.Buffer
}

func (w *insideAnswer) Header() http.Header { return w.header }

func (w *insideAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write sends a piece.
func (w *insideAnswer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.status == http.StatusOK {
		return w.out.Write(b)
	}
	return w.problem.Write(b)
}
