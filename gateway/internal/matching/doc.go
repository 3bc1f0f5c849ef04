// Package matching asks other departments about people (信息核对, R6–R10) and records their signed statements in cases. Pull
// asks a department's REST interface; Folder exchanges CSV files with it. Whether a statement counts is decided by the
// contracts, not here. Identity numbers are sent to the department and appear nowhere else: not in errors, URLs or logs.
package matching
