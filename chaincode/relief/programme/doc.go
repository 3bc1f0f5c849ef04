// Package programme holds the rules of a programme of relief (救助项目): its versions, which civil affairs drafts and
// finance puts in force (R4), what it pays, and how its cases are handled. A record keeps the version under which it
// was made, so a new version never changes an old record. The package imports relief only.
package programme
