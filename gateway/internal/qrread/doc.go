// Package qrread finds the QR code in a picture. It runs in the browser, as WebAssembly, where there is no detector of codes.
package qrread
