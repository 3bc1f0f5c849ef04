package casework

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
)

// linkBody proposes that somebody has another identity number than the one that was recorded.
type linkBody struct {
	From           relief.SubjectRef `json:"earlier"`
	IDNumber       string            `json:"id_number"`
	EvidenceSHA256 string            `json:"evidence_sha256"`
}

// ProposeLink proposes a corrected identity number. The person's details on each roll are opened and sealed again with it.
func (h *Handlers) ProposeLink(c *gin.Context) error {
	var body linkBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关更正。",
			"This gateway has no persons key: identity numbers are corrected where private details are kept.")
	}
	number, code := relief.ParseIDNumber(body.IDNumber)
	if code != "" {
		reason := bilingual.Both("身份证号无效。", code.Reason())
		return problem.OfField("id_number", reason.Zh, reason.En)
	}
	to, err := h.References.Of(c.Request.Context(), number)
	if err != nil {
		return err
	}
	terms := roll.LinkTerms{
		From: body.From, To: to, Reason: roll.LinkNumber, EvidenceSHA256: body.EvidenceSHA256,
	}
	act := &rest.Act{
		Function: api.PersonProposeLink.Name(), Status: http.StatusCreated, Location: "/v1/links/" + terms.From.String(), Private: h.keyed(body),
	}
	details, err := h.corrected(c, &terms, number)
	if err != nil {
		return err
	}
	if len(details) > 0 {
		act.Transient = map[string][]byte{wire.TransientPersons: roll.AppendDetails(nil, details)}
	}
	if act.Argument, err = json.Marshal(terms); err != nil {
		return err
	}
	// The answer has the reference of the number, and a refusal says whether its person is known elsewhere.
	if err := h.core.Readings.LookUp(rest.Access(c, reading.LookUp, "link", terms.From.String()), terms.To); err != nil {
		return err
	}
	return h.core.Do(c, act)
}

// corrected are the person's details on each roll that they are on, sealed with the corrected number, in the order of the
// programmes.
func (h *Handlers) corrected(c *gin.Context, terms *roll.LinkTerms, number relief.IDNumber) (details [][]byte, err error) {
	entries, err := rest.Ask(h.core, c, api.RollEntriesOf, api.SubjectInput{Subject: terms.From})
	if err != nil {
		return nil, err
	}
	opened, err := h.core.Read(c, reading.ChangePayee, "subject", terms.From.String(), terms.From)
	if err != nil {
		return nil, err
	}
	for i := range entries.Entries {
		e := &entries.Entries[i]
		if e.Subject != terms.From || e.State != roll.InForce || !e.Until.IsZero() {
			continue
		}
		held, err := rest.Ask(h.core, c, api.RollDetails, api.EntryInput{Programme: e.Programme, Subject: e.Subject})
		if err != nil {
			return nil, err
		}
		person, err := opened.Person(held.Details, e.Subject, e.Programme)
		if err != nil {
			return nil, err
		}
		sealed, err := h.Persons.SealCorrected(person, number, terms.To, e.Programme)
		if err != nil {
			return nil, err
		}
		details = append(details, sealed)
	}
	return details, nil
}
