// Command demo tells the story of one month on a running network, from the registry to the receipts, in words that a
// civil servant reads. It speaks REST only and links nothing of the gateway.
package main
