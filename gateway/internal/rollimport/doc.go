// Package rollimport compares a county's file with its roll, plans what an import writes, and keeps both until a second
// official has decided: the chunks exactly as they will be sent, and the lines that the second official looks at.
//
// Private details are kept sealed only. The package asks no ledger: its callers read the roll and send the chunks.
package rollimport
