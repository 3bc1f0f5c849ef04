package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// verifierPolicy lets the page run its own scripts and WebAssembly, and ask nobody but this gateway.
const verifierPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; " +
	"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// livePolicy also lets a page send its form to this gateway, as a question in the address.
var livePolicy = strings.Replace(verifierPolicy, "form-action 'none'", "form-action 'self'", 1)

// verifierFiles are what a folder with the verifier has, each compressed with gzip under its name and .gz.
var verifierFiles = map[string]string{
	"receipt.wasm": "application/wasm", "scan.wasm": "application/wasm", "wasm_exec.js": "text/javascript; charset=utf-8",
}

// asset is one file as it is served.
type asset struct {
	contentType string
	plain       []byte // nil when compressed is not
	compressed  []byte
	etag        string
}

// loadVerifier reads the files of a folder; none without a folder.
func loadVerifier(dir string) (map[string]*asset, error) {
	loaded := map[string]*asset{}
	if dir == "" {
		return loaded, nil
	}
	for name, contentType := range verifierFiles {
		b, err := os.ReadFile(filepath.Join(dir, name+".gz"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("the verifier's folder %s lacks %s.gz", dir, name)
		}
		if err != nil {
			return nil, err
		}
		loaded[name] = &asset{contentType: contentType, compressed: b, etag: etag(b)}
	}
	return loaded, nil
}

// etag names a content by its hash. It is weak, for the same content may be sent compressed (RFC 9110, 8.8.3.3).
func etag(b []byte) string {
	sum := sha256.Sum256(b)
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// serve writes the file, as small as the caller can take it.
func (a *asset) serve(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.etag)
	if name == "sw.js" {
		h.Set("Service-Worker-Allowed", "/")
	}
	if a.compressed == nil {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.plain))
		return
	}
	h.Add("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.compressed))
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(a.compressed))
	if err != nil {
		http.Error(w, "the verifier's files are damaged", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, z) //nolint:gosec // our own file
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") && strings.ReplaceAll(parameters, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
