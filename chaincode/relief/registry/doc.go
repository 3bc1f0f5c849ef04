// Package registry is what the agencies agree on (登记册): the agencies, the regions, who holds which duty (R46), the keys
// that sign checkpoints, and the departments whose findings count in cross-matching. Every change needs all three agencies.
package registry
