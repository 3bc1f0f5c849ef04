package jobs

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/seal"
)

// proposal reads a county's roll, holds it against the roll on the ledger, keeps what an import would write, and proposes
// it. Nobody is on the roll before another official has confirmed.
type proposal struct {
	attempt *attempt
	doc     rollimport.Import
	version *programme.Version
	alone   bool // the programme is and was for this county only
	writer  *rollimport.Writer
	tagger  *seal.Tagger
	lines   []rollimport.Line
	unread  []rollimport.Row
}

// proposeImport proposes what the job's file says. A job that begins again proposes what it has planned before: each
// sealing differs, and with it the hashes.
func (a *attempt) proposeImport(f io.Reader) error {
	if a.runner.options.Persons == nil {
		return relief.Errorf(relief.CodeForbidden, "本网关没有个人信息密钥，请到保存个人信息的网关导入名册 · "+
			"this gateway has no persons key: rolls are imported where private details are kept")
	}
	doc, err := a.runner.imports.OfJob(a.job.id)
	if errors.Is(err, rollimport.ErrNone) {
		doc, err = a.planImport(f)
	}
	if err != nil {
		return err
	}
	return a.sendProposal(&doc)
}

// planImport reads the file and keeps the plan.
func (a *attempt) planImport(f io.Reader) (doc rollimport.Import, err error) {
	p, err := newProposal(a)
	if err != nil {
		return doc, err
	}
	name := planningPrefix + a.job.id
	if p.writer, err = a.runner.imports.Create(name); err != nil {
		return doc, err
	}
	defer func() {
		p.writer.Close()
		if err != nil {
			_ = a.runner.imports.Remove(name)
		}
	}()
	if a.job.spec.Kind == KindTaking {
		err = p.take()
	} else {
		err = p.read(f)
	}
	if err != nil {
		return doc, err
	}
	on, err := p.loadRoll()
	if err != nil {
		return doc, err
	}
	on.OneMonth = p.version.FromRolls()
	declared, err := a.declaredAccounts(rollimport.SharedAccounts(p.lines, on))
	if err != nil {
		return doc, err
	}
	c := rollimport.Compare(p.lines, p.unread, on, p.doc.From, declared)
	if err := p.name(); err != nil {
		return doc, err
	}
	return p.writer.Finish(p.doc, c, p.alone)
}

// planningPrefix begins the names of folders of imports that are not planned yet. No import's id begins with it.
const planningPrefix = "~"

// declaredAccounts are those of some accounts, by their tags, that are declared as an institution's or a guardian's, which
// several people may share.
func (a *attempt) declaredAccounts(accounts []relief.Tag) (map[relief.Tag]bool, error) {
	declared := make(map[relief.Tag]bool, len(accounts))
	for tags := range slices.Chunk(accounts, api.MaxTags) {
		found, err := ask(a, api.RollSharedAccounts, api.TagsInput{Tags: tags})
		if err != nil {
			return nil, err
		}
		for _, account := range found.Accounts {
			declared[account.Account] = true
		}
	}
	return declared, nil
}

func newProposal(a *attempt) (*proposal, error) {
	id := relief.ProgrammeID(a.job.spec.Target)
	terms, err := ask(a, api.ProgrammeGet, api.ProgrammeInput{ID: id})
	if err != nil {
		return nil, err
	}
	current, err := terms.Current()
	if err != nil {
		return nil, err
	}
	p := &proposal{
		attempt: a, tagger: a.runner.options.Persons.Tagger(), version: &current.Version, alone: onlyCounty(terms.Versions, current.Region.County()),
		doc: rollimport.Import{
			ID: a.job.spec.Import, Job: a.job.id, Principal: a.job.spec.Principal, Programme: id,
			County: current.Region.County(), From: current.Starts.Start(), SegmentSize: uint32(current.SegmentSize), //nolint:gosec // 1 to 1,000
		},
	}
	if region := a.job.spec.County; region != "" {
		p.doc.County = region
	}
	if a.job.spec.From != "" {
		p.doc.From, err = relief.ParsePeriod(a.job.spec.From)
	}
	return p, err
}

// onlyCounty reports whether all versions of a programme are for one county and the same.
func onlyCounty(versions []programme.VersionRecord, county relief.Region) bool {
	for i := range versions {
		if versions[i].Region.County() != county {
			return false
		}
	}
	return county != ""
}

// read reads, checks and seals every line of the file.
func (p *proposal) read(f io.Reader) error {
	a, o := p.attempt, &p.attempt.runner.options
	reader, err := intake.NewReader(f, intake.Options{
		Kind: intake.KindRoll, ContentType: a.job.spec.ContentType, References: o.References.Maker(a.ctx), Today: a.runner.today(),
	})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		line, refusal, err := reader.Next()
		if errors.Is(err, io.EOF) {
			a.job.read(n - 1)
			return nil
		}
		if err == nil && refusal == nil {
			err = p.add(reader, &line)
		}
		if err != nil {
			return err
		}
		if refusal != nil {
			p.unread = append(p.unread, rollimport.Row{
				Line: refusal.FileLine, Refusal: rollimport.Refusal{Field: refusal.Field, Code: refusal.Code, Note: refusal.Note},
			})
		}
		if err := a.progress(n); err != nil {
			return err
		}
	}
}

// add keeps a line that could be read. One that is refused keeps its details too: the official who confirms sees whose
// it is.
func (p *proposal) add(reader *intake.Reader, l *intake.Line) error {
	if p.doc.County == "" {
		p.doc.County = l.Region.County()
	}
	under := p.tagger.All(l.Name, l.Account)
	line := rollimport.Line{Doubt: l.Account.Doubt(), Input: roll.Input{
		Seq: uint32(l.FileLine), //nolint:gosec // a file's lines
		Ref: l.Ref, Region: l.Region, Persons: l.Persons, Class: l.Class, Amount: l.Amount, Payee: under[0],
		Told: roll.Told{PaidThrough: l.PaidThrough.End(), PaidSum: l.PaidSum}, Residence: l.Residence, Members: l.Members,
	}, Under: under}
	refusal := reader.Admit(l)
	switch {
	case !p.doc.County.Covers(l.Region):
		refusal = l.Refuse("region", relief.LineRegionOutside)
	case !l.PaidThrough.IsZero() && p.version.Cycle.Period(l.PaidThrough.FirstMonth()).End() != l.PaidThrough.End():
		refusal = l.Refuse("paid_through", relief.LinePeriod)
	}
	if refusal != nil {
		line.Refusal = rollimport.Refusal{Field: refusal.Field, Code: refusal.Code, Note: refusal.Note}
	}
	sealed, err := p.attempt.runner.options.Persons.Seal(&l.Person, l.Ref, p.doc.Programme)
	if err != nil {
		return err
	}
	if line.Details, err = p.writer.AddDetails(sealed); err != nil {
		return err
	}
	p.lines = append(p.lines, line)
	return nil
}

// loadRoll reads the county's roll as it is on the ledger now.
func (p *proposal) loadRoll() (*rollimport.Roll, error) {
	if p.doc.County == "" { // no line could be read
		return &rollimport.Roll{Size: p.doc.SegmentSize}, nil
	}
	return p.attempt.standingRoll(rollKey{p.doc.Programme, p.doc.County})
}

// name gives the import its id, unless the caller has: the programme, the county, the day, and some characters of the
// job's id.
func (p *proposal) name() error {
	a := p.attempt
	if p.doc.ID == "" {
		sum := sha256.Sum256([]byte(a.job.id))
		day := strings.ReplaceAll(string(a.runner.dayOf(a.job.snapshot().StartedAt)), "-", "")
		p.doc.ID = relief.ImportID(fmt.Sprintf("%s-%s-%s-%s", p.doc.Programme, p.doc.County, day,
			strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:idCharacters])))
	}
	if _, err := a.runner.imports.Load(string(p.doc.ID)); !errors.Is(err, rollimport.ErrNone) {
		return relief.FieldErrorf("import", "已有同编号的导入，请另选编号 · an import with this id is kept already: choose another id")
	}
	return nil
}

// idCharacters are those of a job's hash in an import's id: 30 bits, for the imports of a county and day.
const idCharacters = 6

// sendProposal proposes a plan on the ledger. A plan that changes nothing, or that the contract refuses, is not kept.
func (a *attempt) sendProposal(doc *rollimport.Import) error {
	if err := a.tellPlan(doc); err != nil {
		return err
	}
	if len(doc.Chunks) == 0 {
		return a.runner.imports.Remove(string(doc.ID))
	}
	terms := doc.Terms()
	call, err := contracts.Call(a.job.spec.Principal, api.RollProposeImport, terms, nil)
	if err != nil {
		return err
	}
	answer, err := a.deliver(call, nil)
	var refused *relief.Error
	if errors.As(err, &refused) {
		return errors.Join(err, a.runner.imports.Remove(string(doc.ID)))
	}
	if err != nil {
		return err
	}
	record, err := contracts.Answer(api.RollProposeImport, answer.Result)
	if err != nil {
		return err
	}
	_ = a.job.update(func(j *Job) {
		j.Import.ID, j.Import.Digest = record.ID, record.Digest
		j.Transactions++
	})
	return nil
}

// tellPlan counts a plan's lines as the job's. The job lists the lines that are refused.
func (a *attempt) tellPlan(doc *rollimport.Import) error {
	for from := int64(0); ; {
		rows, next, err := a.runner.imports.Rows(string(doc.ID), rollimport.KindRefused, from, readEvery)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			a.job.refuse(&intake.Refusal{FileLine: r.Line, Field: r.Field, Code: r.Code, Note: r.Note})
		}
		if from = next; next == 0 {
			break
		}
	}
	s := &doc.Summary
	_ = a.job.update(func(j *Job) {
		j.Progress.Accepted, j.Progress.Unchanged = s.New.Count+s.Changed.Count, s.Unchanged.Count
		j.Progress.LinesRead = j.Progress.Accepted + j.Progress.Unchanged + s.Refused.Count
		j.Import = &ImportResult{
			New: s.New.Count, Changed: s.Changed.Count, Unchanged: s.Unchanged.Count, Missing: s.Missing.Count, Refused: s.Refused.Count,
			Count: s.New.Count + s.Changed.Count, Sum: s.New.Sum + s.Changed.Sum,
		}
	})
	return nil
}

// importGone is what a caller is told when nothing is kept of an import.
var importGone = bilingual.Text{
	Zh: "本网关未保存此次导入的内容，请撤回后重新上传", En: "this gateway keeps nothing of the import: withdraw it and send the file again",
}
