// Package rerates proposes the re-rate of a whole roll as a job, shows who changes by how much and who stays behind and why, takes
// the decision of another official, and begins the job that carries a confirmed re-rate out. It never sees private details.
package rerates
