// SPDX-License-Identifier: Apache-2.0

// Package fakestub is a ledger in memory for tests of the contracts; the product never links it. It has the behaviour
// that makes Fabric hard to write for: every transaction is simulated on the peer of each organisation against the same
// committed state, the endorsers must agree on the result and on the read and write sets, and a block checks the
// versions that were read and runs range queries again before it applies anything. Conflicts, phantoms, duplicates and
// non-determinism show in microseconds.
//
// A transaction takes two steps: Endorse, then Commit, which puts several proposals into one block. Submit does both
// with a block for the one transaction. Evaluate runs on one peer and commits nothing.
//
// # The organisation of the peer
//
// In production one process serves one organisation's peer, and shim.GetMSPID reads which one from
// CORE_PEER_LOCALMSPID. Here all endorsers share a process, so code that needs the organisation of its peer takes a
// function of the stub: production passes one that calls shim.GetMSPID, tests pass PeerMSP. PeerMSP reads a decoration
// of the stub, so it also works through a stub that embeds another.
//
// # Kept as Fabric has it
//
// Reads never see the transaction's own writes; an empty value is a delete; GetStateByRange cannot reach composite
// keys; a peer reads 1,000 results ahead of the chaincode, and the range it records covers what it read; queries stop
// at 100,000 results; paginated queries and queries on private data exclude writes; a peer outside a collection holds
// only hashes, and GetPrivateData there fails once the key exists; a policy alone on a key raises its version.
//
// # Not as Fabric has it
//
//   - No signatures of endorsers, no endorsement policies: a proposal counts as endorsed by every endorser of the ledger.
//     Key-level policies are stored, versioned and returned, not enforced. Endorsers(1) finds no non-determinism.
//   - Private data reach every member with the block: no gossip, no late arrival, no blockToLive.
//   - A key that is not valid UTF-8 is an error; the real shim panics. SplitCompositeKey of a key that has no parts is
//     an error; the real shim panics.
//   - One chaincode, one namespace, LevelDB queries only: InvokeChaincode and rich queries answer with an error.
//   - A write batch is sent in the order of its keys' first writes; the real shim sends them in random order.
//   - Block 0 is empty and takes the place of the configuration block; there are no block hashes.
//   - A chaincode's panic is the test's panic.
package fakestub
