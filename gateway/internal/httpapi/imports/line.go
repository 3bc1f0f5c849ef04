package imports

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/seal"
)

// line is one line of an import as the official who confirms sees it.
type line struct {
	Line    int               `json:"line,omitempty"`   // of the file
	Number  *uint32           `json:"number,omitempty"` // on the roll
	Subject relief.SubjectRef `json:"subject,omitzero"`
	Name    string            `json:"name,omitempty"`
	Account string            `json:"account,omitempty"`
	rollimport.Source
	rollimport.Terms
	Changes []rollimport.Change `json:"changes,omitempty"`
	Doubts  []doubt             `json:"doubts,omitempty"`
	rollimport.Refusal
	Reason string `json:"reason,omitempty"` // the code in both languages
}

// doubt is a reason to compare a line with the originals.
type doubt struct {
	rollimport.Doubt
	Text bilingual.Text `json:"text"`
}

func newLine(r *rollimport.Row) line {
	l := line{Line: r.Line, Number: r.Number, Subject: r.Subject, Source: r.Source, Terms: r.Terms, Changes: r.Changes, Refusal: r.Refusal}
	if r.Code != "" {
		l.Reason = r.Code.Reason()
	}
	for _, d := range r.Doubts {
		l.Doubts = append(l.Doubts, doubt{d, d.Code.Text()})
	}
	return l
}

// show adds the name and account that the file says, also as the new values of changes.
func (l *line) show(p *seal.Person) {
	l.Name, l.Account = p.Name.Reveal(), p.Account.Reveal()
	l.setChanges(p, func(change *rollimport.Change, value string) { change.New = value })
}

// showOnRoll adds the name and account that the roll has: as the old values of changes, or of an entry that the file lacks.
func (l *line) showOnRoll(p *seal.Person) {
	if l.Line == 0 {
		l.Name, l.Account = p.Name.Reveal(), p.Account.Reveal()
	}
	l.setChanges(p, func(change *rollimport.Change, value string) { change.Old = value })
}

func (l *line) setChanges(p *seal.Person, set func(change *rollimport.Change, value string)) {
	for i := range l.Changes {
		switch change := &l.Changes[i]; change.Column {
		case rollimport.ColumnName:
			set(change, p.Name.Reveal())
		case rollimport.ColumnAccount:
			set(change, p.Account.Reveal())
		}
	}
}
