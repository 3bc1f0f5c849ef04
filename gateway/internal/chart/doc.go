// Package chart describes the charts of the ledger's figures: what each is called, how to read it, which columns it has, what it asks for
// and who may see it. It draws nothing and reads nothing: the index has the figures, and pages draw them.
package chart
