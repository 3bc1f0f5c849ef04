package casework

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// Households seals applications; a problem where no private details are kept.
func (h *Handlers) Households(ctx context.Context) (*seal.Households, error) {
	if h.Persons == nil {
		return nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关受理申请。",
			"This gateway has no persons key: applications are taken where private details are kept.")
	}
	return &seal.Households{
		References: h.References.Maker(ctx), Persons: h.Persons, Today: h.core.Today(),
	}, nil
}

// keyed is a hash of something private that only the agencies can compute.
func (h *Handlers) keyed(clear any) []byte {
	b, _ := json.Marshal(clear) // texts only: does not fail
	mac := hmac.New(sha256.New, h.References.Secret())
	mac.Write([]byte("relieftrail/request/v1\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

// Apply takes one application.
func (h *Handlers) Apply(c *gin.Context) error {
	var body seal.Application
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	households, err := h.Households(c.Request.Context())
	if err != nil {
		return err
	}
	if err := h.core.Readings.Left(rest.Caller(c).Name); err != nil {
		return err
	}
	sealed, err := households.Seal(&body)
	if err != nil {
		return err
	}
	argument, err := json.Marshal(sealed.Argument)
	if err != nil {
		return err
	}
	act := &rest.Act{
		Function: api.CaseApply.Name(), Argument: argument, Status: http.StatusCreated, Location: "/v1/cases/" + body.ID,
		Private: h.keyed(body), Transient: sealedFacts([][]byte{sealed.Facts}, [][]byte{sealed.Person}),
	}
	result, err := h.core.Carry(c, act, rest.RequestHash(c, append(act.Private, act.Argument...)))
	if err != nil {
		return h.core.ChargeRefused(c, h.core.NotKnownYet(c, err), relief.KindCase, body.ID, sealed.Argument.Members...)
	}
	taken, err := api.DecodeAnswer[casework.Case](result)
	if err != nil {
		return err
	}
	if err := h.chargeNamed(c, relief.KindCase, body.ID, taken.KnownElsewhere()); err != nil {
		return err
	}
	rest.Answer(c, act, result)
	return nil
}

// chargeNamed takes people of applications of whom an answer says something from the caller's look-ups of the day: those of refused
// applications, and those whom another county knows.
func (h *Handlers) chargeNamed(c *gin.Context, kind, id string, people []relief.SubjectRef) error {
	if len(people) == 0 {
		return nil
	}
	return h.core.Readings.Charge(rest.Access(c, reading.Application, kind, id), people...)
}

// sealedFacts are the transient data of applications: what the households say, and the private details of their heads.
func sealedFacts(facts, persons [][]byte) map[string][]byte {
	return map[string][]byte{
		wire.TransientFacts:   roll.AppendDetails(nil, facts),
		wire.TransientPersons: roll.AppendDetails(nil, persons),
	}
}

// File sends many acts of one kind in one transaction.
func (h *Handlers) File(c *gin.Context) error {
	var file api.FileInput
	if err := h.core.ReadBody(c, &file); err != nil {
		return err
	}
	for i, item := range file.Items {
		if err := intake.CheckDays(file.Act, item, h.core.LocalTime()); err != nil {
			return badItem(err, i+1)
		}
	}
	act := &rest.Act{Function: api.CaseFile.Name()}
	var err error
	switch file.Act {
	case relief.ActCaseApply:
		return h.applyFile(c, &file, act)
	case relief.ActRollChangePayee:
		err = h.sealPayees(c, &file, act)
	case relief.ActPersonConfirmErasure:
		act.Renew, err = h.pagesOfFile(c, &file)
	}
	if err != nil {
		return err
	}
	if act.Argument, err = json.Marshal(file); err != nil {
		return err
	}
	return h.core.Do(c, act)
}

// pagesOfFile reads the detail pages of the people whose erasure a file confirms.
func (h *Handlers) pagesOfFile(c *gin.Context, file *api.FileInput) (rest.Renewal, error) {
	people := make([]relief.SubjectRef, len(file.Items))
	for i, item := range file.Items {
		in, err := api.Decode[api.ConfirmErasureInput](string(item))
		if err != nil {
			return nil, badItem(err, i+1)
		}
		people[i] = in.Subject
	}
	return rest.DetailPagesOf(h.core, c, people...), nil
}

// applyFile takes a file of applications. The people of those that are refused, and those whom another county knows, count as looked up.
func (h *Handlers) applyFile(c *gin.Context, file *api.FileInput, act *rest.Act) error {
	if err := h.core.Readings.Left(rest.Caller(c).Name); err != nil {
		return err
	}
	members, err := h.sealFile(c.Request.Context(), file, act)
	if err != nil {
		return err
	}
	if act.Argument, err = json.Marshal(file); err != nil {
		return err
	}
	answer, err := h.core.Carry(c, act, rest.RequestHash(c, append(act.Private, act.Argument...)))
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	result, err := api.DecodeAnswer[api.FileResult](answer)
	if err != nil {
		return err
	}
	named := result.Elsewhere
	for _, r := range result.Refused {
		if r.Seq >= 0 && r.Seq < len(members) {
			named = append(named, members[r.Seq]...)
		}
	}
	if err := h.chargeNamed(c, "", "", named); err != nil {
		return err
	}
	c.Data(http.StatusOK, rest.JSONContent, answer)
	return nil
}

// sealFile turns the applications of a file into references and seals them like single ones. It gives the members of each.
func (h *Handlers) sealFile(ctx context.Context, file *api.FileInput, act *rest.Act) (members [][]relief.SubjectRef, err error) {
	households, err := h.Households(ctx)
	if err != nil {
		return nil, err
	}
	var facts, persons [][]byte
	bodies := make([]seal.Application, len(file.Items))
	for i, item := range file.Items {
		if bodies[i], err = seal.ReadApplication(item); err != nil {
			return nil, badItem(err, i+1)
		}
		sealed, err := households.Seal(&bodies[i])
		if err != nil {
			return nil, badItem(err, i+1)
		}
		if file.Items[i], err = json.Marshal(sealed.Argument); err != nil {
			return nil, err
		}
		facts, persons = append(facts, sealed.Facts), append(persons, sealed.Person)
		members = append(members, sealed.Argument.Members)
	}
	act.Private, act.Transient = h.keyed(bodies), sealedFacts(facts, persons)
	return members, nil
}

// badItem is what is wrong with an act of a file, with its number from 1.
func badItem(err error, number int) error {
	d := problem.Of(err)
	reason := bilingual.Both("不符合规则。", d.Detail)
	return problem.OfField(d.Field, reason.Zh, reason.En).OnLine(number)
}

// PrepareReview prepares a re-check; what the household says about itself now is turned into references and sealed like an
// application.
func (h *Handlers) PrepareReview(c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	var body reviewBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	act, argument := &rest.Act{Function: api.CaseReview.Name()}, reviewArgument{CaseInput: api.CaseInput{Case: id}}
	if body.Facts != nil {
		if err := h.core.Readings.Left(rest.Caller(c).Name); err != nil {
			return err
		}
		if argument.Payee, err = h.sealReview(c, id, &body, act); err != nil {
			return err
		}
	}
	argument.reviewBody = body
	if act.Argument, err = json.Marshal(argument); err != nil {
		return err
	}
	err = ofFacts(h.core.Do(c, act))
	if act.Transient == nil {
		return err
	}
	members, fault := references(body.Members)
	return errors.Join(h.core.ChargeRefused(c, err, relief.KindCase, string(id), members...), fault)
}

// references reads references that this gateway has made.
func references(texts []string) (refs []relief.SubjectRef, err error) {
	for _, text := range texts {
		ref, err := relief.ParseSubjectRef(text)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// sealReview seals the facts of a re-check and takes them out of its body. It gives the payee whom they name.
func (h *Handlers) sealReview(c *gin.Context, id relief.CaseID, body *reviewBody, act *rest.Act) (roll.Payee, error) {
	households, err := h.Households(c.Request.Context())
	if err != nil {
		return roll.Payee{}, err
	}
	record, err := h.caseOf(c, id)
	if err != nil {
		return roll.Payee{}, err
	}
	sealed, err := households.Seal(&seal.Application{Programme: string(record.Programme), Facts: *body.Facts})
	if err != nil {
		return roll.Payee{}, err
	}
	if err := checkMembers(body, sealed.Argument.Members, &record); err != nil {
		return roll.Payee{}, err
	}
	if body.Finding == string(casework.RecheckChange) {
		for _, m := range sealed.Argument.Members {
			body.Members = append(body.Members, m.String())
		}
	}
	act.Private = h.keyed(body.Facts)
	act.Transient = map[string][]byte{wire.TransientFacts: roll.AppendDetails(nil, [][]byte{sealed.Facts})}
	body.Facts = nil
	return sealed.Argument.Payee, nil
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
	case b.Finding != string(casework.RecheckChange) && !slices.Equal(members, record.Members):
		return problem.OfField("facts.members", "家庭成员有变动的，复核结论须为 change。",
			"Other members are a change of the household: finding is change.")
	}
	return nil
}

// Decide decides a case.
func (h *Handlers) Decide(c *gin.Context) error { return h.decide(c, api.CaseDecide) }

// DecideTownship decides a case for a township.
func (h *Handlers) DecideTownship(c *gin.Context) error { return h.decide(c, api.CaseDecideTownship) }

// decide fills in where a grant goes on the roll, unless the caller says it: the segment of the first free number.
func (h *Handlers) decide(c *gin.Context, f api.Function[api.DecideInput, casework.Case]) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, f, "case", string(id))
	if err != nil {
		return err
	}
	var decision struct {
		Outcome casework.DecisionOutcome `json:"outcome"`
		Segment json.RawMessage          `json:"segment"` // nil when it is not there
	}
	if err := json.Unmarshal(argument, &decision); err != nil {
		return err
	}
	if decision.Outcome == casework.Granted && decision.Segment == nil {
		segment, err := h.freeSegment(c, id)
		if err != nil {
			return err
		}
		argument = fmt.Appendf(argument[:len(argument)-1], `,"segment":%d}`, segment)
	}
	return h.core.Do(c, &rest.Act{Function: f.Name(), Argument: argument})
}

func (h *Handlers) freeSegment(c *gin.Context, id relief.CaseID) (int, error) {
	record, err := h.caseOf(c, id)
	if err != nil {
		return 0, err
	}
	fill, err := rest.Ask(h.core, c, api.RollStatus, api.RollInput{Programme: record.Programme, County: record.Region.County()})
	if err != nil {
		return 0, err
	}
	if fill.SegmentSize < 1 {
		return 0, relief.Errorf(relief.CodeCorrupt, "the roll has no size of segments")
	}
	return int(fill.Next) / fill.SegmentSize, nil
}

// caseOf is a case as the agency's own peer has it.
func (h *Handlers) caseOf(c *gin.Context, id relief.CaseID) (casework.Case, error) {
	return rest.Ask(h.core, c, api.CaseGet, api.CaseInput{Case: id})
}

func caseID(c *gin.Context) (relief.CaseID, error) { return rest.PathID(c, "id", relief.ParseCaseID) }
