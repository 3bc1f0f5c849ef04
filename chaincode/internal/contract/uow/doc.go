// SPDX-License-Identifier: Apache-2.0

// Package uow is the unit of work of one transaction: the only way in which the contracts touch the ledger. It keeps what
// was read, so that each key is read once, and holds back what is written until Store, because a peer does not show a
// transaction its own writes and a file has many acts in one transaction.
//
// It knows keys, records and the private data collection; it decides nothing about them.
package uow
