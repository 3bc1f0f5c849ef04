// Package reading is the one way to personal data: it records who reads whose data and why, and only then gives what opens
// the sealed documents. The record is append-only and each reading has the hash of the one before it, so that none can be
// changed or left out unseen once its head is on the ledger. What cannot be recorded is not given. The package never decides
// whether somebody may read: the contracts and the duties do, before it is asked.
package reading
