// Package seal turns personal data into what may leave the gateway: references derived from identity numbers, and
// documents sealed under the key that civil affairs and finance share. Nothing else in the gateway handles personal
// data in clear.
package seal
