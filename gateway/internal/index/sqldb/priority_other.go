//go:build !linux

package sqldb

// LowerPriority does nothing where threads have no priorities of their own.
func LowerPriority() {}
