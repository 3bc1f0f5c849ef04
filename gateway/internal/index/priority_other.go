//go:build !linux

package index

import "context"

func lowPriority() {}

type pace struct{}

func (*pace) rest(context.Context) {}
