// Package casework holds the life of a case (R3, R9–R18, R58): application, evidence, cross-matching, public notice,
// decision, re-check, exit and appeal. It also holds needs, found before the person has applied (R13). Personal data
// never enter it, only salted hashes of them. The package imports relief, programme, registry and roll, and not
// payment.
package casework
