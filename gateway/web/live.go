package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"

	"relieftrail/gateway/internal/bilingual"
)

// StatementsPage is what the page of public statements shows.
type StatementsPage struct {
	Size     int64 // that all agencies have signed
	Signed   bool  // whether they have signed at all
	Entries  []StatementEntry
	Older    uint64 // the first that is shown, when there are older ones
	Verifier bool   // whether the page can check; set here
}

// StatementEntry is a statement of the page.
type StatementEntry struct {
	N           uint64
	Title, Text bilingual.Text
	Link        string // of the list that it is about; "" for none
	Content     string // canonical JSON
}

// live are the pages that are rendered each time they are asked for.
type live struct{ templates *template.Template }

// write renders a page before any byte of it is sent.
func (l *live) write(w http.ResponseWriter, r *http.Request, name string, data any) error {
	var b bytes.Buffer
	if err := l.templates.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	writePage(w, r, &asset{contentType: "text/html; charset=utf-8", plain: b.Bytes(), etag: etag(b.Bytes())}, verifierPolicy)
	return nil
}

// Statements serves the page of public statements.
func (p *Pages) Statements(w http.ResponseWriter, r *http.Request, page StatementsPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "statements.html", page)
}
