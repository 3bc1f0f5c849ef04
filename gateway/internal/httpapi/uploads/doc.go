// Package uploads takes files to be worked through as jobs: rolls, lines of a batch, settlements and acts on cases. The contract
// is asked before a file is read, and a key that is used again answers with its first job. It also answers what became of a job.
package uploads
