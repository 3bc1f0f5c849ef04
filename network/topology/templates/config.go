package templates

import (
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"text/template"
)

//go:embed dev.yaml templates
var files embed.FS

// DevTopology is the topology of the development network, used when no other is named.
func DevTopology() ([]byte, error) { return files.ReadFile("dev.yaml") }

// Render fills in one of the templates, such as "core.yaml".
func Render(name string, values any) ([]byte, error) {
	text, err := files.ReadFile("templates/" + name)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	functions := template.FuncMap{"quote": strconv.Quote}
	parsed, err := template.New(name).Option("missingkey=error").Funcs(functions).Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, values); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// Builder is one of the programs of the peer's external builder: detect, build or release.
func Builder(program string) ([]byte, error) { return files.ReadFile("templates/builder/" + program) }
