package reach

import (
	"context"
	"errors"

	"relieftrail/chaincode/relief"
)

// Caller is the official for whom something is read, and how far they may read.
type Caller struct {
	Official relief.Official
	relief.Reach
}

// Find finds the caller of a request. It is asked once a request, and only when something with a region is read.
type Find func(ctx context.Context) (Caller, error)

type key struct{}

// caller is what a context carries: who calls, once that is known.
type caller struct {
	find  Find
	found *Caller
}

// With is a context of a request whose caller find finds. Everything that is read with it is held to the caller's region.
func With(ctx context.Context, find Find) context.Context {
	return context.WithValue(ctx, key{}, &caller{find: find})
}

// Set says who the caller of a context made by With is, for those who have asked already.
func Set(ctx context.Context, c Caller) {
	if held, ok := ctx.Value(key{}).(*caller); ok {
		held.found = &c
	}
}

var errNobody = errors.New("a record is read for nobody: the context has no caller")

// Of is the caller of a context.
func Of(ctx context.Context) (Caller, error) {
	held, ok := ctx.Value(key{}).(*caller)
	if !ok {
		return Caller{}, errNobody
	}
	if held.found == nil {
		c, err := held.find(ctx)
		if err != nil {
			return Caller{}, err
		}
		held.found = &c
	}
	return *held.found, nil
}
