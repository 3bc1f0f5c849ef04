package translog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status is how the log is, for readiness, metrics and the operator.
type Status struct {
	Size      int64 // leaves
	Signed    int64 // of the newest state that this agency signed
	Published int64 // of the newest state that all agencies cosigned
	Rebuilt   int64 // tiles that were lost and made anew from the index
	Peers     map[string]PeerState
	Open      []Alert // that keep this gateway from cosigning
	Entitled  bool    // the ledger names this gateway's key
}

// Status tells how the log is.
func (l *Log) Status() Status {
	s := Status{Size: l.tree.length(), Rebuilt: l.tree.rebuilt.Load(), Entitled: l.entitled()}
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
	s.Published, s.Peers = l.published.Size, maps.Clone(l.peers)
	return s
}

// String says it in a sentence.
func (s *Status) String() string {
	text := fmt.Sprintf("%d leaves, %d signed, %d cosigned by all.", s.Size, s.Signed, s.Published)
	if !s.Entitled {
		text += " This gateway's cosigning key is not on the ledger."
	}
	for _, agency := range slices.Sorted(maps.Keys(s.Peers)) {
		if s.Peers[agency].Problem != "" {
			text += " " + agency + " is not reached."
		}
	}
	for i := range s.Open {
		text += " " + s.Open[i].Sentence()
	}
	return text
}

// Sentence names an alert and both states.
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
