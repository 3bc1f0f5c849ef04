// Package browser drives Debian's Chromium in tests of pages. Each test has a browser of its own, with a profile of its
// own. Where Chromium is not installed, the tests that need it are skipped and say so. The package imports nothing of
// the product.
package browser
