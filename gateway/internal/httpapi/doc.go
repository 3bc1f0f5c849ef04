// Package httpapi is the gateway's REST interface: what a path means is in openapi.yaml, who may call it and how it may be
// answered in routes.go, the one list of routes. The handlers are in a package for each subject (records, casework, bankapi,
// public, uploads); what they share is in rest, and how a refusal looks in problem. Rules of the regulation are not here: the
// contracts decide.
package httpapi
