// Package walls holds no code. Its test keeps the layers of docs/architecture.md apart: it asks go list what each
// package links and fails when a package links another that it must not know.
package walls
