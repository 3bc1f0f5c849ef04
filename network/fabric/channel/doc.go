// Package channel makes the first block of the channel that the organisations share, and has orderers join the channel. It
// never changes the configuration of a channel that is there.
package channel
