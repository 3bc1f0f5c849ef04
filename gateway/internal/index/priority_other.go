//go:build !linux

package index

func lowPriority() {}
