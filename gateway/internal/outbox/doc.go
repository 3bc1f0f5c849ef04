// Package outbox carries out writes durably and once: the signed transaction is on disk before it is submitted, and
// doubt is settled by transaction id, then by sending the same bytes again.
//
// What is on disk holds no personal data: a signed envelope carries no transient data, and results are the contracts'
// own. The package never decides whether a write is right: that is the contracts' part.
package outbox
