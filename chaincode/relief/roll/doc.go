// Package roll holds the list of people entitled in a county (名册): entries packed in segments, terms by period, the
// index from a person to a roll number, and the pages of sealed private details. It never sees what the details say.
// Golden files fix the packed forms. The package imports relief, programme and wire.
package roll
