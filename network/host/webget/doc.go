// Package webget fetches small documents from gateways for the operator's tools. It follows no redirects, waits for a bounded
// time, and reads a bounded answer.
package webget
