// Package limit bounds how often one address may ask. It knows nothing of what is asked.
package limit
