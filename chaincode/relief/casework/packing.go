package casework

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/packed"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

// Each act writes its case anew, with the whole history: so a case is packed. docs/ledger-layout.md says how.
const (
	caseKind    = 'c'
	caseVersion = 2
)

// MarshalBinary packs the case.
func (c Case) MarshalBinary() ([]byte, error) {
	return packed.Write(caseKind, caseVersion, c.fields) //nolint:wrapcheck // of this module
}

// UnmarshalBinary reads a case as the ledger has it; CORRUPT for any other bytes.
func (c *Case) UnmarshalBinary(b []byte) error {
	var read Case
	if err := read.unpack(b); err != nil {
		return err
	}
	*c = read
	return nil
}

func (c *Case) unpack(b []byte) error {
	if isDocument(b) {
		return json.Unmarshal(b, c) //nolint:wrapcheck // the caller says which record
	}
	return packed.Read(b, caseKind, caseVersion, c.fields) //nolint:wrapcheck // of this module
}

// isDocument reports whether a case is written as in version 1: a JSON document. The next act on the case packs it.
func isDocument(b []byte) bool { return len(b) > 0 && b[0] == '{' }

// fields names the fields of a case in the order in which they are packed. A new one is a new version.
func (c *Case) fields(f *packed.Fields) {
	packed.Text(f, &c.ID)
	packed.Text(f, &c.Programme)
	packed.Number(f, &c.Version)
	packed.Text(f, &c.Region)
	packed.Text(f, &c.Settlement)
	packed.List(f, &c.Members, memberFields)
	f.Hash(&c.Facts)
	packed.Number(f, &c.FactsAct)
	f.Tag(&c.Name)
	f.Tag(&c.Account)
	packed.TextOrNone(f, &c.Need)
	f.Amount(&c.Asked)
	f.Tag(&c.Bill)
	packed.List(f, &c.BillBefore, tagFields)
	packed.Text(f, &c.State)
	termsFields(&c.Terms, f)
	c.preparationFields(f)
	c.decisionFields(f)
	packed.Text(f, &c.Due)
	packed.Text(f, &c.RecheckOn)
	packed.List(f, &c.Acts, packed.Entry)
	packed.List(f, &c.Heads, (*FormerHead).fields)
	packed.List(f, &c.EarlierFacts, (*FactsVersion).fields)
	packed.Text(f, &c.FactsErased)
}

// preparationFields are those of what comes before a decision.
func (c *Case) preparationFields(f *packed.Fields) {
	packed.List(f, &c.Overlaps, (*Overlap).fields)
	packed.List(f, &c.Answers, (*ClaimAnswer).fields)
	packed.List(f, &c.Evidence, (*Evidence).fields)
	packed.List(f, &c.Questions, (*Question).fields)
	packed.List(f, &c.Matches, (*Match).fields)
	packed.List(f, &c.Notices, (*Notice).fields)
	packed.List(f, &c.Objections, (*Objection).fields)
}

// decisionFields are those of a decision and what comes after it.
func (c *Case) decisionFields(f *packed.Fields) {
	packed.Optional(f, &c.Decision, (*Decision).fields)
	packed.Optional(f, &c.Grant, (*SingleGrant).fields)
	packed.Optional(f, &c.Roll, numberFields)
	packed.Optional(f, &c.Review, (*Review).fields)
	packed.Optional(f, &c.Suspended, (*Suspension).fields)
	packed.Optional(f, &c.Ended, (*Ending).fields)
	packed.List(f, &c.Appeals, (*Appeal).fields)
	packed.List(f, &c.Notes, (*Note).fields)
	packed.Optional(f, &c.Adopted, (*Adoption).fields)
}

func memberFields(r *relief.SubjectRef, f *packed.Fields) { f.Ref(r) }

func tagFields(t *relief.Tag, f *packed.Fields) { f.Tag(t) }

func termsFields(t *roll.Terms, f *packed.Fields) {
	packed.Text(f, &t.Class)
	packed.Number(f, &t.Persons)
	f.Amount(&t.Amount)
}

func numberFields(n *roll.Number, f *packed.Fields) {
	packed.Text(f, &n.County)
	packed.Number(f, &n.Number)
}

func statementFields(s *registry.MatchStatement, f *packed.Fields) {
	packed.Text(f, &s.Source)
	f.Ref(&s.Subject)
	f.Time(&s.QueriedAt)
	packed.Text(f, &s.Code)
	f.Bool(&s.Adverse)
	f.Hash(&s.ResultSHA256)
	f.Signature(&s.Signature)
}

func (h *FormerHead) fields(f *packed.Fields) {
	f.Ref(&h.Head)
	packed.Text(f, &h.Programme)
	packed.Number(f, &h.Act)
}

func (v *FactsVersion) fields(f *packed.Fields) {
	packed.Number(f, &v.Act)
	f.Hash(&v.SHA256)
}

func (o *Overlap) fields(f *packed.Fields) {
	f.Ref(&o.Subject)
	packed.Text(f, &o.Programme)
	packed.Text(f, &o.County)
	packed.TextOrNone(f, &o.Case)
	packed.Text(f, &o.State)
}

func (a *ClaimAnswer) fields(f *packed.Fields) {
	f.Ref(&a.Subject)
	packed.Text(f, &a.County)
	packed.Text(f, &a.State)
	packed.Number(f, &a.Act)
}

func (e *Evidence) fields(f *packed.Fields) {
	packed.Text(f, &e.Kind)
	f.Time(&e.TakenAt)
	packed.Text(f, &e.Region)
	f.Hash(&e.SHA256)
	packed.Text(f, &e.MediaType)
	packed.Number(f, &e.Act)
}

func (q *Question) fields(f *packed.Fields) {
	packed.Text(f, &q.Source)
	f.Ref(&q.Subject)
	f.Time(&q.At)
	packed.Number(f, &q.Act)
}

func (m *Match) fields(f *packed.Fields) {
	statementFields(&m.MatchStatement, f)
	packed.Number(f, &m.Act)
	packed.Optional(f, &m.Answer, (*MatchAnswer).fields)
}

func (a *MatchAnswer) fields(f *packed.Fields) {
	packed.Text(f, &a.Outcome)
	f.Hash(&a.SHA256)
	packed.Number(f, &a.Act)
}

func (n *Notice) fields(f *packed.Fields) {
	termsFields(&n.Terms, f)
	f.Time(&n.Opened)
	f.Time(&n.Closes)
	packed.Number(f, &n.Act)
}

func (o *Objection) fields(f *packed.Fields) {
	packed.Text(f, &o.Channel)
	f.Hash(&o.SHA256)
	packed.Number(f, &o.Act)
	packed.Optional(f, &o.Answer, (*ObjectionAnswer).fields)
}

func (a *ObjectionAnswer) fields(f *packed.Fields) {
	f.Bool(&a.Founded)
	f.Hash(&a.SHA256)
	packed.Number(f, &a.Act)
}

func (d *Decision) fields(f *packed.Fields) {
	packed.Text(f, &d.Outcome)
	f.Period(&d.From)
	f.Period(&d.Until)
	packed.Text(f, &d.Reason)
	packed.Text(f, &d.HowToAppeal)
	packed.Text(f, &d.AppealUntil)
	f.Bool(&d.Late)
	packed.Number(f, &d.Act)
}

func (g *SingleGrant) fields(f *packed.Fields) {
	f.Payment(&g.Payment)
	f.Bool(&g.Township)
	packed.Text(f, &g.ConfirmDue)
	packed.Optional(f, &g.Confirmed, (*Confirmation).fields)
	packed.Text(f, &g.PapersDue)
	packed.Optional(f, &g.Papers, (*Papers).fields)
}

func (c *Confirmation) fields(f *packed.Fields) {
	f.Bool(&c.Agreed)
	packed.Text(f, &c.Reason)
	f.Bool(&c.Late)
	packed.Number(f, &c.Act)
}

func (p *Papers) fields(f *packed.Fields) {
	packed.Text(f, &p.On)
	f.Bool(&p.Late)
	packed.Number(f, &p.Act)
}

func (r *Review) fields(f *packed.Fields) {
	packed.Text(f, &r.Finding)
	termsFields(&r.Terms, f)
	packed.List(f, &r.Members, memberFields)
	f.Period(&r.From)
	packed.Text(f, &r.FromReason)
	packed.Text(f, &r.Document)
	packed.Text(f, &r.Reason)
	f.Hash(&r.Facts)
	packed.Number(f, &r.Version)
	packed.Number(f, &r.Act)
}

func (s *Suspension) fields(f *packed.Fields) {
	f.Period(&s.From)
	packed.Text(f, &s.Reason)
	packed.Number(f, &s.Act)
}

func (e *Ending) fields(f *packed.Fields) {
	packed.Text(f, &e.Reason)
	packed.Text(f, &e.On)
	f.Period(&e.LastPeriod)
	packed.Text(f, &e.AppealUntil)
	packed.Number(f, &e.Act)
	packed.TextOrNone(f, &e.Change)
}

func (a *Appeal) fields(f *packed.Fields) {
	f.Hash(&a.SHA256)
	packed.Text(f, &a.Due)
	packed.Number(f, &a.Act)
	packed.Optional(f, &a.Answer, (*AppealAnswer).fields)
}

func (a *AppealAnswer) fields(f *packed.Fields) {
	f.Bool(&a.Upheld)
	f.Hash(&a.SHA256)
	packed.Number(f, &a.Act)
}

func (n *Note) fields(f *packed.Fields) {
	f.Hash(&n.SHA256)
	packed.Number(f, &n.Act)
}

func (a *Adoption) fields(f *packed.Fields) {
	f.Period(&a.From)
	f.Period(&a.Until)
	f.Period(&a.PaidThrough)
	f.Amount(&a.PaidSum)
}
