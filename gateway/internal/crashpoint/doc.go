// Package crashpoint ends the process at a named point of a write's way. It does so only in a gateway that was built with the tag
// crashpoints, for the fault suite: everywhere else a point is nothing.
package crashpoint
