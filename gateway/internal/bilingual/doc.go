// Package bilingual writes what officials read in Chinese and English: one sentence in both languages, and the refusals
// of the contracts, whose details are English, with the Chinese words for their codes and fields.
//
// It decides nothing and knows no part of the gateway.
package bilingual
