package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	fabric "github.com/hyperledger/fabric/common/policies"
)

// The kinds of identity that policies are evaluated with. A TLS certificate is none, which is shown, too.
const (
	kindOfficial = "official"
	kindGateway  = "gateway"
	kindPeer     = "peer"
	kindOrderer  = "orderer"
	kindAdmin    = "admin"
	kindTLS      = "TLS certificate"
)

var kinds = []string{kindOfficial, kindGateway, kindPeer, kindOrderer, kindAdmin, kindTLS}

const nobody = "–"

// gate reports whether identities together may pass.
type gate func(by []*signer) (bool, error)

// signatures is the gate of a policy: a signature of each identity over the same message.
func signatures(p fabric.Policy) gate {
	return func(by []*signer) (bool, error) {
		data, err := signed([]byte("a message"), by)
		return err == nil && p.EvaluateSignedData(data) == nil, err
	}
}

// row is a line of a table.
type row struct {
	agency string // whose it is, "" when it is everybody's
	path   string
	cells  []string
}

// row is whom a policy lets pass, by kind of identity, and whether the keys of two agencies are enough.
func (t tables) row(p policy) (row, error) {
	r := row{agency: p.agency, path: t.general(p.path)}
	for _, kind := range kinds {
		cell, err := t.cell(p, kind)
		if err != nil {
			return r, err
		}
		r.cells = append(r.cells, cell)
	}
	var enough []string
	pairs := 0
	for i, a := range t.Agencies {
		for _, b := range t.Agencies[i+1:] {
			pairs++
			var both []*signer
			for _, s := range t.who {
				if s.Agency == a.Name || s.Agency == b.Name {
					both = append(both, s)
				}
			}
			ok, err := p.allows(both)
			if err != nil {
				return r, err
			}
			if ok {
				enough = append(enough, a.Name+" + "+b.Name)
			}
		}
	}
	own := slices.DeleteFunc(slices.Clone(enough), func(pair string) bool {
		return p.agency != "" && slices.Contains(strings.Split(pair, " + "), p.agency)
	})
	switch {
	case len(enough) == 0:
		r.cells = append(r.cells, "no")
	case len(enough) == pairs:
		r.cells = append(r.cells, "yes")
	case len(own) == 0 && len(enough) == len(t.Agencies)-1:
		r.cells = append(r.cells, "if one is its own")
	default:
		r.cells = append(r.cells, strings.Join(enough, ", "))
	}
	return r, nil
}

// cell is the least number of agencies whose identities of a kind pass, or which agencies. All identities of a kind in an
// agency must fare alike: an official is an official, whatever the role.
func (t tables) cell(p policy, kind string) (string, error) {
	var first []*signer
	for _, a := range t.Agencies {
		var one *signer
		var passed bool
		for _, s := range t.who {
			if s.Kind != kind || s.Agency != a.Name {
				continue
			}
			ok, err := p.allows([]*signer{s})
			if err != nil {
				return "", err
			}
			if one != nil && ok != passed {
				return "", fmt.Errorf("%s and %s of %s fare differently", one.Name, s.Name, a.Name)
			}
			if one == nil {
				one, passed = s, ok
			}
		}
		if one == nil {
			return "", fmt.Errorf("%s has no %s", a.Name, kind)
		}
		first = append(first, one)
	}
	for size := 1; size <= len(first); size++ {
		var pass []string
		all := 0
		for _, some := range subsets(first, size) {
			all++
			ok, err := p.allows(some)
			if err != nil {
				return "", err
			}
			if ok {
				pass = append(pass, names(some))
			}
		}
		switch {
		case len(pass) == 0:
		case len(pass) == 1 && pass[0] == p.agency:
			return "its own", nil
		case len(pass) == all && size == len(first):
			return "all", nil
		case len(pass) == all && size == 1:
			return "any", nil
		case len(pass) == all:
			return fmt.Sprintf("any %d", size), nil
		default:
			return strings.Join(pass, " or "), nil
		}
	}
	return nobody, nil
}

// subsets are all choices of so many.
func subsets(of []*signer, size int) [][]*signer {
	if size == 0 {
		return [][]*signer{nil}
	}
	var all [][]*signer
	for i := 0; i+size <= len(of); i++ {
		for _, rest := range subsets(of[i+1:], size-1) {
			all = append(all, append([]*signer{of[i]}, rest...))
		}
	}
	return all
}

func names(of []*signer) string {
	agencies := make([]string, len(of))
	for i, s := range of {
		agencies[i] = s.Agency
	}
	return strings.Join(agencies, " + ")
}

// general is a path with AGENCY for the organisation in it.
func (t tables) general(path string) string {
	for _, a := range t.Agencies {
		path = strings.ReplaceAll(path, a.MSPID, "AGENCY")
	}
	return path
}

// merged has one row for those of several organisations that say the same.
func merged(rows []row) []row {
	var out []row
	for _, r := range rows {
		same := func(o row) bool { return o.path == r.path && slices.Equal(o.cells, r.cells) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, r)
		}
	}
	return out
}

// together has one row for the parts of a group that change alike.
func together(rows []row) []row {
	var out []row
	for _, r := range rows {
		group, part, _ := strings.Cut(r.path, ": ")
		if n := len(out); n > 0 && strings.HasPrefix(out[n-1].path, group+": ") && slices.Equal(out[n-1].cells, r.cells) {
			out[n-1].path += ", " + part
			continue
		}
		out = append(out, r)
	}
	return out
}

// write prints a table in Markdown.
func write(out io.Writer, head []string, rows []row) error {
	var text strings.Builder
	text.WriteString("| " + strings.Join(head, " | ") + " |\n|" + strings.Repeat("---|", len(head)) + "\n")
	for _, r := range rows {
		text.WriteString("| " + strings.Join(append([]string{r.path}, r.cells...), " | ") + " |\n")
	}
	_, err := fmt.Fprintln(out, text.String())
	return err
}
