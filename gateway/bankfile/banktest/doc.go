// Package banktest validates the bank files of tests against the official ISO 20022 schemas.
package banktest
