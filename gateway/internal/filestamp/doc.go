// Package filestamp notices that a file has changed, from what the file system says of it. It reads no content.
package filestamp
