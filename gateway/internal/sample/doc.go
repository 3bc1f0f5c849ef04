// Package sample draws samples that anybody can repeat: from a seed and the ids of what is drawn from, by SHA-256 alone. It knows
// nothing of payments or the index. docs/guides/auditor.md has the rule in words, and a program of a few lines that repeats it.
package sample
