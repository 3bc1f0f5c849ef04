// Package relief is the domain of social-assistance money (救助资金): money, periods, regions, people's
// references, the life cycles of programmes, tranches, roll entries and payment batches, and the rules that the
// regulation sets for them. It imports the standard library only and knows neither Fabric nor SQL nor HTTP.
//
// Rules are named for what they demand; comments give the item of the regulation (R1 …) or the standard.
package relief
