// Package httpclient makes the gateway's clients of other servers: the other agencies' gateways, departments, the object store.
// A client follows no redirect, waits for a bounded time, and reads a bounded answer. The gateway makes no client elsewhere.
package httpclient
