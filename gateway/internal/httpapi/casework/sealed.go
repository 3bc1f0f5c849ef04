package casework

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/seal"
)

// Households seals applications; a problem where no private details are kept.
func (h *Handlers) Households() (*seal.Households, error) {
	if h.Persons == nil {
		return nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关受理申请。",
			"This gateway has no persons key: applications are taken where private details are kept.")
	}
	return &seal.Households{Key: h.SubjectKey, Epoch: h.SubjectEpoch, Persons: h.Persons}, nil
}

// keyed is a hash of something private that only the agencies can compute.
func (h *Handlers) keyed(clear any) []byte {
	b, _ := json.Marshal(clear) // texts only: does not fail
	mac := hmac.New(sha256.New, h.SubjectKey)
	mac.Write([]byte("relieftrail/request/v1\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

// Apply takes one application.
func (h *Handlers) Apply() rest.Handler {
	return rest.Act(h.core, rest.Created("case:Apply"), h.application)
}

func (h *Handlers) application(_ *gin.Context, b seal.Application) (rest.Request, error) {
	households, err := h.Households()
	if err != nil {
		return rest.Request{}, err
	}
	sealed, err := households.Seal(&b)
	if err != nil {
		return rest.Request{}, err
	}
	return rest.Request{
		Argument: sealed.Argument, Location: "/v1/cases/" + b.ID, Private: h.keyed(b),
		Transient: map[string][]byte{
			wire.TransientFacts:   roll.AppendDetails(nil, [][]byte{sealed.Facts}),
			wire.TransientPersons: roll.AppendDetails(nil, [][]byte{sealed.Person}),
		},
	}, nil
}

// fileBody is many acts of one kind, done in one transaction.
type fileBody struct {
	Act   relief.Act        `json:"act"`
	Items []json.RawMessage `json:"items"`
}

// File sends a file of acts.
func (h *Handlers) File() rest.Handler {
	return rest.Act(h.core, rest.Done("case:File"), h.fileOfActs)
}

// fileOfActs turns applications into references and seals them like single ones.
func (h *Handlers) fileOfActs(_ *gin.Context, b fileBody) (rest.Request, error) {
	if b.Act != relief.ActCaseApply {
		return rest.Request{Argument: b}, nil
	}
	households, err := h.Households()
	if err != nil {
		return rest.Request{}, err
	}
	arguments := make([]seal.ApplicationArgument, len(b.Items))
	var facts, persons [][]byte
	bodies := make([]seal.Application, len(b.Items))
	for i, item := range b.Items {
		if bodies[i], err = seal.ReadApplication(item); err != nil {
			return rest.Request{}, badItem(err, i+1)
		}
		sealed, err := households.Seal(&bodies[i])
		if err != nil {
			return rest.Request{}, badItem(err, i+1)
		}
		arguments[i] = sealed.Argument
		facts, persons = append(facts, sealed.Facts), append(persons, sealed.Person)
	}
	return rest.Request{
		Argument: map[string]any{"act": b.Act, "items": arguments}, Private: h.keyed(bodies),
		Transient: map[string][]byte{
			wire.TransientFacts: roll.AppendDetails(nil, facts), wire.TransientPersons: roll.AppendDetails(nil, persons),
		},
	}, nil
}

// badItem is what is wrong with an application of a file, with its number from 1.
func badItem(err error, number int) error {
	d := problem.Of(err)
	reason := problem.Both("这份申请不符合规则。", d.Detail)
	return problem.OfField(d.Field, reason.Zh, reason.En).OnLine(number)
}

// PrepareReview prepares a re-check; what the household says about itself now is turned into references and sealed like an
// application.
func (h *Handlers) PrepareReview() rest.Handler {
	return rest.Act(h.core, rest.Done("case:Review"), h.review)
}

func (h *Handlers) review(c *gin.Context, b reviewBody) (rest.Request, error) {
	facts := b.Facts
	b.Facts = nil
	if facts == nil {
		return caseRequest(c, b)
	}
	id, err := caseID(c)
	if err != nil {
		return rest.Request{}, err
	}
	households, err := h.Households()
	if err != nil {
		return rest.Request{}, err
	}
	record, err := h.caseOf(c, id)
	if err != nil {
		return rest.Request{}, err
	}
	sealed, err := households.Seal(&seal.Application{Programme: string(record.Programme), Facts: *facts})
	if err != nil {
		return rest.Request{}, err
	}
	if err := checkMembers(&b, sealed.Argument.Members, &record); err != nil {
		return rest.Request{}, err
	}
	if b.Finding == string(casework.FindingChange) {
		for _, m := range sealed.Argument.Members {
			b.Members = append(b.Members, m.String())
		}
	}
	r, err := caseRequest(c, b)
	r.Private = h.keyed(facts)
	r.Transient = map[string][]byte{wire.TransientFacts: roll.AppendDetails(nil, [][]byte{sealed.Facts})}
	return r, err
}

// checkMembers says what of a re-check's members goes together with those of its facts.
func checkMembers(b *reviewBody, members []relief.SubjectRef, record *casework.Case) error {
	switch {
	case b.Members != nil:
		return problem.OfField("members", "家庭成员以家庭情况中的为准，两者只填其一。",
			"The members are those of the facts: give one or the other.")
	case members[0] != record.Head():
		return problem.OfField("facts.members", "户主不变，且须排在第一位。",
			"The head of the household stays and comes first.")
	case b.Finding != string(casework.FindingChange) && !slices.Equal(members, record.Members):
		return problem.OfField("facts.members", "家庭成员有变动的，复核结论须为 change。",
			"Other members are a change of the household: finding is change.")
	}
	return nil
}

// Decide decides a case. It fills in where a grant goes on the roll, unless the caller says it: the segment of the first
// free number.
func (h *Handlers) Decide() rest.Handler {
	return rest.Act(h.core, rest.Done("case:Decide"), h.decision)
}

func (h *Handlers) decision(c *gin.Context, b decisionBody) (rest.Request, error) {
	if b.Outcome != string(casework.Granted) || b.Segment != nil {
		return caseRequest(c, b)
	}
	id, err := caseID(c)
	if err != nil {
		return rest.Request{}, err
	}
	segment, err := h.freeSegment(c, id)
	if err != nil {
		return rest.Request{}, err
	}
	b.Segment = &segment
	return caseRequest(c, b)
}

func (h *Handlers) freeSegment(c *gin.Context, id relief.CaseID) (int, error) {
	record, err := h.caseOf(c, id)
	if err != nil {
		return 0, err
	}
	document, err := h.core.Evaluate(c, "case:RollStatus", map[string]any{"programme": record.Programme, "county": record.Region.County()})
	if err != nil {
		return 0, err
	}
	var roll struct {
		SegmentSize int `json:"segment_size"`
		Next        int `json:"next"`
	}
	if err := json.Unmarshal(document, &roll); err != nil || roll.SegmentSize < 1 {
		return 0, relief.Errorf(relief.CodeCorrupt, "the roll's state cannot be read")
	}
	return roll.Next / roll.SegmentSize, nil
}

// caseOf is a case as the agency's own peer has it.
func (h *Handlers) caseOf(c *gin.Context, id relief.CaseID) (record casework.Case, err error) {
	err = h.core.EvaluateInto(c, "case:Case", map[string]relief.CaseID{"case": id}, &record)
	return record, err
}

// Facts opens the sealed facts of a case for an official who may read them.
func (h *Handlers) Facts(c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，不保存个人信息。",
			"This gateway has no persons key: private details are not kept here.")
	}
	record, err := h.caseOf(c, id)
	if err != nil {
		return err
	}
	held, err := h.core.Evaluate(c, "case:Facts", map[string]relief.CaseID{"case": id})
	if err != nil {
		return err
	}
	clear, err := h.Persons.FactsOf(&record, held)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, rest.JSONContent, clear)
	return nil
}
