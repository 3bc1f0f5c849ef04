package casework

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/seal"
)

// headChange makes the act of another head of a household: the identity number in the body says which member, whom it gives.
func (h *Handlers) headChange(c *gin.Context, document []byte, act *rest.Act) (named relief.SubjectRef, err error) {
	body, person, err := h.newPayee(c, document)
	if err != nil {
		return named, err
	}
	in, err := api.Decode[api.ReplaceHeadInput](string(body))
	if err != nil {
		return named, err
	}
	if in.Head, err = h.References.Of(c.Request.Context(), person.IDNumber()); err != nil {
		return named, err
	}
	sealed, tags, err := h.Persons.SealNewPayee(person, in.Head, in.Programme)
	if err != nil {
		return named, err
	}
	in.Payee = tags
	return in.Head, h.withDetails(act, api.RollReplaceHead.Name(), in, sealed, document)
}

// moveIn makes the act that takes in a household of another county. It gives whom the identity number in the body names.
func (h *Handlers) moveIn(c *gin.Context, document []byte, act *rest.Act) (named relief.SubjectRef, err error) {
	body, person, err := h.newPayee(c, document)
	if err != nil {
		return named, err
	}
	in, err := api.Decode[api.MoveInInput](string(body))
	if err != nil {
		return named, err
	}
	if in.Subject, err = h.References.Of(c.Request.Context(), person.IDNumber()); err != nil {
		return named, err
	}
	sealed, tags, err := h.Persons.SealNewPayee(person, in.Subject, in.Programme)
	if err != nil {
		return named, err
	}
	in.Payee = tags
	return in.Subject, h.withDetails(act, api.RollMoveIn.Name(), in, sealed, document)
}

// newPayee reads from a document the private details of a payee who is new to a number, and gives the rest of the document. A
// refusal of the act tells something about the person: an official without look-ups is refused before.
func (h *Handlers) newPayee(c *gin.Context, document []byte) (left []byte, person *seal.NewPayee, err error) {
	if h.Persons == nil {
		return nil, nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关办理变更。",
			"This gateway has no persons key: changes of a payee are taken where private details are kept.")
	}
	if err := h.core.Readings.Left(rest.Caller(c).Name); err != nil {
		return nil, nil, err
	}
	return seal.ReadNewPayee(document)
}

// withDetails completes an act that sealed details travel with.
func (h *Handlers) withDetails(act *rest.Act, function string, argument any, sealed []byte, document []byte) (err error) {
	act.Function, act.Private = function, h.keyed(json.RawMessage(document))
	act.Transient = map[string][]byte{wire.TransientPersons: roll.AppendDetails(nil, [][]byte{sealed})}
	act.Argument, err = json.Marshal(argument)
	return err
}
