package httpapi

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/table"
)

// route is a line of the list of routes.
type route struct {
	rest.Route
	on     Listener          // that answers it
	before []gin.HandlerFunc // in the order in which they run
	handle rest.Handler
}

// group is routes that the same callers may call and that share what comes before their handlers.
type group struct {
	api      *API
	on       Listener
	before   []gin.HandlerFunc
	problems []*problem.Kind
}

// at is the group on other listeners.
func (g group) at(on Listener) group {
	g.on = on
	return g
}

// with is the group with more before its handlers.
func (g group) with(before ...gin.HandlerFunc) group {
	g.before = append(slices.Clip(g.before), before...)
	return g
}

// fails is the group with more problems that its routes may answer with.
func (g group) fails(kinds ...[]*problem.Kind) group {
	g.problems = append(slices.Clip(g.problems), slices.Concat(kinds...)...)
	return g
}

// add puts a route on the list. It answers 200 unless it is said otherwise.
func (g group) add(method, path string, handle rest.Handler) *route {
	r := &route{Route: rest.Route{
		Method: method, Path: path, Statuses: []int{http.StatusOK}, Problems: slices.Clone(g.problems),
	}, on: g.on, before: g.before, handle: handle}
	g.api.list = append(g.api.list, r)
	return r
}

func (g group) get(path string, handle rest.Handler) *route {
	return g.add(http.MethodGet, path, handle)
}

func (g group) post(path string, handle rest.Handler) *route {
	return g.add(http.MethodPost, path, handle)
}

func (g group) put(path string, handle rest.Handler) *route {
	return g.add(http.MethodPut, path, handle)
}

func (g group) delete(path string, handle rest.Handler) *route {
	return g.add(http.MethodDelete, path, handle)
}

// file declares that the answer is also given as a file with these columns.
func (r *route) file(columns []table.Head) *route {
	r.Columns = columns
	return r.query(rest.Format, rest.Headers, rest.ByteOrder).fails(problem.NotAcceptable)
}

// query declares what the query may say.
func (r *route) query(parameters ...rest.Parameter) *route {
	r.Query = append(r.Query, parameters...)
	return r
}

// anyQuery has the query not looked at: for paths that people type, and that caches and monitors ask.
func (r *route) anyQuery() *route {
	r.AnyQuery = true
	return r
}

// answers declares the statuses of answers that are not problems.
func (r *route) answers(statuses ...int) *route {
	r.Statuses = statuses
	return r
}

// fails declares more problems that the route may answer with.
func (r *route) fails(kinds ...*problem.Kind) *route {
	r.Problems = append(r.Problems, kinds...)
	return r
}
