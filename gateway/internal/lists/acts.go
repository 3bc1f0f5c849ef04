package lists

import (
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/standing"
	"relieftrail/gateway/internal/table"
)

var identity = []table.Column[ledger.Identity]{
	table.Text("by_agency", func(i *ledger.Identity) string { return i.MSPID }),
	table.Text("by_name", func(i *ledger.Identity) string { return i.Name }),
	table.Text("by_role", func(i *ledger.Identity) string { return i.Role }),
	table.Text("by_region", func(i *ledger.Identity) string { return i.Region }),
}

// Trail is what happened to a record. Details are NAME=VALUE, in the order of their names.
var Trail = table.New(append(append([]table.Column[index.Step]{
	table.Time("at", func(s *index.Step) time.Time { return s.At }),
	table.Text("act", func(s *index.Step) string { return s.Act }),
	table.Text("title", func(s *index.Step) string { return s.Title }),
}, table.Inside(func(s *index.Step) *ledger.Identity { return &s.By }, identity...)...),
	table.Text("record", func(s *index.Step) string { return s.Record }),
	table.Text("transaction", func(s *index.Step) string { return s.Transaction }),
	table.Integer("block", func(s *index.Step) uint64 { return s.Block }),
	table.Text("endorsers", func(s *index.Step) string { return agencies(s.Endorsers) }),
	table.Text("detail", func(s *index.Step) string { return details(s.Detail) }),
)...)

func agencies(endorsers []ledger.Identity) string {
	names := make([]string, len(endorsers))
	for i := range endorsers {
		names[i] = endorsers[i].MSPID
	}
	return strings.Join(names, " ")
}

func details(detail map[string]string) string {
	texts := make([]string, 0, len(detail))
	for name, value := range detail {
		texts = append(texts, name+"="+value)
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// Transactions are transactions: what officials did, and when.
var Transactions = table.New(append(append([]table.Column[index.Transaction]{
	table.Time("at", func(t *index.Transaction) time.Time { return t.At }),
	table.Text("act", func(t *index.Transaction) string { return t.Act }),
	table.Text("title", func(t *index.Transaction) string { return t.Title }),
}, table.Inside(func(t *index.Transaction) *ledger.Identity { return &t.By }, identity...)...),
	table.Text("transaction", func(t *index.Transaction) string { return t.Transaction }),
	table.Integer("block", func(t *index.Transaction) uint64 { return t.Block }),
	table.Word("state", states, func(t *index.Transaction) string { return t.State }),
	table.Text("code", func(t *index.Transaction) string { return t.Code }),
	table.Text("endorsers", func(t *index.Transaction) string { return agencies(t.Endorsers) }),
	table.Text("records", func(t *index.Transaction) string { return strings.Join(t.Records, " ") }),
)...)

// ActCounts are how often officials did acts.
var ActCounts = table.New(append(append([]table.Column[index.ActCount]{},
	table.Inside(func(c *index.ActCount) *ledger.Identity { return &c.By }, identity...)...),
	table.Text("act", func(c *index.ActCount) string { return c.Act }),
	table.Text("title", func(c *index.ActCount) string { return c.Title }),
	table.Integer("count", func(c *index.ActCount) int { return c.Count }),
)...)

// Readings are who read personal data.
var Readings = table.New(
	table.Integer("number", func(r *reading.Reading) uint64 { return r.Number }),
	table.Time("at", func(r *reading.Reading) time.Time { return r.At }),
	table.Text("agency", func(r *reading.Reading) string { return r.By.Agency }),
	table.Text("name", func(r *reading.Reading) string { return r.By.Name }),
	table.Text("role", func(r *reading.Reading) string { return r.By.Role }),
	table.Text("region", func(r *reading.Reading) relief.Region { return r.By.Region }),
	table.Text("purpose", func(r *reading.Reading) reading.Purpose { return r.Purpose }),
	table.Text("route", func(r *reading.Reading) string { return r.Route }),
	table.Text("record", func(r *reading.Reading) string { return r.Record }),
	table.Integer("count", func(r *reading.Reading) int { return r.Count }),
	table.Text("subjects", func(r *reading.Reading) string { return references(r.Subjects) }),
	table.Text("digest", func(r *reading.Reading) string { return r.Digest }),
	table.Text("previous", func(r *reading.Reading) string { return r.Previous }),
)

func references(refs []relief.SubjectRef) string {
	texts := make([]string, len(refs))
	for i, ref := range refs {
		texts[i] = ref.String()
	}
	return strings.Join(texts, " ")
}

// Officials are officials as their agencies have registered them.
var Officials = table.Records(
	table.Text("agency", func(e *registry.OfficialEntry) string { return e.Agency }),
	table.Text("name", func(e *registry.OfficialEntry) string { return e.Name }),
	table.Text("id", func(e *registry.OfficialEntry) string { return e.ID }),
	table.Word("state", states, func(e *registry.OfficialEntry) registry.OfficialState { return e.State }),
	table.Text("revoked", func(e *registry.OfficialEntry) string { return joined(e.Revoked) }),
	table.Text("reason", func(e *registry.OfficialEntry) string { return e.Reason }),
	table.Text("last_by", func(e *registry.OfficialEntry) string { return lastAct(e.Acts) }),
)

// Certificates are the certificates with which a gateway signs for officials.
var Certificates = table.New(
	table.Text("name", func(e *standing.End) string { return e.Name }),
	table.Text("certificate", func(e *standing.End) string { return e.Serial }),
	table.Time("ends_at", func(e *standing.End) time.Time { return e.NotAfter }),
	table.Integer("days_left", func(e *standing.End) int { return e.DaysLeft }),
	table.Word("state", certificateStates, func(e *standing.End) standing.State { return e.State }),
)

// Proposals are proposed changes of the registry.
var Proposals = table.Records(
	table.Text("id", func(p *registry.Proposal) relief.ProposalID { return p.ID }),
	table.Word("state", states, func(p *registry.Proposal) registry.ProposalState { return p.State }),
	table.Text("agreed_by", func(p *registry.Proposal) string { return joined(p.AgreedBy) }),
	table.Text("digest", func(p *registry.Proposal) string { return p.Digest }),
	table.Text("last_by", func(p *registry.Proposal) string { return lastAct(p.Acts) }),
)

// Programmes are programmes; what is said of a programme is that of its newest version.
var Programmes = table.Records(
	table.Text("id", func(p *programme.Programme) relief.ProgrammeID { return p.ID }),
	table.Word("state", states, func(p *programme.Programme) programme.VersionState { return p.State }),
	table.Integer("in_force", func(p *programme.Programme) int { return p.InForce }),
	table.Integer("version", func(p *programme.Programme) int { return newest(p).Version }),
	table.Text("name", func(p *programme.Programme) string { return newest(p).Name }),
	table.Text("name_en", func(p *programme.Programme) string { return newest(p).NameEn }),
	table.Text("region", func(p *programme.Programme) relief.Region { return newest(p).Region }),
	table.Text("unit", func(p *programme.Programme) string { return string(newest(p).Unit) }),
	table.Text("cycle", func(p *programme.Programme) string { return string(newest(p).Cycle) }),
	table.Amount("min_amount", func(p *programme.Programme) relief.Fen { return newest(p).MinAmount }),
	table.Amount("max_amount", func(p *programme.Programme) relief.Fen { return newest(p).MaxAmount }),
	table.Period("starts", func(p *programme.Programme) relief.Period { return newest(p).Starts }),
	table.Text("last_by", func(p *programme.Programme) string { return lastAct(p.Acts) }),
)

func newest(p *programme.Programme) programme.Version {
	if len(p.Versions) == 0 {
		return programme.Version{}
	}
	return p.Versions[len(p.Versions)-1].Version
}

// Accounts are accounts to which the money of several people may go.
var Accounts = table.Records(
	table.Text("id", func(a *roll.SharedAccount) relief.AccountID { return a.ID }),
	table.Text("kind", func(a *roll.SharedAccount) roll.AccountKind { return a.Kind }),
	table.Text("holder", func(a *roll.SharedAccount) string { return a.Holder }),
	table.Text("county", func(a *roll.SharedAccount) relief.Region { return a.County }),
	table.Text("account_tag", func(a *roll.SharedAccount) string { return a.Account.String() }),
	table.Word("state", states, func(a *roll.SharedAccount) roll.AccountState { return a.State }),
	table.Text("reason", func(a *roll.SharedAccount) string { return a.Reason }),
	table.Text("last_by", func(a *roll.SharedAccount) string { return lastAct(a.Acts) }),
)

// Erasures are erasures of people's private details.
var Erasures = table.Records(
	table.Text("subject", func(e *roll.Erasure) string { return e.Subject.String() }),
	table.Text("reason", func(e *roll.Erasure) roll.ErasureReason { return e.Reason }),
	table.Text("region", func(e *roll.Erasure) relief.Region { return e.Region }),
	table.Word("state", states, func(e *roll.Erasure) roll.ErasureState { return e.State }),
	table.Text("programmes", func(e *roll.Erasure) string { return joined(e.Programmes) }),
	table.Text("refusal", func(e *roll.Erasure) string { return e.Refusal }),
	table.Text("last_by", func(e *roll.Erasure) string { return lastAct(e.Acts) }),
)

// Reseals are documents that were sealed again, some at a time.
var Reseals = table.Records(
	table.Text("id", func(r *reseal.Reseal) relief.ResealID { return r.ID }),
	table.Text("county", func(r *reseal.Reseal) relief.Region { return r.County }),
	table.Integer("epoch", func(r *reseal.Reseal) uint8 { return r.Epoch }),
	table.Integer("documents", func(r *reseal.Reseal) int { return len(r.Documents) }),
	table.Integer("outdated", func(r *reseal.Reseal) int { return r.Outdated }),
	table.Word("state", states, func(r *reseal.Reseal) reseal.State { return r.State }),
	table.Text("refusal", func(r *reseal.Reseal) string { return r.Refusal }),
	table.Text("last_by", func(r *reseal.Reseal) string { return lastAct(r.Acts) }),
)

// DueErasures are people whose retention is over.
var DueErasures = table.New(
	table.Text("subject", func(d *api.DueErasure) string { return d.Subject.String() }),
	table.Text("region", func(d *api.DueErasure) relief.Region { return d.Region }),
	table.Day("due", func(d *api.DueErasure) relief.Day { return d.Due }),
	table.Text("wait", func(d *api.DueErasure) string { return d.Wait }),
	table.Word("state", states, func(d *api.DueErasure) roll.ErasureState { return d.State }),
)

// Links are links between references of one human being.
var Links = table.Records(
	table.Text("earlier", func(l *roll.Link) string { return l.From.String() }),
	table.Text("later", func(l *roll.Link) string { return l.To.String() }),
	table.Text("reason", func(l *roll.Link) roll.LinkReason { return l.Reason }),
	table.Text("region", func(l *roll.Link) relief.Region { return l.Region }),
	table.Word("state", states, func(l *roll.Link) roll.LinkState { return l.State }),
	table.Text("refusal", func(l *roll.Link) string { return l.Refusal }),
	table.Text("last_by", func(l *roll.Link) string { return lastAct(l.Acts) }),
)

// Holds are legal holds.
var Holds = table.Records(
	table.Text("id", func(h *roll.Hold) relief.HoldID { return h.HoldTerms.ID() }),
	table.Text("reason", func(h *roll.Hold) roll.HoldReason { return h.Reason }),
	table.Text("region", func(h *roll.Hold) relief.Region { return h.Region }),
	table.Word("state", states, func(h *roll.Hold) roll.HoldState { return h.State }),
	table.Text("last_by", func(h *roll.Hold) string { return lastAct(h.Acts) }),
)

// Rates are the rates of a programme by month.
var Rates = table.New(
	table.Text("programme", func(r *programme.Rate) relief.ProgrammeID { return r.Programme }),
	table.Period("period", func(r *programme.Rate) relief.Period { return r.Period }),
	table.Text("region", func(r *programme.Rate) relief.Region { return r.Region }),
	table.Amount("amount", func(r *programme.Rate) relief.Fen { return r.Amount }),
	table.Text("class_amounts", func(r *programme.Rate) string { return classAmounts(r.ClassAmounts) }),
	table.Text("document", func(r *programme.Rate) string { return r.Document }),
	table.Word("state", states, func(r *programme.Rate) programme.RateState { return r.State }),
	table.Text("digest", func(r *programme.Rate) string { return r.Digest }),
	table.Text("reason", func(r *programme.Rate) string { return r.Reason }),
	table.Text("used_by", func(r *programme.Rate) relief.ImportID { return r.UsedBy }),
	table.Text("last_by", func(r *programme.Rate) string { return lastAct(r.Acts) }),
)

func classAmounts(amounts map[string]relief.Fen) string {
	texts := make([]string, 0, len(amounts))
	for class, amount := range amounts {
		texts = append(texts, class+"="+amount.String())
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// Unreadable are the values on the ledger that cannot be read.
var Unreadable = table.New(
	table.Text("kind", func(u *index.Unreadable) string { return u.Kind }),
	table.Text("key", func(u *index.Unreadable) string { return u.Key }),
	table.Text("reason", func(u *index.Unreadable) string { return u.Reason }),
	table.Integer("block", func(u *index.Unreadable) uint64 { return u.Block }),
	table.Text("transaction", func(u *index.Unreadable) string { return u.Transaction }),
	table.Text("sha256", func(u *index.Unreadable) string { return u.SHA256 }),
)
