// Package provider is the agency's OpenID Connect provider, as the gateway sees it: it sends officials there to sign in, and reads
// the tokens that come back and those that systems show. What a token says names who somebody is; what they may do the ledger says,
// and no claim adds to it. The package knows no session and no certificate.
package provider
