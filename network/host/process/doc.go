// Package process starts, watches and stops the processes of a network on one host. It knows nothing of Fabric: a Process
// is what to run, and a Record on disk is what was started. A pid gets a signal only while it is still the process of its
// record.
package process
