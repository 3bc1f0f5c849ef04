package jobs

import (
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

const (
	// waitingActs bounds the acts, with private details, that are held back until their chunk is full.
	waitingActs = 20_000
	// actsAChunk bounds the acts of one transaction: each act writes a whole case of some 2 kB.
	actsAChunk = 500
	// caseLanes bounds the chunks in flight of one file. Acts on one case share a lane and go in their order.
	caseLanes = 16
	// grantsAtOnce bounds the grants whose segment of the roll is looked up at a time: the contract's own limit.
	grantsAtOnce = 500
)

// filedAct is one act of a file, ready for its chunk.
type filedAct struct {
	line     int
	document json.RawMessage
	facts    []byte // of an application, sealed
	person   []byte // of an application or a change of the payee, sealed
}

// actsPlan carries a file of acts on cases: acts on one case in their order, grants by the segment of the roll that
// they add to.
type actsPlan struct {
	attempt    *attempt
	act        relief.Act
	persons    *seal.Key        // seals applications and changes of the payee; nil for other acts
	households *seal.Households // for applications
	lanes      *lanes[filedAct]

	grants     []pendingGrant // whose segment of the roll is not known yet
	rolls      map[rollKey]*grantRoll
	grantLanes map[grantLane]uint32
}

func newActsPlan(a *attempt) (*actsPlan, error) {
	p := &actsPlan{
		attempt: a, act: relief.Act(a.job.spec.Target), lanes: newLanes[filedAct](actsAChunk, waitingActs),
		rolls: map[rollKey]*grantRoll{}, grantLanes: map[grantLane]uint32{},
	}
	if p.act != relief.ActCaseApply && p.act != relief.ActRollChangePayee {
		return p, nil
	}
	o := &a.runner.options
	if o.Persons == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "本网关没有个人信息密钥，请到保存个人信息的网关办理 · "+
			"this gateway has no persons key: applications and changes of a payee are taken where private details are kept")
	}
	p.persons = o.Persons
	p.households = &seal.Households{References: o.References.Maker(a.ctx), Persons: o.Persons, Same: true, Today: a.runner.today()}
	return p, nil
}

// carryActs works through a file of acts.
func (a *attempt) carryActs(f io.Reader) error {
	p, err := newActsPlan(a)
	if err != nil {
		return err
	}
	acts := intake.NewActs(f)
	for n := 1; ; n++ {
		line, document, refusal, err := acts.Next()
		if errors.Is(err, io.EOF) {
			a.job.read(n - 1)
			return p.end()
		}
		if err == nil && refusal == nil {
			refusal, err = p.add(line, document)
		}
		if err != nil {
			return err
		}
		if refusal != nil {
			a.job.refuse(refusal)
		}
		if err := a.progress(n); err != nil {
			return err
		}
	}
}

func (p *actsPlan) end() error {
	if err := p.placeGrants(); err != nil {
		return err
	}
	if err := p.send(p.lanes.takeAll()); err != nil {
		return err
	}
	return p.attempt.scheduler.wait()
}

// add puts an act into its lane. A refusal is the line's, an error the job's.
func (p *actsPlan) add(line int, document []byte) (*intake.Refusal, error) {
	a := filedAct{line: line, document: append(json.RawMessage(nil), document...)}
	if err := intake.CheckDays(p.act, document, p.attempt.runner.localTime()); err != nil {
		return actRefusal(line, err)
	}
	if p.persons != nil {
		if err := p.seal(&a); err != nil {
			return actRefusal(line, err)
		}
	}
	var of struct {
		Case    string   `json:"case"`
		ID      string   `json:"id"`
		Need    string   `json:"need"`
		Subject string   `json:"subject"`
		Change  string   `json:"change"`
		Outcome string   `json:"outcome"`
		Segment *int     `json:"segment"`
		Members []string `json:"members"`
	}
	_ = json.Unmarshal(a.document, &of) // the contract says what is wrong with it
	if len(of.Members) > 0 && p.act == relief.ActCaseApply {
		of.ID = of.Members[0] // of two applications of one household the first one in the file counts
	}
	if (p.act == relief.ActCaseDecide || p.act == relief.ActCaseDecideTownship) && of.Outcome == string(casework.Granted) && of.Segment == nil {
		return nil, p.addGrant(pendingGrant{filedAct: a, id: of.Case})
	}
	if p.act == relief.ActPersonConfirmErasure { // people share detail pages: one chunk after another
		return nil, p.send(p.lanes.add(0, a))
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, of.Case+"\x00"+of.ID+"\x00"+of.Need+"\x00"+of.Subject+"\x00"+neighbours(of.Change)) // a hash never fails
	return nil, p.send(p.lanes.add(h.Sum32()%caseLanes, a))
}

func (p *actsPlan) send(full []laneLines[filedAct]) error {
	for _, l := range full {
		chunk := &actsChunk{p.attempt, p.act, p.persons != nil, l}
		if err := p.attempt.scheduler.send(chunk); err != nil {
			return err
		}
	}
	return nil
}

// neighbours is what the changes of a thousand neighbours on a roll have in common: they write the same segment, and go one
// chunk after another.
func neighbours(change string) string {
	id, err := relief.ParseChangeID(change)
	if err != nil {
		return change // the contract says what is wrong with it
	}
	return id.Entry()[:len(id.Entry())-3]
}

// seal leaves of an application, or of a change of the payee, what may leave the gateway.
func (p *actsPlan) seal(a *filedAct) error {
	if p.act == relief.ActRollChangePayee {
		return p.sealPayee(a)
	}
	application, err := seal.ReadApplication(a.document)
	if err != nil {
		return err
	}
	sealed, err := p.households.Seal(&application)
	if err != nil {
		return err
	}
	a.facts, a.person = sealed.Facts, sealed.Person
	a.document, err = json.Marshal(sealed.Argument)
	return err
}

func (p *actsPlan) sealPayee(a *filedAct) error {
	change, argument, err := seal.ReadPayeeChange(a.document)
	if err != nil {
		return err
	}
	held, err := ask(p.attempt, api.RollDetails, api.EntryInput{Programme: argument.Programme, Subject: argument.Subject})
	if err != nil {
		return err
	}
	opened, err := p.attempt.runner.options.Readings.Read(reading.Access{
		Principal: p.attempt.job.spec.Principal, Purpose: reading.ChangePayee, Route: "job", Record: "job/" + p.attempt.job.id,
	}, argument.Subject)
	if err != nil {
		return err
	}
	present, err := opened.Person(held.Details, argument.Subject, argument.Programme)
	if err != nil {
		return err
	}
	if a.person, err = p.persons.SealPayeeChange(&change, &argument, present, held.Payee, true); err != nil {
		return err
	}
	a.document, err = json.Marshal(argument)
	return err
}

// actRefusal is an act's refusal; any other error is the job's.
func actRefusal(line int, err error) (*intake.Refusal, error) {
	var refused *relief.Error
	if !errors.As(err, &refused) {
		return nil, err
	}
	return &intake.Refusal{FileLine: line, Field: refused.Field, Code: refused.Code.OfLine(), Note: bilingual.Refusal(refused)}, nil
}

// actsChunk is acts on cases on their way to the contract.
type actsChunk struct {
	attempt *attempt
	act     relief.Act
	sealed  bool // the acts have sealed facts and persons
	acts    laneLines[filedAct]
}

func (c *actsChunk) lanes() []uint32 { return []uint32{c.acts.lane} }

func (c *actsChunk) call() (ledger.Call, error) {
	input := api.FileInput{Act: c.act}
	var facts, persons [][]byte
	for i := range c.acts.lines {
		a := &c.acts.lines[i]
		input.Items = append(input.Items, a.document)
		if c.sealed {
			facts, persons = append(facts, a.facts), append(persons, a.person)
		}
	}
	principal := c.attempt.job.spec.Principal
	switch {
	case c.act == relief.ActPersonConfirmErasure:
		pages, err := c.pages()
		if err != nil {
			return ledger.Call{}, err
		}
		return contracts.Call(principal, api.CaseFile, input, map[string][]byte{wire.TransientPages: roll.AppendDetails(nil, pages)})
	case !c.sealed:
		return contracts.Call(principal, api.CaseFile, input, nil)
	}
	return contracts.Call(principal, api.CaseFile, input, map[string][]byte{
		wire.TransientFacts: roll.AppendDetails(nil, facts), wire.TransientPersons: roll.AppendDetails(nil, persons),
	})
}

// pages are the detail pages of the people whose erasure the chunk confirms. Whose pages cannot be read is refused by the contract.
func (c *actsChunk) pages() ([][]byte, error) {
	var pages [][]byte
	seen := map[string]bool{}
	for i := range c.acts.lines {
		var in api.SubjectInput
		if json.Unmarshal(c.acts.lines[i].document, &in) != nil {
			continue
		}
		held, err := ask(c.attempt, api.RollDetailPages, in)
		var refused *relief.Error
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, page := range held.Pages {
			if !seen[string(page)] {
				seen[string(page)] = true
				pages = append(pages, page)
			}
		}
	}
	return pages, nil
}

func (c *actsChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	counts, err := contracts.Answer(api.CaseFile, result)
	if err != nil {
		return wire.ChunkResult{}, nil, err
	}
	var refused []intake.Refusal
	for _, r := range counts.Refused {
		if r.Seq < 0 || r.Seq >= len(c.acts.lines) {
			return wire.ChunkResult{}, nil, errors.New("an act is refused that was not sent")
		}
		why := &relief.Error{Code: r.Code, Field: r.Field, Detail: r.Detail}
		refused = append(refused, intake.Refusal{
			FileLine: c.acts.lines[r.Seq].line, Field: r.Field, Code: r.Code.OfLine(), Note: bilingual.Refusal(why),
		})
	}
	if n := len(counts.Elsewhere); n > 0 {
		c.attempt.job.knownElsewhere(n)
	}
	return wire.ChunkResult{Accepted: counts.Accepted, Unchanged: counts.Unchanged}, refused, nil
}
