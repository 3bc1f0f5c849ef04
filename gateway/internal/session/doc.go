// Package session keeps the sessions of officials who work in a browser. A session is a secret in a cookie that scripts cannot
// read; the store keeps its hash, never the secret. It ends when it was not used for a while, at its absolute end, when its
// official signs out, and when its official may not act any more. It knows no HTTP, and it decides nothing about duties.
//
// Sessions outlive a restart of the gateway: an official who is filling in a form sends it again with the same Idempotency-Key
// and the same cookie, and nothing is lost or done twice.
package session
