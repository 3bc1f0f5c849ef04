package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"

	"relieftrail/gateway/internal/bilingual"
)

// StatementsPage is what the page of public statements shows.
type StatementsPage struct {
	Size     int64 // that all agencies have signed
	Signed   bool  // whether they have signed at all
	Entries  []StatementEntry
	Older    uint64 // the first that is shown, when there are older ones
	Verifier bool   // whether the page can check; set here
}

// StatementEntry is a statement of the page.
type StatementEntry struct {
	N           uint64
	Title, Text bilingual.Text
	Link        string // to the page of what it is about; "" for none
	LinkText    bilingual.Text
	Content     string // canonical JSON
}

// head is what the public pages that are rendered anew have at their heads. A page with a script is in one language at a time.
type head struct {
	Title, Script string
	Checks        bool // the script is there, with the verifier that it needs
}

func newHead(title, script string, verifier bool) head {
	return head{title, script, script != "" && verifier}
}

// live are the pages that are rendered each time they are asked for.
type live struct{ templates *template.Template }

// write renders a page before any byte of it is sent.
func (l *live) write(w http.ResponseWriter, r *http.Request, name string, data any) error {
	var b bytes.Buffer
	if err := l.templates.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
	writePage(w, r, &asset{contentType: "text/html; charset=utf-8", plain: b.Bytes(), etag: etag(b.Bytes())}, livePolicy)
	return nil
}

// Statements serves the page of public statements.
func (p *Pages) Statements(w http.ResponseWriter, r *http.Request, page StatementsPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "statements.html", page)
}

// IndicatorsPage is what the page of indicators shows: those of a question, or the months that have any.
type IndicatorsPage struct {
	ID, Region, Period    string // as asked
	Months                []ListLink
	Programme             bilingual.Text
	Place, Today, FinalOn string
	Block                 uint64
	County                bool // or smaller: its JSON as of a block is for anybody
	Stand, Grade          bilingual.Text
	Score, SHA256         string
	Rows                  []IndicatorRow
	Parts                 []ScorePart
	NotClosed             []string
}

// IndicatorRow is an indicator in words.
type IndicatorRow struct {
	Name, Of, Met, Known bilingual.Text
	Value, Target, Score string
	None, Good           bool
}

// ScorePart is a part of the score.
type ScorePart struct {
	Name          bilingual.Text
	Weight        int64
	Scored        bool
	Points, Score string
}

// Indicators serves the page of indicators.
func (p *Pages) Indicators(w http.ResponseWriter, r *http.Request, page IndicatorsPage) error {
	return p.live.write(w, r, "indicators.html", page)
}

// ContactsPage is what the page of contacts shows.
type ContactsPage struct {
	Region   string // as asked
	Contacts []Contact
}

// Contact is where people ask and complain.
type Contact struct {
	Kind, Name                         bilingual.Text
	Place, Phone, Dial, Address, Hours string // Dial is the telephone's digits
}

// Contacts serves the page of contacts.
func (p *Pages) Contacts(w http.ResponseWriter, r *http.Request, page ContactsPage) error {
	return p.live.write(w, r, "contacts.html", page)
}

// ListsPage is what the page of all published lists shows.
type ListsPage struct {
	Lists                   []ListLink
	Region, Programme, Next string
	Verifier                bool
}

// ListLink leads to a list.
type ListLink struct {
	Programme                                     bilingual.Text
	Place, Period, Path, PublishedOn, OnlineUntil string
}

// ListHead is what the pages of a list have in common.
type ListHead struct {
	Programme                           bilingual.Text
	Place, Period, Path                 string
	Version, Latest                     int    // of the list: what is shown, and the last one
	Earlier                             []int  // versions before the last one
	CorrectedOn                         string // "" for the first version
	PublishedOn, OnlineUntil            string
	Households, Persons, Rows, Villages int    // of the county
	Sum                                 string // of the county
	Statement                           string // of the month, canonical JSON
	Verifier                            bool
}

// ListPage shows the villages of a list.
type ListPage struct {
	ListHead
	Shown []ListVillage
}

// ListVillage is a village of a list. Without a sum only the counts are shown.
type ListVillage struct {
	Code, Place, Sum          string
	Households, Persons, Rows int
	Deducted, Root            string
	Line                      string // canonical JSON of all that
}

// VillagePage shows the rows of a village.
type VillagePage struct {
	ListHead    ListHead
	ListVillage ListVillage
	Index       int    // of the line among those of the list
	LinePath    string // from the line to the root in the statement
	Named       bool   // the rows have masked names
	Shown       []ListRow
	Verifier    bool
}

// ListRow is a row of a village. Its name is masked, and no part of what is proved.
type ListRow struct {
	Name                   string
	Class                  string
	Persons                uint8
	Amount, Period, PaidOn string
	Kind                   bilingual.Text
	Word, Deducted, Leaf   string // of its canonical JSON: the kind's word there, and what no column shows
}

// Lists serves the page of all published lists.
func (p *Pages) Lists(w http.ResponseWriter, r *http.Request, page ListsPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "lists.html", page)
}

// List serves the page of the villages of a list.
func (p *Pages) List(w http.ResponseWriter, r *http.Request, page ListPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "list.html", page)
}

// Village serves the page of the rows of a village.
func (p *Pages) Village(w http.ResponseWriter, r *http.Request, page VillagePage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "village.html", page)
}
