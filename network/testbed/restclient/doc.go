// Package restclient is a small client of the gateway's REST interface for the demonstration, the measurements and the
// tests on whole networks. It knows HTTP and nothing of the gateway's code.
package restclient
