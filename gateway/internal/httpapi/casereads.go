package httpapi

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index"
)

// listCases lists the cases that all of the query's parameters hold for. list=due, list=recheck and list=finding are work lists: the
// earliest day first, up to the day that before names.
func (a *API) listCases(ctx context.Context, c *gin.Context) (any, error) {
	var q index.CaseQuery
	limit, err := a.limit(c)
	for _, parse := range []func() error{
		func() error { return err },
		func() error { return queryValue(c, "list", caseList, &q.List) },
		func() error { return queryValue(c, "before", relief.ParseDay, &q.Before) },
		func() error { return queryValue(c, "programme", relief.ParseProgrammeID, &q.Programme) },
		func() error { return queryValue(c, "region", relief.ParseRegion, &q.Region) },
		func() error { return queryValue(c, "state", caseState, &q.State) },
	} {
		if err := parse(); err != nil {
			return nil, err
		}
	}
	return a.Index.Cases(ctx, q, c.Query("cursor"), limit)
}

func caseList(s string) (index.CaseList, error) {
	if l := index.CaseList(s); l == index.DueCases || l == index.RecheckCases || l == index.FindingCases {
		return l, nil
	}
	return "", relief.FieldErrorf("list", "A list is due, recheck or finding.")
}

func caseState(s string) (casework.CaseState, error) {
	for _, state := range casework.CaseStates {
		if string(state) == s {
			return state, nil
		}
	}
	return "", relief.FieldErrorf("state", "There is no such state of a case.")
}

func (a *API) caseTrail(ctx context.Context, c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	steps, err := a.Index.CaseTrail(ctx, id)
	return a.answerTrail(c, string(id), relief.KindCase, steps, err)
}

// subjectCases gives the live cases that a person is in.
func (a *API) subjectCases(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	return a.Index.Claims(ctx, ref)
}

// needFilter keeps the needs of a region and state.
func needFilter(c *gin.Context) (func(json.RawMessage) (bool, error), error) {
	var region relief.Region
	err := queryValue(c, "region", relief.ParseRegion, &region)
	state := casework.NeedState(c.Query("state"))
	if err == nil && state != "" && state != casework.NeedFound && state != casework.NeedTakenUp && state != casework.NeedDismissed {
		err = &fault{kind: kindInvalid, field: "state", detail: "A need's state is found, taken_up or dismissed."}
	}
	return func(value json.RawMessage) (bool, error) {
		var n casework.Need
		err := json.Unmarshal(value, &n)
		return (region == "" || region.Covers(n.Region)) && (state == "" || n.State == state), err
	}, err
}

func needID(c *gin.Context) (relief.NeedID, error) { return pathID(c, "id", relief.ParseNeedID) }

// dutyEntry is one act of the responsibility list (R46).
type dutyEntry struct {
	Act     relief.Act       `json:"act"`
	Name    string           `json:"name"`
	NameEn  string           `json:"name_en"`
	Holders []api.DutyHolder `json:"holders"`
}

// listDuties is the responsibility list: for each act, which roles of which agencies hold its duty.
func (a *API) listDuties(ctx context.Context, _ *gin.Context) (any, error) {
	registry, err := a.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	list := []dutyEntry{}
	for _, step := range api.StepsOf(api.Acts(), nil, registry.Duties) {
		list = append(list, dutyEntry{step.Act, step.Name, step.NameEn, step.Holders})
	}
	return map[string][]dutyEntry{"duties": list}, nil
}

// paymentDuties names who did each step of a payment, from the programme to the bank, or whose duty it is (R47).
func (a *API) paymentDuties(ctx context.Context, c *gin.Context) (any, error) {
	id, err := paymentID(c)
	if err != nil {
		return nil, err
	}
	pay, err := a.Index.Payment(ctx, id)
	if err != nil {
		return nil, err
	}
	var batch payment.Batch
	if err := a.recordInto(ctx, relief.KindBatch, string(pay.Batch), &batch); err != nil {
		return nil, err
	}
	var programme, tranche struct {
		Acts []relief.HistoryEntry `json:"acts"`
	}
	if err := a.recordInto(ctx, relief.KindProgramme, string(pay.Programme), &programme); err != nil {
		return nil, err
	}
	if err := a.recordInto(ctx, relief.KindTranche, string(batch.Tranche), &tranche); err != nil {
		return nil, err
	}
	history := append(append(programme.Acts, tranche.Acts...), batch.Acts...)
	claims, err := a.Index.Claims(ctx, pay.Subject)
	if err != nil {
		return nil, err
	}
	for _, claim := range claims.Claims {
		var record casework.Case
		if err := a.recordInto(ctx, relief.KindCase, string(claim.Case), &record); err != nil {
			return nil, err
		}
		if record.Programme == pay.Programme && record.Roll != nil {
			history = append(history, record.Acts...)
		}
	}
	registry, err := a.Index.Registry(ctx)
	return api.Steps{Steps: api.StepsOf(api.PaymentSteps(), history, registry.Duties)}, err
}

func (a *API) recordInto(ctx context.Context, kind, name string, v any) error {
	document, err := a.Index.Record(ctx, kind, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(document, v)
}
