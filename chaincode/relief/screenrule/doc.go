// Package screenrule is the catalogue of screening (风险筛查规则, R39, R40): which rules there are, what each asks, by which limits, how
// soon an alert of it is answered, and which rules wait for data that the ledger does not have. What the agencies set otherwise is in the
// registry's thresholds, which all of them agree to. It looks at no record: package screen does.
package screenrule
