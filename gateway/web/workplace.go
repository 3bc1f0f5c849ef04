package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// WorkplacePath is where the officials' workplace begins.
const WorkplacePath = "/work"

// workplacePolicy lets the workplace run its own scripts, ask nobody but this gateway, and show files that its scripts have fetched.
const workplacePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// forever is how long a browser may keep a file whose name has the hash of its content (RFC 8246).
const forever = "public, max-age=31536000, immutable"

// maxWorkplaceFile is the size in bytes that no file of the workplace has.
const maxWorkplaceFile = 8 << 20

var workplaceTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// Workplace is the officials' workplace: one page, which shows what its address names, and the files that it is made of.
type Workplace struct {
	index *asset
	files map[string]*asset // by their path below WorkplacePath
}

// LoadWorkplace reads the files of a folder that scripts/build-workplace has made. With "" there is no workplace.
func LoadWorkplace(dir string) (*Workplace, error) {
	w := &Workplace{files: map[string]*asset{}}
	if dir == "" {
		return w, nil
	}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		contentType, served := workplaceTypes[path.Ext(name)]
		if err != nil || entry.IsDir() || !served {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > maxWorkplaceFile {
			return fmt.Errorf("%s has more than %d bytes", name, maxWorkplaceFile)
		}
		b, err := fs.ReadFile(os.DirFS(dir), name)
		w.files[name] = &asset{contentType: contentType, plain: b, etag: etag(b)}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the workplace's folder: %w", err)
	}
	if w.index = w.files["index.html"]; w.index == nil {
		return nil, fmt.Errorf("the workplace's folder %s lacks index.html", dir)
	}
	return w, nil
}

// Serve answers for a path below WorkplacePath: a file, or else the page. It is false when there is no such file, and without a workplace.
func (p *Workplace) Serve(w http.ResponseWriter, r *http.Request, name string) bool {
	name = strings.TrimPrefix(name, "/")
	if !strings.HasPrefix(name, "assets/") {
		if p.index != nil {
			writePage(w, r, p.index, workplacePolicy)
		}
		return p.index != nil
	}
	file, ok := p.files[name]
	if ok {
		w.Header().Set("Content-Type", file.contentType)
		w.Header().Set("Cache-Control", forever)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.plain))
	}
	return ok
}
