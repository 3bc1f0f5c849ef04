// Package programme holds the rules of a programme of assistance (救助项目): its versions, which civil affairs drafts and
// finance puts in force (R4), what it pays, and how its cases are handled. A record keeps the version it was made under.
package programme
