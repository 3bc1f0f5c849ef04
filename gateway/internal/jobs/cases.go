package jobs

import (
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

const (
	// actsAChunk bounds the acts of one transaction: a case is written whole, some 2 kB of it at a time.
	actsAChunk = 500
	// caseLanes are the chunks in flight of one file. Acts on one case lie in one lane and go in their order.
	caseLanes = 16
	// placesAtOnce bounds the grants whose place on the roll is asked for at a time: the contract's own bound.
	placesAtOnce = 500
)

// filedAct is one act of a file, ready for its chunk.
type filedAct struct {
	line     int
	document json.RawMessage
	facts    []byte // of an application, sealed
	person   []byte
}

// casesPlan does a file of acts on cases: acts on one case in their order, grants by the segment of the roll that they go to.
type casesPlan struct {
	*run
	act        relief.Act
	households *seal.Households // for applications
	segments   *segments[filedAct]

	grants []pendingGrant // whose place on the roll is not known yet
	rolls  map[rollKey]*grantRoll
	lanes  map[grantLane]uint32
}

// cases works through a file of acts.
func (r *run) cases(f io.Reader) error {
	p := &casesPlan{run: r, act: relief.Act(r.job.spec.Target), rolls: map[rollKey]*grantRoll{}, lanes: map[grantLane]uint32{}}
	p.segments = newSegments(actsAChunk, waitingEntries, p.sendChunk)
	if p.act == relief.ActCaseApply {
		if r.options.Persons == nil {
			return relief.Errorf(relief.CodeForbidden, "this gateway has no persons key: applications are taken where private details are kept")
		}
		p.households = &seal.Households{Key: r.options.Key, Epoch: r.options.Epoch, Persons: r.options.Persons, Same: true}
	}
	if err := p.readAll(intake.NewActs(f)); err != nil {
		if failed := r.flow.failure(); failed != nil {
			return failed // what stopped the reading
		}
		return err
	}
	if err := p.placeGrants(); err != nil {
		return err
	}
	if err := p.segments.flushAll(); err != nil {
		return err
	}
	return r.flow.wait()
}

func (p *casesPlan) readAll(acts *intake.Acts) error {
	for n := 0; ; n++ {
		line, document, refusal, err := acts.Next()
		if errors.Is(err, io.EOF) {
			p.job.read(n)
			return nil
		}
		if err != nil {
			return err
		}
		if refusal == nil {
			refusal, err = p.take(line, document)
		}
		if err != nil {
			return err
		}
		if refusal != nil {
			p.job.refuse(refusal)
		}
		if n%readEvery == readEvery-1 {
			p.job.read(n)
			if err := p.ctx.Err(); err != nil {
				return err
			}
		}
	}
}

// take puts an act into its lane. A refusal is the line's, an error the job's.
func (p *casesPlan) take(line int, document []byte) (*intake.Refusal, error) {
	a := filedAct{line: line, document: append(json.RawMessage(nil), document...)}
	if p.households != nil {
		if err := p.seal(&a); err != nil {
			return refusalOf(line, err)
		}
	}
	var of struct {
		Case    string   `json:"case"`
		ID      string   `json:"id"`
		Need    string   `json:"need"`
		Subject string   `json:"subject"`
		Outcome string   `json:"outcome"`
		Segment *int     `json:"segment"`
		Members []string `json:"members"`
	}
	_ = json.Unmarshal(a.document, &of) // the contract says what is wrong with it
	if len(of.Members) > 0 && p.households != nil {
		of.ID = of.Members[0] // two applications of one household: the first one in the file stands
	}
	if p.act == relief.ActCaseDecide && of.Outcome == string(casework.Granted) && of.Segment == nil {
		return nil, p.grant(pendingGrant{a, of.Case})
	}
	h := fnv.New32a()
	_, _ = io.WriteString(h, of.Case+"\x00"+of.ID+"\x00"+of.Need+"\x00"+of.Subject) // a hash takes all
	return nil, p.segments.add(h.Sum32()%caseLanes, a)
}

// seal makes of an application what may leave the gateway.
func (p *casesPlan) seal(a *filedAct) error {
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

// refusalOf is an act's refusal; any other error is the job's.
func refusalOf(line int, err error) (*intake.Refusal, error) {
	var refused *relief.Error
	if !errors.As(err, &refused) {
		return nil, err
	}
	return &intake.Refusal{FileLine: line, Field: refused.Field, Code: refused.Code.OfLine(), Note: refused.Detail}, nil
}

func (p *casesPlan) sendChunk(lane uint32, acts []filedAct) error {
	var body struct {
		Act   relief.Act        `json:"act"`
		Items []json.RawMessage `json:"items"`
	}
	body.Act = p.act
	var facts, persons [][]byte
	lines := make([]int, len(acts))
	for i := range acts {
		a := &acts[i]
		lines[i] = a.line
		body.Items = append(body.Items, a.document)
		if p.households != nil {
			facts, persons = append(facts, a.facts), append(persons, a.person)
		}
	}
	argument, err := json.Marshal(body)
	if err != nil {
		return err
	}
	call := ledger.Call{Signer: p.job.spec.Principal, Function: "case:File", Argument: argument}
	if p.households != nil {
		call.Transient = map[string][]byte{
			wire.TransientFacts: roll.AppendDetails(nil, facts), wire.TransientPersons: roll.AppendDetails(nil, persons),
		}
	}
	return p.flow.send(chunk{segments: []uint32{lane}, call: call, read: func(answer []byte) (wire.ChunkResult, []intake.Refusal, error) {
		return readFileResult(answer, lines)
	}})
}

// readFileResult reads what the contract answered to a file of acts; lines are the file's lines of its items.
func readFileResult(answer []byte, lines []int) (result wire.ChunkResult, refusals []intake.Refusal, err error) {
	var said struct {
		Accepted  int `json:"accepted"`
		Unchanged int `json:"unchanged"`
		Refused   []struct {
			Seq    int         `json:"seq"`
			Code   relief.Code `json:"code"`
			Field  string      `json:"field"`
			Detail string      `json:"detail"`
		} `json:"refused"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return result, nil, err
	}
	for _, r := range said.Refused {
		if r.Seq < 0 || r.Seq >= len(lines) {
			return result, nil, errors.New("an act is refused that was not sent")
		}
		refusals = append(refusals, intake.Refusal{FileLine: lines[r.Seq], Field: r.Field, Code: r.Code.OfLine(), Note: r.Detail})
	}
	return wire.ChunkResult{Accepted: said.Accepted, Unchanged: said.Unchanged}, refusals, nil
}
