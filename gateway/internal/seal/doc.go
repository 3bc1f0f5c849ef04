// Package seal turns personal data into what may leave the gateway: references made of identity numbers, and documents
// sealed under the key that civil affairs and finance share. Nothing else in the gateway handles personal data in clear.
package seal
