// SPDX-License-Identifier: Apache-2.0

package api

// How many records a page has when the caller does not say, and at most.
const (
	DefaultPage = 50
	MaxPage     = 500
)

// PageInput asks for a page of records. The cursor is the id of the record that the page begins with.
type PageInput struct {
	Limit  int    `json:"limit,omitempty"`
	Cursor string `json:"cursor,omitempty"`
}

// Page is a page of records in the order of their ids; Next is the cursor of the next page, "" at the end. A filtered
// page may be short, even empty, and still have a next one. A record that cannot be read is passed over and named.
type Page[T any] struct {
	Items      []T      `json:"items"`
	Next       string   `json:"next"`
	Unreadable []string `json:"unreadable,omitempty"` // keys, as Key.Name writes them
}
