package records

import (
	"cmp"
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// batchBudget is what a batch transfers, by the residence of its households, with the budget codes that it is booked under.
type batchBudget struct {
	Batch relief.BatchID `json:"batch"`
	Items []budgetItem   `json:"items"`
}

// budgetItem is what a batch transfers to households of one residence; "" where the registry says none.
type budgetItem struct {
	Residence relief.Residence `json:"residence,omitempty"`
	Count     int              `json:"count"`
	Amount    relief.Fen       `json:"amount"`   // of all payments, without what is deducted
	Credited  relief.Fen       `json:"credited"` // of those that the bank has credited
	Codes     []budgetCode     `json:"codes"`    // of each source of the batch, in their order
}

type budgetCode struct {
	Tranche    relief.TrancheID `json:"tranche"`
	Functional string           `json:"functional"`
	Economic   string           `json:"economic"`
}

// BatchBudget answers with what a batch transfers under each budget code. A file has a row a residence and source.
func (h *Handlers) BatchBudget(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	var b payment.Batch
	if err := rest.RecordInto(ctx, h.Index, relief.KindBatch, string(id), &b); err != nil {
		return err
	}
	out := batchBudget{Batch: id}
	if out.Items, err = h.sumsByResidence(ctx, id); err != nil {
		return err
	}
	if err := h.addCodes(ctx, &b, out.Items); err != nil {
		return err
	}
	var rows []lists.BudgetRow
	for i := range out.Items {
		item := &out.Items[i]
		for _, code := range item.Codes {
			rows = append(rows, lists.BudgetRow{
				Residence: item.Residence, Tranche: code.Tranche, Functional: code.Functional, Economic: code.Economic, Count: item.Count,
				Amount: item.Amount, Credited: item.Credited,
			})
		}
	}
	return rest.AnswerRows(h.core, c, string(id)+"-budget", lists.BatchBudget, out, rows)
}

// sumsByResidence adds up the payments of a batch that the caller may read.
func (h *Handlers) sumsByResidence(ctx context.Context, id relief.BatchID) ([]budgetItem, error) {
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	items := []budgetItem{}
	for cursor := ""; ; {
		page, err := h.Index.Payments(ctx, index.PaymentQuery{Batch: id}, cursor, exportPage)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			p := &page.Items[i]
			residence := registry.ResidenceOf(p.Region)
			at, known := slices.BinarySearchFunc(items, residence, func(item budgetItem, r relief.Residence) int { return cmp.Compare(item.Residence, r) })
			if !known {
				items = slices.Insert(items, at, budgetItem{Residence: residence, Codes: []budgetCode{}})
			}
			item := &items[at]
			item.Count++
			item.Amount += p.Amount - p.Deducted
			if p.State == payment.State(payment.LineCredited) {
				item.Credited += p.Amount - p.Deducted
			}
		}
		if cursor = page.Next; cursor == "" {
			return items, nil
		}
	}
}

// addCodes adds the codes of each source: those of its tranche, or else of the programme's version that the batch was opened under.
func (h *Handlers) addCodes(ctx context.Context, b *payment.Batch, items []budgetItem) error {
	var p programme.Programme
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(b.Programme), &p); err != nil {
		return err
	}
	version, err := p.CaseVersion(b.ProgrammeVersion)
	if err != nil {
		return err
	}
	for _, id := range b.Tranches() {
		var t fund.Tranche
		if err := rest.RecordInto(ctx, h.Index, relief.KindTranche, string(id), &t); err != nil {
			return err
		}
		codes := &version.Budget
		if t.Budget != nil {
			codes = t.Budget
		}
		for i := range items {
			items[i].Codes = append(items[i].Codes, budgetCode{id, codes.FunctionalOf(items[i].Residence), codes.Economic})
		}
	}
	return nil
}
