// Package relief is the domain of social-assistance money (救助资金). It holds the values that all rules use: money,
// periods, regions, references to people, officials and their acts, duties, refusals, ledger keys and transitions. The
// rules themselves are in the packages below it, one for each subject: programme, registry, fund, roll, payment,
// casework.
//
// These packages import the standard library and each other only, in this order: relief; then wire and programme; then
// registry, fund and roll; then payment and casework, which do not know each other. They know neither Fabric nor SQL
// nor HTTP.
//
// A rule's name says what it demands. Comments give the item of the regulation (R1 …) or the standard.
package relief
