// Package bilingualtest walks the source of a package and fails where a text that an official sees lacks its Chinese
// or its English half. It is for tests only.
package bilingualtest
