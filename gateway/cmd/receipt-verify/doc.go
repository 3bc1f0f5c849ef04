// Command receipt-verify checks a receipt offline: who was paid how much for which period, which agencies have signed, and
// how many records the log had. A policy file says whose signatures it trusts.
package main
