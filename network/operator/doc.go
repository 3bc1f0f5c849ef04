// Package operator does what an operator asks for: bring a network up, take it down, report how it is, enrol a principal,
// delete everything. It writes the configuration of each node and has package process run it. It makes no
// Fabric calls of its own: the packages under fabric do.
package operator
