package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// result is how an attempt ended.
type result struct {
	Attempt string `json:"attempt"`
	By      string `json:"by"`
	Passed  bool   `json:"passed"`
	// Wanted marks attempts that must pass: without them, refusals would show nothing.
	Wanted bool   `json:"wanted,omitempty"`
	Answer string `json:"answer"`
}

// attacker has every key that the agencies have. It reaches peers and orderers as the thief of a gateway does: with that
// gateway's TLS certificate. Without any it opens no port.
type attacker struct {
	*spec
	who     []*signer
	results []result
}

func attempts(s *spec, out io.Writer) error {
	who, err := s.signers()
	if err != nil {
		return err
	}
	a := &attacker{spec: s, who: who}
	for _, attempt := range []struct {
		name string
		try  func() error
	}{
		{"forging blocks", a.forgeBlocks},
		{"pulling private data", a.pullPrivateData},
		{"reading orderers' blocks", a.readFromOrderers},
		{"flooding orderers", a.flood},
		{"posing as a consenter", a.poseAsConsenter},
		{"administering peers", a.administerPeers},
		{"changing the configuration", a.changeConfiguration},
	} {
		if err := attempt.try(); err != nil {
			return fmt.Errorf("%s: %w", attempt.name, err)
		}
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(a.results)
}

func (a *attacker) note(attempt, by string, passed bool, answer any) {
	a.results = append(a.results, result{Attempt: attempt, By: by, Passed: passed, Answer: fmt.Sprint(answer)})
}

// must notes an attempt that has to pass.
func (a *attacker) must(attempt, by string, passed bool, answer any) {
	a.note(attempt, by, passed, answer)
	a.results[len(a.results)-1].Wanted = true
}

// every is one identity of each of some kinds, of every agency; officials all.
func (a *attacker) every(kinds ...string) []*signer {
	var found []*signer
	seen := map[string]bool{}
	for _, s := range a.who {
		for _, kind := range kinds {
			key := kind + s.Agency
			if s.Kind != kind || seen[key] && kind != kindOfficial {
				continue
			}
			seen[key] = true
			found = append(found, s)
		}
	}
	return found
}

func (s *signer) String() string { return s.Kind + " " + s.Name + " of " + s.Agency }
