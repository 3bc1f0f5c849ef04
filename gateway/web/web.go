package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"
)

//go:embed templates assets
var files embed.FS

// policy lets a page load its own style sheet and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// scriptPolicy lets a page run its own scripts as well, and ask nobody but this gateway.
const scriptPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docsPolicy lets the page of the interface also show the signs that its library's styles hold as data.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// deskPolicy lets the officials' page also show the files of evidence that its scripts have fetched.
const deskPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Problem is a kind of error answer, explained on a page of its own.
type Problem struct {
	Slug   string
	Status int
	Title  string // Chinese · English
	Help   string // Chinese · English
}

// Pages are the rendered pages.
type Pages struct {
	verify, home, docs, desk, notices, openAPI *asset
	problems                                   map[string]*asset
	assets                                     map[string]*asset
	live                                       live
	verifier                                   bool // whether pages can check signatures
}

// Apart says what is not served at the officials' address.
type Apart struct {
	Public bool // the pages for the public
	Health bool // /readyz
}

// New renders the pages: openAPI is the document that the gateway serves, verifier the folder with the verifier for the
// browser, workplace the folder that scripts/build-workplace has made, whose part docs the page of the interface runs; "" for none. Pages link to
// nothing that another address serves.
func New(openAPI []byte, problems []Problem, verifier, workplace string, apart Apart) (*Pages, error) {
	templates, err := template.New("").Funcs(template.FuncMap{
		"zh": chinese, "en": english, "problems": func() []Problem { return problems },
		"head":        newHead,
		"publicApart": func() bool { return apart.Public }, "healthApart": func() bool { return apart.Health },
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &Pages{
		problems: map[string]*asset{}, live: live{templates}, verifier: verifier != "",
		openAPI: &asset{contentType: "application/yaml; charset=utf-8", plain: openAPI, etag: etag(openAPI)},
	}
	if p.assets, err = loadVerifier(verifier); err != nil {
		return nil, err
	}
	if p.verify, err = render(templates, "verify.html", len(p.assets) > 0); err != nil {
		return nil, err
	}
	if err = p.embedded(); err != nil {
		return nil, err
	}
	if p.home, err = render(templates, "home.html", nil); err != nil {
		return nil, err
	}
	docs, err := loadDocs(workplace)
	if err != nil {
		return nil, err
	}
	maps.Copy(p.assets, docs)
	if p.docs, err = render(templates, "docs.html", struct{ Shown bool }{len(docs) > 0}); err != nil {
		return nil, err
	}
	if p.desk, err = render(templates, "desk.html", nil); err != nil {
		return nil, err
	}
	if p.notices, err = render(templates, "notices.html", nil); err != nil {
		return nil, err
	}
	for _, problem := range problems {
		if p.problems[problem.Slug], err = render(templates, "problem.html", problem); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func render(t *template.Template, name string, data any) (*asset, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return &asset{contentType: "text/html; charset=utf-8", plain: b.Bytes(), etag: etag(b.Bytes())}, nil
}

// Verify serves the first page, which checks receipts, also from the camera.
func (p *Pages) Verify(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Permissions-Policy", strings.Replace(permissions, "camera=()", "camera=(self)", 1))
	writePage(w, r, p.verify, verifierPolicy)
}

// Home serves the page about this gateway.
func (p *Pages) Home(w http.ResponseWriter, r *http.Request) { writePage(w, r, p.home, policy) }

// Docs serves the page that shows the OpenAPI document.
func (p *Pages) Docs(w http.ResponseWriter, r *http.Request) { writePage(w, r, p.docs, docsPolicy) }

// OpenAPI serves the document itself.
func (p *Pages) OpenAPI(w http.ResponseWriter, r *http.Request) { p.openAPI.serve(w, r, "") }

// Desk serves the officials' page. It has no data of its own: its scripts ask /v1 with the official's token.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request) { writePage(w, r, p.desk, deskPolicy) }

// Notices serves the page of public notices, which search engines are told to leave out.
func (p *Pages) Notices(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	writePage(w, r, p.notices, scriptPolicy)
}

// Problem writes the page of one kind of error; false when there is none.
func (p *Pages) Problem(w http.ResponseWriter, r *http.Request, slug string) bool {
	page, ok := p.problems[slug]
	if ok {
		writePage(w, r, page, policy)
	}
	return ok
}

// permissions are what a page may ask of a device: nothing.
const permissions = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), display-capture=()"

// writePage also keeps windows of other sites away from the page's own window (HTML, Cross-Origin-Opener-Policy).
func writePage(w http.ResponseWriter, r *http.Request, page *asset, policy string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if h.Get("Permissions-Policy") == "" {
		h.Set("Permissions-Policy", permissions)
	}
	page.serve(w, r, "")
}

// assetTypes are the kinds of embedded files.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// embedded takes the files that the binary holds.
func (p *Pages) embedded() error {
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := fs.ReadFile(files, "assets/"+e.Name())
		if err != nil {
			return err
		}
		p.assets[e.Name()] = &asset{contentType: assetTypes[path.Ext(e.Name())], plain: b, etag: etag(b)}
	}
	return nil
}

// Asset serves one file; false when there is none of this name.
func (p *Pages) Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	a, ok := p.assets[name]
	if ok {
		a.serve(w, r, name)
	}
	return ok
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
