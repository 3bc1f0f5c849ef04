// Package receipt holds receipts: a citizen's proof that a payment is in the record that the agencies have signed. It
// verifies a receipt without a network and without trusting any server. It knows neither Fabric nor SQL nor HTTP and
// stays small, because the browser runs it, too, as WebAssembly.
//
// A receipt is a transparency log proof (C2SP tlog-proof): the leaf in its extra data, the leaf's index in an RFC 6962
// tree, the path to the tree's root, and a checkpoint (C2SP tlog-checkpoint) signed by the log and cosigned by each
// agency (C2SP tlog-cosignature, Ed25519). docs/guides/receipts.md gives it byte by byte.
package receipt
