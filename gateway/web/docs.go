package web

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// docsFiles are what the page of the interface runs, in the folder docs of the workplace's.
var docsFiles = []string{"docs.js", "docs.css"}

// loadDocs reads the script and style of the page of the interface, which scripts/build-workplace makes. Without a folder, or when they were not
// made, there are none: then the page names the document itself.
func loadDocs(dir string) (map[string]*asset, error) {
	loaded := map[string]*asset{}
	if dir == "" {
		return loaded, nil
	}
	for _, name := range docsFiles {
		b, err := os.ReadFile(filepath.Join(dir, "docs", name))
		if errors.Is(err, fs.ErrNotExist) {
			return map[string]*asset{}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the page of the interface: %w", err)
		}
		loaded[name] = &asset{contentType: assetTypes[path.Ext(name)], plain: b, etag: etag(b)}
	}
	return loaded, nil
}
