package bankdesk

import (
	"context"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// Discrepancy is something that keeps a reconciliation from tying out, or that its reader should know.
type Discrepancy struct {
	Code   string      `json:"code"`
	Text   string      `json:"text"` // Chinese · English
	Count  int         `json:"count,omitempty"`
	Amount *relief.Fen `json:"amount,omitempty"`
}

// Amounts says what became of the transfers that the bank was told, by the ledger: instructed = credited + returned + pending.
type Amounts struct {
	Instructed Tally `json:"instructed"`
	Credited   Tally `json:"credited"`
	Returned   Tally `json:"returned"`
	Pending    Tally `json:"pending"`
}

func (a *Amounts) add(b *Amounts) {
	for _, p := range [][2]*Tally{
		{&a.Instructed, &b.Instructed}, {&a.Credited, &b.Credited}, {&a.Returned, &b.Returned}, {&a.Pending, &b.Pending},
	} {
		p[0].Count += p[1].Count
		p[0].Sum += p[1].Sum
	}
}

func (a *Amounts) holds() bool {
	return a.Instructed.Count == a.Credited.Count+a.Returned.Count+a.Pending.Count &&
		a.Instructed.Sum == a.Credited.Sum+a.Returned.Sum+a.Pending.Sum
}

// BatchReconciliation holds a batch against the bank's statements.
type BatchReconciliation struct {
	Batch   relief.BatchID        `json:"batch"`
	Tranche relief.TrancheID      `json:"tranche,omitempty"`
	Sources []payment.BatchSource `json:"sources,omitempty"` // in place of one tranche
	State   payment.BatchState    `json:"state"`
	AsOf    time.Time             `json:"as_of"`
	Amounts
	// Statements is what account statements (camt.053) say of the batch's payments: money out, and money back.
	Statements struct {
		Paid     Tally    `json:"paid"`
		Returned Tally    `json:"returned"`
		Files    []string `json:"files"`
	} `json:"statements"`
	OpenExceptions Tally         `json:"open_exceptions"`
	TiesOut        bool          `json:"ties_out"`
	Discrepancies  []Discrepancy `json:"findings"`
}

// ReconcileBatch holds a batch against what the bank said of it.
func (d *Desk) ReconcileBatch(ctx context.Context, signer string, id relief.BatchID) (*BatchReconciliation, error) {
	b, err := d.batch(ctx, signer, id)
	if err != nil {
		return nil, err
	}
	r := &BatchReconciliation{
		Batch: b.ID, Tranche: b.Tranche, Sources: b.Sources, State: b.State, AsOf: d.options.Now().UTC(), Discrepancies: []Discrepancy{},
	}
	r.Statements.Files = []string{}
	if r.Amounts, err = d.amounts(ctx, signer, b); err != nil {
		return nil, err
	}
	err = d.store.View(func(tx *boltstore.Tx) error {
		if err := eachBatchTotals(tx, b.ID, func(message string, p *BatchTotals) {
			if p.Kind.Statement() {
				r.Statements.Paid.plus(p.Paid)
				r.Statements.Returned.plus(p.Returned)
				if !slices.Contains(r.Statements.Files, message) {
					r.Statements.Files = append(r.Statements.Files, message)
				}
			}
		}); err != nil {
			return err
		}
		if err := r.addBooked(tx); err != nil {
			return err
		}
		return eachOpen(tx, func(x *Exception) {
			if x.Batch == b.ID {
				r.OpenExceptions.exception(x)
			}
		})
	})
	r.find()
	return r, err
}

// addBooked adds what statements say of the batch in one sum.
func (r *BatchReconciliation) addBooked(tx *boltstore.Tx) error {
	return bookedAsPayments(tx, func(x *Exception) (paid, back *Tally) {
		if x.Batch != r.Batch {
			return nil, nil
		}
		if !slices.Contains(r.Statements.Files, x.Message) {
			r.Statements.Files = append(r.Statements.Files, x.Message)
		}
		return &r.Statements.Paid, &r.Statements.Returned
	})
}

// amountsOf is what became of a batch's payments, each of which is a transfer.
func amountsOf(b *payment.Batch) Amounts {
	t := b.Totals // of which those to whom nothing is transferred were credited when finance authorised
	return Amounts{
		Instructed: Tally{b.Control.Count - t.Netted, b.Control.Sum}, Credited: Tally{max(t.Credited-t.Netted, 0), t.CreditedSum},
		Returned: Tally{t.Returned, t.ReturnedSum}, Pending: Tally{t.Pending, t.PendingSum},
	}
}

func (t *Tally) plus(o Tally) {
	t.Count += o.Count
	t.Sum += o.Sum
}

func (t *Tally) exception(x *Exception) {
	t.Count++
	t.Sum += x.left()
}

// find says what is missing. What statements say was paid, less what they say came back, is what the ledger has as
// credited.
func (r *BatchReconciliation) find() {
	add := func(code, text string, t Tally) {
		r.Discrepancies = append(r.Discrepancies, Discrepancy{code, text, t.Count, &t.Sum})
	}
	switch r.State {
	case payment.BatchInstructed, payment.BatchClosed:
	case payment.BatchCancelled:
		add("cancelled", "批次已撤销，没有要付的款 · the batch was cancelled: nothing is to be paid", Tally{})
	default:
		add("not-instructed", "批次尚未下达支付指令 · the bank was not instructed yet", r.Instructed)
	}
	if !r.holds() {
		add("sums", "已发、退票、待回与指令金额不符 · credited, returned and pending are not what was instructed", r.Instructed)
	}
	if r.Pending.Count > 0 {
		add("pending", "尚无银行结果的支付 · payments without a result from the bank", r.Pending)
	}
	if r.OpenExceptions.Count > 0 {
		add("open-exceptions", "未处理的异常 · exceptions that nobody has resolved", r.OpenExceptions)
	}
	net := r.Statements.Paid.Sum - r.Statements.Returned.Sum
	switch {
	case len(r.Statements.Files) == 0 && r.State != payment.BatchCancelled:
		add("no-statement", "没有账户对账单 · no account statement speaks of the batch", Tally{})
	case net != r.Credited.Sum:
		add("statement-differs", "对账单净额与账本已发金额之差 · by this much the statements' net differs from what the ledger has as credited",
			Tally{0, max(net-r.Credited.Sum, r.Credited.Sum-net)})
	}
	r.TiesOut = len(r.Discrepancies) == 0
}

func eachBatchTotals(tx *boltstore.Tx, batch relief.BatchID, visit func(message string, p *BatchTotals)) error {
	prefix := string(batch) + "\x00"
	for c := bucketTotals.Prefix(tx, prefix); c.Next(); {
		p, err := c.Value()
		if err != nil {
			return err
		}
		place := strings.TrimPrefix(c.Key(), prefix)
		if !bucketWithdrawn.Has(tx, place) {
			message, _, _ := strings.Cut(place, "\x00")
			visit(message, &p)
		}
	}
	return nil
}

func eachOpen(tx *boltstore.Tx, visit func(*Exception)) error {
	for c := bucketOpen.All(tx); c.Next(); {
		x, found, err := bucketExceptions.Get(tx, c.Key())
		if err != nil {
			return err
		}
		if found {
			visit(&x)
		}
	}
	return nil
}

// AccountReconciliation holds a tranche's dedicated account against its batches.
type AccountReconciliation struct {
	Tranche relief.TrancheID `json:"tranche"`
	Account string           `json:"account"`
	AsOf    time.Time        `json:"as_of"`
	Amounts
	Batches    []BatchLine     `json:"batches"`
	Statements []StatementLine `json:"statements"`
	// Opening is the first statement's opening balance, Closing the last one's closing balance; between them lie
	// debits and credits, of which paid and returned are the tranche's payments.
	Opening  *bankfile.Balance `json:"opening,omitempty"`
	Closing  *bankfile.Balance `json:"closing,omitempty"`
	Debits   relief.Fen        `json:"debits"`
	Credits  relief.Fen        `json:"credits"`
	Paid     Tally             `json:"paid"`
	PaidBack Tally             `json:"paid_back"`
	// Ledger is what the account should have by its tranches and the confirmed entries of its statements. Difference is what the
	// last closing balance has above it.
	Ledger         api.AccountBalance `json:"ledger"`
	Difference     *bankfile.Balance  `json:"difference,omitempty"`
	OpenExceptions Tally              `json:"open_exceptions"`
	TiesOut        bool               `json:"ties_out"`
	Discrepancies  []Discrepancy      `json:"findings"`
}

// BatchLine is a batch of a tranche's reconciliation. Of a batch with several sources, which have the same account, the
// amounts are the whole payments that the account's statements speak of.
type BatchLine struct {
	Batch   relief.BatchID        `json:"batch"`
	Sources []payment.BatchSource `json:"sources,omitempty"`
	State   payment.BatchState    `json:"state"`
	Amounts
}

// StatementLine is a statement of a tranche's account.
type StatementLine struct {
	Message string `json:"message"`
	bankfile.Statement
	TiesOut bool `json:"ties_out"`

	place  int    // in the message, from 1
	digest string // of what it says
}

// ReconcileAccount holds a tranche's account against its batches. Of several tranches that share an account, each has
// its own batches and all of the account's statements.
func (d *Desk) ReconcileAccount(ctx context.Context, signer string, id relief.TrancheID) (*AccountReconciliation, error) {
	tranche, err := ask(ctx, d, signer, api.FundGet, api.TrancheInput{ID: id})
	if err != nil {
		return nil, err
	}
	r := &AccountReconciliation{
		Tranche: id, Account: tranche.Account, AsOf: d.options.Now().UTC(),
		Batches: []BatchLine{}, Statements: []StatementLine{}, Discrepancies: []Discrepancy{},
	}
	if err := d.takeWithdrawals(ctx, signer, r.Account); err != nil {
		return nil, err
	}
	if r.Ledger, err = ask(ctx, d, signer, api.StatementAccount, api.TrancheInput{ID: id}); err != nil {
		return nil, err
	}
	if err := d.addInstructed(ctx, signer, r); err != nil {
		return nil, err
	}
	if err := d.store.View(r.load); err != nil {
		return nil, err
	}
	r.find()
	return r, nil
}

// addInstructed adds the tranche's batches of which the bank was instructed.
func (d *Desk) addInstructed(ctx context.Context, signer string, r *AccountReconciliation) error {
	for next := (api.BatchFilter{PageInput: api.PageInput{Limit: pageLimit}}); ; {
		page, err := ask(ctx, d, signer, api.PaymentList, next)
		if err != nil {
			return err
		}
		for i := range page.Items {
			b := &page.Items[i]
			if slices.Contains(b.Tranches(), r.Tranche) && (b.State == payment.BatchInstructed || b.State == payment.BatchClosed) {
				amounts, err := d.amounts(ctx, signer, b)
				if err != nil {
					return err
				}
				line := BatchLine{b.ID, b.Sources, b.State, amounts}
				r.Batches = append(r.Batches, line)
				r.Amounts.add(&line.Amounts)
			}
		}
		if next.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// load reads what the desk keeps of the account and the batches.
func (r *AccountReconciliation) load(tx *boltstore.Tx) error {
	of := map[relief.BatchID]bool{}
	for i := range r.Batches {
		of[r.Batches[i].Batch] = true
		if err := eachBatchTotals(tx, r.Batches[i].Batch, func(_ string, p *BatchTotals) {
			if p.Kind.Statement() {
				r.Paid.plus(p.Paid)
				r.PaidBack.plus(p.Returned)
			}
		}); err != nil {
			return err
		}
	}
	lines, err := statementsOf(tx, r.Account)
	if err != nil {
		return err
	}
	r.Statements = append(r.Statements, lines...)
	mine, places := map[string]bool{}, map[string]bool{}
	for i := range lines {
		mine[lines[i].Message], places[statementTotalsKey(lines[i].Message, lines[i].place)] = true, true
	}
	err = bookedAsPayments(tx, func(x *Exception) (paid, back *Tally) {
		if !places[statementTotalsKey(x.Message, x.Place)] {
			return nil, nil
		}
		return &r.Paid, &r.PaidBack
	})
	if err != nil {
		return err
	}
	return eachOpen(tx, func(x *Exception) {
		if of[x.Batch] || mine[x.Message] {
			r.OpenExceptions.exception(x)
		}
	})
}

func (r *AccountReconciliation) find() {
	if !r.holds() {
		r.discrepancy("sums", "已发、退票、待回与指令金额不符 · credited, returned and pending are not what was instructed", r.Instructed)
	}
	if r.Pending.Count > 0 {
		r.discrepancy("pending", "尚无银行结果的支付 · payments without a result from the bank", r.Pending)
	}
	if r.OpenExceptions.Count > 0 {
		r.discrepancy("open-exceptions", "未处理的异常 · exceptions that nobody has resolved", r.OpenExceptions)
	}
	if len(r.Statements) == 0 {
		r.discrepancy("no-statement", "没有该账户的对账单 · there is no statement of the account", Tally{})
	} else {
		r.chain()
		if net := r.Paid.Sum - r.PaidBack.Sum; net != r.Credited.Sum {
			r.discrepancy("statement-differs", "对账单净额与账本已发金额之差 · by this much the statements' net differs from what the ledger has as credited",
				Tally{0, max(net-r.Credited.Sum, r.Credited.Sum-net)})
		}
		r.holdBalance()
	}
	r.TiesOut = len(r.Discrepancies) == 0
}

// holdBalance holds the last closing balance against what the account should have.
func (r *AccountReconciliation) holdBalance() {
	if r.Closing == nil {
		return
	}
	difference := *r.Closing - r.Ledger.Expected
	if r.Difference = &difference; difference != 0 {
		r.discrepancy("balance-differs", "银行余额比账本应有余额多 "+difference.String()+
			" · by "+difference.String()+" the bank's balance is above what the ledger expects", Tally{0, relief.Fen(max(difference, -difference))})
	}
}

func (r *AccountReconciliation) discrepancy(code, text string, t Tally) {
	r.Discrepancies = append(r.Discrepancies, Discrepancy{code, text, t.Count, &t.Sum})
}
