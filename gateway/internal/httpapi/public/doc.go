// Package public answers what anybody may ask without an account: the transparency log, what a receipt proves, and the public
// notices that run, with masked names. It also makes receipts for officials. Nothing here depends on who asks, but how often an
// address may ask is bounded.
package public
