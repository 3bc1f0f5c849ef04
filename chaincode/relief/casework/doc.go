// Package casework is the life of a case: application, evidence, cross-matching, public notice, decision, re-check,
// exit and appeal (R3, R9–R18, R58), and the needs that were found before anybody applied (R13).
package casework
