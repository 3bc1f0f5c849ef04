package httpapi

import (
	"compress/gzip"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressible are the types of answers that are sent compressed. Payment files (XML), files of evidence, receipts, and the tiles of
// the log, which are random, are not among them.
var compressible = []string{
	"text/html", "text/css", "text/javascript", "image/svg+xml", "application/yaml", "application/json", "application/problem+json",
	"application/provenance+json", "application/x-ndjson", "text/csv",
}

// worthCompressing is how many bytes an answer has at least that is compressed: what fits into a packet is not.
const worthCompressing = 1400

// compressed sends answers as zstd or gzip to callers that take them (RFC 9110, 12.5.3). An answer with personal data is sent as it is
// (rest.Access says so): its length would tell somebody on the wire how alike a stranger's words in it are to what it says of
// others (BREACH). Streams of events are sent as they are, so that none waits for a compressor.
func compressed(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.ContentTypes(compressible), gzhttp.MinSize(worthCompressing), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.SetContentType(false),
	)
	if err != nil {
		return nil, err
	}
	smaller := wrap(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			h.ServeHTTP(w, r)
			return
		}
		smaller.ServeHTTP(w, r)
	}), nil
}
