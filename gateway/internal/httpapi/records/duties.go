package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
)

// Me says who the caller is on the ledger, and which acts the responsibility list gives them.
func (h *Handlers) Me(ctx context.Context, c *gin.Context) (any, error) {
	official, acts, err := h.Self(ctx, c)
	if err != nil {
		return nil, err
	}
	return struct {
		relief.Official
		Acts []relief.Act `json:"acts"`
	}{official, acts}, nil
}

// Self is who the caller is on the ledger, and the acts that are theirs.
func (h *Handlers) Self(ctx context.Context, c *gin.Context) (official relief.Official, acts []relief.Act, err error) {
	id, ok := h.core.Ledger.Identity(rest.Caller(c).Name)
	if !ok {
		return official, nil, relief.Errorf(relief.CodeForbidden, "the caller has no certificate at this gateway")
	}
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return official, nil, err
	}
	if official, err = h.core.Admit(ctx, id); err != nil {
		return official, nil, err
	}
	acts = []relief.Act{}
	for _, act := range api.Acts() {
		if relief.Allowed(registry.Duties, act, official) == nil {
			acts = append(acts, act)
		}
	}
	return official, acts, nil
}

// dutyEntry is one act of the responsibility list (R46).
type dutyEntry struct {
	Act     relief.Act       `json:"act"`
	Name    string           `json:"name"`
	NameEn  string           `json:"name_en"`
	Holders []api.DutyHolder `json:"holders"`
}

// Duties is the responsibility list: for each act, which roles of which agencies hold its duty.
func (h *Handlers) Duties(ctx context.Context, _ *gin.Context) (any, error) {
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	list := []dutyEntry{}
	for _, step := range api.StepsOf(api.Acts(), nil, registry.Duties) {
		list = append(list, dutyEntry{step.Act, step.Name, step.NameEn, step.Holders})
	}
	return map[string][]dutyEntry{"duties": list}, nil
}

// PaymentDuties names who did each step of a payment, from the programme to the bank, or whose duty it is (R47).
func (h *Handlers) PaymentDuties(ctx context.Context, c *gin.Context) (any, error) {
	id, err := paymentID(c)
	if err != nil {
		return nil, err
	}
	pay, err := h.Index.Payment(ctx, id)
	if err != nil {
		return nil, err
	}
	history, err := h.moneyHistory(ctx, &pay)
	if err != nil {
		return nil, err
	}
	cases, err := h.caseHistory(ctx, &pay)
	if err != nil {
		return nil, err
	}
	registry, err := h.Index.Registry(ctx)
	return api.Steps{Steps: api.StepsOf(api.PaymentSteps(), append(history, cases...), registry.Duties)}, err
}

// moneyHistory is what was done to a payment's programme, tranches and batch.
func (h *Handlers) moneyHistory(ctx context.Context, pay *payment.Payment) ([]relief.HistoryEntry, error) {
	var batch payment.Batch
	if err := rest.RecordInto(ctx, h.Index, relief.KindBatch, string(pay.Batch), &batch); err != nil {
		return nil, err
	}
	type record struct {
		Acts []relief.HistoryEntry `json:"acts"`
	}
	var programme record
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(pay.Programme), &programme); err != nil {
		return nil, err
	}
	history := programme.Acts
	for _, id := range batch.Tranches() {
		var tranche record
		if err := rest.RecordInto(ctx, h.Index, relief.KindTranche, string(id), &tranche); err != nil {
			return nil, err
		}
		history = append(history, tranche.Acts...)
	}
	return append(history, batch.Acts...), nil
}

// caseHistory is what was done to the cases by which a payment's person is on the programme's roll.
func (h *Handlers) caseHistory(ctx context.Context, pay *payment.Payment) (history []relief.HistoryEntry, err error) {
	claims, err := h.Index.Claims(ctx, pay.Subject)
	if err != nil {
		return nil, err
	}
	for _, claim := range claims.Claims {
		var record casework.Case
		if err := rest.RecordInto(ctx, h.Index, relief.KindCase, string(claim.Case), &record); err != nil {
			return nil, err
		}
		if record.Programme == pay.Programme && record.Roll != nil {
			history = append(history, record.Acts...)
		}
	}
	return history, nil
}

// CaseDuties names who did each step of a case, or whose duty it is.
func (h *Handlers) CaseDuties(ctx context.Context, c *gin.Context) (any, error) {
	id, err := caseID(c)
	if err != nil {
		return nil, err
	}
	var record casework.Case
	if err := rest.RecordInto(ctx, h.Index, relief.KindCase, string(id), &record); err != nil {
		return nil, err
	}
	registry, err := h.Index.Registry(ctx)
	return api.Steps{Steps: api.StepsOf(api.StepsOfCase(id), record.Acts, registry.Duties)}, err
}

func caseID(c *gin.Context) (relief.CaseID, error) { return rest.PathID(c, "id", relief.ParseCaseID) }
