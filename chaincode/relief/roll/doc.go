// Package roll is who is entitled in a county (名册): entries packed in segments, terms by period, the index from a person
// to a roll number, and the blocks of sealed private details beside them. The packed forms have golden files.
package roll
