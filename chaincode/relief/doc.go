// Package relief is the domain of social-assistance money (救助资金): the values that every rule uses. Money, periods,
// regions, references to people, officials and their acts, duties, refusals, ledger keys and transitions are here; the
// rules are in the packages below it, by subject: programme, registry, fund, roll, payment, casework.
//
// These packages import the standard library and each other only, never in a circle: relief, then wire and programme, then
// registry, fund and roll, then payment and casework, which do not know each other. They know neither Fabric nor SQL nor HTTP.
//
// Rules are named for what they demand; comments give the item of the regulation (R1 …) or the standard.
package relief
