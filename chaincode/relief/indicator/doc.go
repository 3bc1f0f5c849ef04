// Package indicator computes the indicators by which the payment of relief is judged (绩效指标, R33, R34), from the records of the
// ledger alone. A version of a record gives facts; facts of a programme, region and period add up to an exact numerator and
// denominator. No rounded figure is compared: what is shown with two places is made last. It decides nothing and reads no clock.
package indicator
