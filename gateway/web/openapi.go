package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is what the page shows of an OpenAPI document.
type Document struct {
	Title, Version, Description string
	Groups                      []*Group
}

// Group is the operations with one tag.
type Group struct {
	Name, Description string
	Operations        []Operation
}

// Operation is one method of one path.
type Operation struct {
	ID, Method, Path, Summary, Description string
	Open                                   bool // needs no token
	Parameters                             []Field
	BodyTypes                              []string
	BodyRequired                           bool
	BodyFields                             []Field
	Example                                string
	Responses                              []Response
}

// Field is a parameter or a property of a body.
type Field struct {
	Name, In, Type, Description string
	Required                    bool
}

// Response is one answer, for one status or several.
type Response struct {
	Status, Description string
	Types               []string
	Fields              []Field
}

// node is a part of the document; looking into what is not there gives an empty node.
type node struct {
	n    *yaml.Node
	root *yaml.Node
}

func parse(text []byte) (*Document, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	if len(root.Content) != 1 {
		return nil, errors.New("is empty")
	}
	top := node{root.Content[0], root.Content[0]}
	info := top.at("info")
	doc := &Document{
		Title: info.text("title"), Version: info.text("version"), Description: info.text("description"),
	}
	groups := map[string]*Group{}
	for _, tag := range top.at("tags").items() {
		g := &Group{Name: tag.text("name"), Description: tag.text("description")}
		groups[g.Name] = g
		doc.Groups = append(doc.Groups, g)
	}
	methods := []string{"get", "post", "put", "delete", "patch"}
	for path, item := range top.at("paths").entries() {
		for method, op := range item.entries() {
			if !slices.Contains(methods, method) {
				continue
			}
			tags := op.at("tags").items()
			if len(tags) != 1 || groups[tags[0].n.Value] == nil {
				return nil, fmt.Errorf("%s %s has not exactly one known tag", method, path)
			}
			g := groups[tags[0].n.Value]
			g.Operations = append(g.Operations, operation(path, method, item, op))
		}
	}
	return doc, nil
}

func operation(path, method string, item, op node) Operation {
	o := Operation{
		ID: op.text("operationId"), Method: strings.ToUpper(method), Path: path,
		Summary: op.text("summary"), Description: op.text("description"),
		Open: op.at("security").n != nil && len(op.at("security").items()) == 0,
	}
	for _, p := range append(item.at("parameters").items(), op.at("parameters").items()...) {
		p = p.resolve()
		o.Parameters = append(o.Parameters, Field{
			Name: p.text("name"), In: p.text("in"), Type: p.at("schema").typeName(),
			Description: p.text("description"), Required: p.text("required") == "true",
		})
	}
	body := op.at("requestBody").resolve()
	o.BodyRequired = body.text("required") == "true"
	for mediaType, content := range body.at("content").entries() {
		o.BodyTypes = append(o.BodyTypes, mediaType)
		if o.BodyFields == nil {
			o.BodyFields = content.at("schema").fields()
		}
		if o.Example == "" {
			o.Example = content.at("example").json()
		}
	}
	o.Responses = responses(op.at("responses"))
	return o
}

// responses are an operation's answers. Statuses whose answers are the same part of the document are one answer.
func responses(all node) []Response {
	var list []Response
	before := ""
	for status, r := range all.entries() {
		ref := r.text("$ref")
		if ref != "" && ref == before {
			list[len(list)-1].Status += ", " + status
			continue
		}
		before = ref
		r = r.resolve()
		response := Response{Status: status, Description: r.text("description")}
		for mediaType, content := range r.at("content").entries() {
			response.Types = append(response.Types, mediaType)
			if response.Fields == nil && status < "300" {
				response.Fields = content.at("schema").fields()
			}
		}
		list = append(list, response)
	}
	return list
}

func (n node) at(name string) node {
	for key, value := range n.entries() {
		if key == name {
			return value
		}
	}
	return node{nil, n.root}
}

func (n node) text(name string) string {
	if v := n.at(name); v.n != nil {
		return strings.TrimSpace(v.n.Value)
	}
	return ""
}

func (n node) items() []node {
	n = n.behindAlias()
	var items []node
	if n.n != nil && n.n.Kind == yaml.SequenceNode {
		for _, c := range n.n.Content {
			items = append(items, node{c, n.root})
		}
	}
	return items
}

// entries are a mapping's, in the order of the document.
func (n node) entries() func(yield func(string, node) bool) {
	n = n.behindAlias()
	return func(yield func(string, node) bool) {
		if n.n == nil || n.n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.n.Content); i += 2 {
			if !yield(n.n.Content[i].Value, node{n.n.Content[i+1], n.root}) {
				return
			}
		}
	}
}

// behindAlias follows an alias of YAML to its anchor.
func (n node) behindAlias() node {
	if n.n != nil && n.n.Kind == yaml.AliasNode {
		return node{n.n.Alias, n.root}
	}
	return n
}

// resolve follows a $ref within the document.
func (n node) resolve() node {
	ref, ok := strings.CutPrefix(n.text("$ref"), "#/")
	if !ok {
		return n
	}
	target := node{n.root, n.root}
	for part := range strings.SplitSeq(ref, "/") {
		target = target.at(part)
	}
	return target.resolve()
}

// typeName is a schema's type in a few words.
func (n node) typeName() string {
	if name, ok := strings.CutPrefix(n.text("$ref"), "#/components/schemas/"); ok && n.resolve().text("type") == "object" {
		return name
	}
	s := n.resolve()
	name := s.text("type")
	if name == "array" {
		return "array of " + s.at("items").typeName()
	}
	if values := s.at("enum").items(); len(values) > 0 {
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = v.n.Value
		}
		return strings.Join(words, " | ")
	}
	if example := s.at("examples").items(); len(example) > 0 && name == "string" {
		return name + ", " + example[0].n.Value
	}
	return name
}

// fields are the properties of an object, those of nested objects too, with their path.
func (n node) fields() []Field {
	var fields []Field
	n.walk("", 0, &fields)
	return fields
}

func (n node) walk(prefix string, depth int, fields *[]Field) {
	s := n.resolve()
	for _, part := range s.at("allOf").items() {
		part.walk(prefix, depth, fields)
	}
	if s.text("type") == "array" {
		s.at("items").walk(prefix+"[].", depth+1, fields)
		return
	}
	var required []string
	for _, r := range s.at("required").items() {
		required = append(required, r.n.Value)
	}
	for name, property := range s.at("properties").entries() {
		description := property.text("description")
		if description == "" {
			description = property.resolve().text("description")
		}
		*fields = append(*fields, Field{
			Name: prefix + name, Type: property.typeName(), Description: description,
			Required: slices.Contains(required, name),
		})
		if depth < 3 {
			next := prefix + name + "."
			if property.resolve().text("type") == "array" {
				next = prefix + name
			}
			property.walk(next, depth+1, fields)
		}
	}
}

// json shows an example as it is sent.
func (n node) json() string {
	if n.n == nil {
		return ""
	}
	if n.n.Kind == yaml.ScalarNode {
		return n.n.Value
	}
	var v any
	if err := n.n.Decode(&v); err != nil {
		return ""
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(b)
}
