// Package web is the gateway's pages. They are rendered once at the start from what the binary holds, need no other
// host and no script.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed templates assets
var files embed.FS

// policy lets a page load its own style sheet and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Problem is a kind of error answer, explained on a page of its own.
type Problem struct {
	Slug   string
	Status int
	Title  string // Chinese · English
	Help   string
}

// Pages are the rendered pages.
type Pages struct {
	home, docs []byte
	problems   map[string][]byte
}

// New renders the pages: openAPI is the document that the gateway serves.
func New(openAPI []byte, problems []Problem) (*Pages, error) {
	doc, err := parse(openAPI)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	templates, err := template.New("").Funcs(template.FuncMap{
		"zh": chinese, "en": english, "lower": strings.ToLower, "problems": func() []Problem { return problems },
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &Pages{problems: map[string][]byte{}}
	if p.home, err = render(templates, "home.html", doc); err != nil {
		return nil, err
	}
	if p.docs, err = render(templates, "docs.html", doc); err != nil {
		return nil, err
	}
	for _, problem := range problems {
		if p.problems[problem.Slug], err = render(templates, "problem.html", problem); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func render(t *template.Template, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Home serves the first page.
func (p *Pages) Home(w http.ResponseWriter, _ *http.Request) { writePage(w, p.home) }

// Docs serves the page that shows the OpenAPI document.
func (p *Pages) Docs(w http.ResponseWriter, _ *http.Request) { writePage(w, p.docs) }

// Problem writes the page of one kind of error; false when there is none.
func (p *Pages) Problem(w http.ResponseWriter, slug string) bool {
	page, ok := p.problems[slug]
	if ok {
		writePage(w, page)
	}
	return ok
}

func writePage(w http.ResponseWriter, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(page) // the caller is gone when this fails
}

// Asset serves one embedded file; false when there is none of this name.
func (p *Pages) Asset(w http.ResponseWriter, name string) bool {
	b, err := fs.ReadFile(files, "assets/"+path.Base(name))
	if err != nil {
		return false
	}
	contentType := "text/css; charset=utf-8"
	if strings.HasSuffix(name, ".svg") {
		contentType = "image/svg+xml"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(b)
	return true
}

// chinese and english are the two halves of a text "Chinese · English".
func chinese(s string) string {
	zh, _, _ := strings.Cut(s, " · ")
	return zh
}

func english(s string) string {
	_, en, _ := strings.Cut(s, " · ")
	return en
}
