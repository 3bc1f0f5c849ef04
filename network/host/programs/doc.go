// Package programs builds the programs that a network runs, or checks that a folder has them. All builds have the same flags,
// so that no package is compiled twice. It starts none of the programs.
package programs
