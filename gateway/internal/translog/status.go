package translog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status describes the log for readiness, metrics and the operator.
type Status struct {
	Size         int64 // leaves
	Signed       int64 // of the newest state that this agency signed
	Published    int64 // of the newest state that all agencies cosigned
	Rebuilt      int64 // lost tiles that were read from the index again
	Peers        map[string]PeerState
	Witnesses    map[string]WitnessState
	Open         []Alert // because of which this gateway does not cosign
	KeysOnLedger bool    // whether the ledger has this gateway's keys, not retired
}

// Status returns the status of the log.
func (l *Log) Status() Status {
	s := Status{Size: l.tree.length(), Rebuilt: l.tree.rebuilt.Load(), KeysOnLedger: l.keysOnLedger(l.tree.length())}
	if last, ok := l.last(); ok {
		s.Signed = last.Size
	}
	for _, a := range l.Alerts() {
		if a.Open {
			s.Open = append(s.Open, a)
		}
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	s.Published, s.Peers, s.Witnesses = l.published.Size, maps.Clone(l.peers), maps.Clone(l.witnesses)
	return s
}

// String is the status in a few sentences.
func (s *Status) String() string {
	text := fmt.Sprintf("%d leaves, %d signed, %d cosigned by all.", s.Size, s.Signed, s.Published)
	if !s.KeysOnLedger {
		text += " This gateway's cosigning key is not on the ledger, or retired."
	}
	for _, agency := range slices.Sorted(maps.Keys(s.Peers)) {
		if s.Peers[agency].Problem != "" {
			text += " " + agency + " cannot be reached."
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Witnesses)) {
		if s.Witnesses[name].Problem != "" {
			text += " The witness " + name + " does not cosign."
		}
	}
	for i := range s.Open {
		text += " " + s.Open[i].Sentence()
	}
	return text
}

// Sentence describes an alert with both states.
func (a *Alert) Sentence() string {
	who := ""
	if a.Agency != "" {
		who = " (" + a.Agency + ")"
	}
	detail := a.Detail
	if detail != "" {
		detail = ": " + detail
	}
	return fmt.Sprintf("ALERT %s%s%s; ours %s, theirs %s.", a.Kind, who, strings.TrimSuffix(detail, "."), a.Ours, a.Theirs)
}
