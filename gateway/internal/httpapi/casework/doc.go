// Package casework answers the paths of cases, needs and changes of roll entries: it seals what is personal before an act goes to the contracts, opens
// it for officials who may read it, keeps the files of evidence, and has departments asked. Rules of the regulation are not
// here: the contracts decide.
package casework
