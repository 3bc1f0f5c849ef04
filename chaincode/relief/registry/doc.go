// Package registry holds what the agencies have agreed on (登记册): the agencies, the regions, the holders of each duty
// (R46), the keys that sign checkpoints, and the departments whose statements count in cross-matching. Every change
// needs the agreement of all agencies. The package imports relief and programme.
package registry
