// Package rest is what the handlers of all subjects share: a handler returns an error and one adapter writes it as a problem,
// a route declares its query, a read waits for what its caller has written, and an act is done once. What single records
// mean is known to the subjects' packages only.
package rest
