package httpapi

import (
	"bytes"
	"fmt"
)

// pageLimit is where the document says how long a page may be. The number is that of the gateway's settings.
const pageLimit = "maximum: 1000 # limits.page_size"

// document is the OpenAPI document as it is true of a gateway whose pages have so many items at most.
func document(pageSize int) ([]byte, error) {
	if n := bytes.Count(openAPI, []byte(pageLimit)); n != 1 {
		return nil, fmt.Errorf("the OpenAPI document says %d times how long a page may be", n)
	}
	return bytes.Replace(openAPI, []byte(pageLimit), fmt.Appendf(nil, "maximum: %d", pageSize), 1), nil
}
