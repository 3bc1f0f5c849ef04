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

	shares, creditedShares []relief.Fen // of each source
}

type budgetCode struct {
	Tranche    relief.TrancheID `json:"tranche"`
	Functional string           `json:"functional"`
	Economic   string           `json:"economic"`
	// Amount and Credited are what the source pays of it. They are left out for a caller who reads a part of the batch.
	Amount   *relief.Fen `json:"amount,omitempty"`
	Credited *relief.Fen `json:"credited,omitempty"`
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
	if out.Items, err = h.sumsByResidence(ctx, &b); err != nil {
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
				Amount: code.Amount, Credited: code.Credited,
			})
		}
	}
	return rest.AnswerRows(h.core, c, string(id)+"-budget", lists.BatchBudget, out, rows)
}

// sumsByResidence adds up the payments of a batch that the caller may read.
func (h *Handlers) sumsByResidence(ctx context.Context, b *payment.Batch) ([]budgetItem, error) {
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	sums := budgetSums{divider: payment.NewDivider(b), sources: len(b.Tranches()), items: []budgetItem{}}
	for cursor := ""; ; {
		page, err := h.Index.Payments(ctx, index.PaymentQuery{Batch: b.ID}, cursor, exportPage)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			p := &page.Items[i]
			lives := p.Residence
			if lives == "" {
				lives = registry.ResidenceOf(p.Region)
			}
			sums.take(p.Period, p.Kind >= relief.PaymentTopUp, budgetPayment{
				lives, p.Amount - p.Deducted, p.State == payment.State(payment.LineCredited),
			})
		}
		if cursor = page.Next; cursor == "" {
			return sums.end(b), nil
		}
	}
}

// budgetSums adds up payments that come period by period, and in one by roll number. The batch counts the further payments of a
// period after its lines.
type budgetSums struct {
	divider *payment.Divider
	sources int
	items   []budgetItem
	period  relief.Period
	further []budgetPayment // of the period
	sum     relief.Fen
}

type budgetPayment struct {
	residence   relief.Residence
	transferred relief.Fen
	credited    bool
}

func (s *budgetSums) take(period relief.Period, further bool, p budgetPayment) {
	if period != s.period {
		s.endPeriod()
		s.period = period
	}
	if further {
		s.further = append(s.further, p)
		return
	}
	s.add(p)
}

func (s *budgetSums) endPeriod() {
	for _, p := range s.further {
		s.add(p)
	}
	s.further = s.further[:0]
}

func (s *budgetSums) add(p budgetPayment) {
	at, known := slices.BinarySearchFunc(s.items, p.residence, func(item budgetItem, r relief.Residence) int { return cmp.Compare(item.Residence, r) })
	if !known {
		fresh := budgetItem{Residence: p.residence, Codes: []budgetCode{}, shares: make([]relief.Fen, s.sources), creditedShares: make([]relief.Fen, s.sources)}
		s.items = slices.Insert(s.items, at, fresh)
	}
	item := &s.items[at]
	item.Count++
	item.Amount += p.transferred
	s.sum += p.transferred
	if p.credited {
		item.Credited += p.transferred
	}
	for i, share := range s.divider.Next(p.transferred) {
		item.shares[i] += share
		if p.credited {
			item.creditedShares[i] += share
		}
	}
}

// end gives the sums. Who reads a part of the batch, or a batch whose money is not reserved, gets no shares of several sources.
func (s *budgetSums) end(b *payment.Batch) []budgetItem {
	s.endPeriod()
	whole := s.sources == 1 || len(b.SegmentSums) > 0 && s.sum == b.Totals.ListedSum
	for i := range s.items {
		if !whole {
			s.items[i].shares, s.items[i].creditedShares = nil, nil
		}
	}
	return s.items
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
	for n, id := range b.Tranches() {
		var t fund.Tranche
		if err := rest.RecordInto(ctx, h.Index, relief.KindTranche, string(id), &t); err != nil {
			return err
		}
		codes := &version.Budget
		if t.Budget != nil {
			codes = t.Budget
		}
		for i := range items {
			item := &items[i]
			code := budgetCode{Tranche: id, Functional: codes.FunctionalOf(item.Residence), Economic: codes.Economic}
			if item.shares != nil {
				code.Amount, code.Credited = &item.shares[n], &item.creditedShares[n]
			}
			item.Codes = append(item.Codes, code)
		}
	}
	return nil
}
