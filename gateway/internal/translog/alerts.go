package translog

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// AlertKind says what is wrong with the log.
type AlertKind string

// The kinds. While one is open, this gateway cosigns nothing.
const (
	// Equivocation: another agency has cosigned a different tree.
	Equivocation AlertKind = "equivocation"
	// RolledBack: the index or the ledger has less than this agency has signed.
	RolledBack AlertKind = "rolled-back"
	// ChangedLeaf: a leaf in the index differs from the log.
	ChangedLeaf AlertKind = "changed-leaf"
	// NotExtending: the tree over the index's leaves does not extend the state that this agency signed last.
	NotExtending AlertKind = "not-extending"
	// Forgotten: other gateways hold a cosignature of this agency that it does not remember and that its tree contradicts.
	Forgotten AlertKind = "forgotten"
)

var alertTexts = map[AlertKind]string{
	Equivocation: "另一机构签署了不同的记录 · another agency has cosigned a tree that differs from ours",
	RolledBack:   "索引或账本少于本机构已签署的记录 · the index or the ledger has less than this agency has signed",
	ChangedLeaf:  "索引中的记录与已入树的不同 · the index has other leaves than the log was made of",
	NotExtending: "当前记录不是上次签署记录的延续 · the tree does not extend the checkpoint that was signed last",
	Forgotten:    "出现本机构不记得的签名 · there is a signature of this agency that it does not remember",
}

// Alert says why this gateway has stopped cosigning. It names both states of the log.
type Alert struct {
	ID     string    `json:"id"`
	Kind   AlertKind `json:"kind"`
	Text   string    `json:"text"`
	Detail string    `json:"detail,omitempty"`
	Agency string    `json:"agency,omitempty"` // the agency of the state Theirs
	Ours   Head      `json:"ours"`
	Theirs Head      `json:"theirs"`
	// Evidence is the checkpoint that the other agency has signed.
	Evidence string    `json:"evidence,omitempty"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Open     bool      `json:"open"`
}

// maxAlerts bounds the list. The oldest closed alerts are deleted first.
const maxAlerts = 200

// raise opens an alert, or updates the time of one that is open already.
func (l *Log) raise(ctx context.Context, a Alert) {
	a.Text, a.First, a.Last, a.Open = alertTexts[a.Kind], l.now(), l.now(), true
	a.ID = fmt.Sprintf("%s-%s%d", a.Kind, a.Agency, a.First.UnixMilli())
	l.mu.Lock()
	for id, known := range l.alerts {
		if known.Open && known.Kind == a.Kind && known.Agency == a.Agency {
			known.Last = a.Last
			l.alerts[id] = known
			l.mu.Unlock()
			return
		}
	}
	l.alerts[a.ID] = a
	var forgotten []string
	for _, old := range l.sortedAlerts() {
		if len(l.alerts) > maxAlerts && !old.Open {
			delete(l.alerts, old.ID)
			forgotten = append(forgotten, old.ID)
		}
	}
	l.mu.Unlock()
	l.log.ErrorContext(ctx, "the transparency log is in dispute; nothing is cosigned", "kind", string(a.Kind),
		"agency", a.Agency, "ours", a.Ours.String(), "theirs", a.Theirs.String(), "error", a.Detail)
	if err := l.memory.putAlert(&a, forgotten...); err != nil {
		l.log.ErrorContext(ctx, "an alert cannot be kept", "error", err)
	}
}

// settle closes the open alerts of some kinds, whose cause is gone. They stay in the list.
func (l *Log) settle(ctx context.Context, agency string, kinds ...AlertKind) {
	l.mu.Lock()
	var closed []Alert
	for id, a := range l.alerts {
		if a.Open && a.Agency == agency && slices.Contains(kinds, a.Kind) {
			a.Open, a.Last = false, l.now()
			l.alerts[id] = a
			closed = append(closed, a)
		}
	}
	l.mu.Unlock()
	for i := range closed {
		l.log.WarnContext(ctx, "an alert's cause is gone", "kind", string(closed[i].Kind), "agency", closed[i].Agency)
		if err := l.memory.putAlert(&closed[i]); err != nil {
			l.log.ErrorContext(ctx, "an alert cannot be kept", "error", err)
		}
	}
}

// Alerts lists the alerts, open and closed, newest first.
func (l *Log) Alerts() []Alert {
	l.mu.RLock()
	defer l.mu.RUnlock()
	alerts := l.sortedAlerts()
	slices.Reverse(alerts)
	return alerts
}

func (l *Log) sortedAlerts() []Alert {
	return slices.SortedFunc(maps.Values(l.alerts), func(a, b Alert) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.ID, b.ID))
	})
}

// disputed reports whether an alert is open.
func (l *Log) disputed() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, a := range l.alerts {
		if a.Open {
			return true
		}
	}
	return false
}
