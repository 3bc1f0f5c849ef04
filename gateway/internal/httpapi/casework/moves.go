package casework

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/seal"
)

// headChange makes the act of another head of a household: the identity number in the body says which member.
func (h *Handlers) headChange(ctx context.Context, document []byte, act *rest.Act) error {
	body, person, err := h.newPayee(document)
	if err != nil {
		return err
	}
	in, err := api.Decode[api.ReplaceHeadInput](string(body))
	if err != nil {
		return err
	}
	if in.Head, err = h.References.Of(ctx, person.IDNumber()); err != nil {
		return err
	}
	sealed, tags, err := h.Persons.SealNewPayee(person, in.Head, in.Programme)
	if err != nil {
		return err
	}
	in.Payee = tags
	return h.withDetails(act, api.RollReplaceHead.Name(), in, sealed, document)
}

// moveIn makes the act that takes in a household of another county.
func (h *Handlers) moveIn(ctx context.Context, document []byte, act *rest.Act) error {
	body, person, err := h.newPayee(document)
	if err != nil {
		return err
	}
	in, err := api.Decode[api.MoveInInput](string(body))
	if err != nil {
		return err
	}
	if in.Subject, err = h.References.Of(ctx, person.IDNumber()); err != nil {
		return err
	}
	sealed, tags, err := h.Persons.SealNewPayee(person, in.Subject, in.Programme)
	if err != nil {
		return err
	}
	in.Payee = tags
	return h.withDetails(act, api.RollMoveIn.Name(), in, sealed, document)
}

// newPayee reads from a document the private details of a payee who is new to a number, and gives the rest of the document.
func (h *Handlers) newPayee(document []byte) (left []byte, person *seal.NewPayee, err error) {
	if h.Persons == nil {
		return nil, nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关办理变更。",
			"This gateway has no persons key: changes of a payee are taken where private details are kept.")
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
