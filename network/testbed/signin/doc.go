// Package signin runs a real OpenID Connect provider for tests (network/testbed/provider) and signs invented people in with it, as
// their browsers would.
package signin
