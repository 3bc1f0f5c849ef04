// Package keyfile checks who may read a file that holds a key, a token or a password. It reads no content.
package keyfile
