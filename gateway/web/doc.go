// Package web has the gateway's pages: receipts are checked on the first one, officials work on another, and public notices
// and the documentation of the interface have theirs. They are rendered once at the start from what the binary holds and load nothing
// from other hosts.
package web
