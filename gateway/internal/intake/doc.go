// Package intake takes files in: it puts an upload on disk within limits, decides its encoding, and reads it line by
// line into typed values or refusals. A bad line never stops a file. The package uses the disk but never asks the
// ledger, and its refusals repeat nothing personal.
package intake
