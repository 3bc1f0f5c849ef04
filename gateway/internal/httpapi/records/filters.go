package records

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of payments by period, by day, and by officials of their batches.
var (
	PaidFrom     = rest.NewParam("from_period", relief.ParsePeriod)
	PaidTo       = rest.NewParam("to_period", relief.ParsePeriod)
	CreditedFrom = rest.NewParam("from_credited", relief.ParseDay)
	CreditedTo   = rest.NewParam("to_credited", relief.ParseDay)
	ReturnedFrom = rest.NewParam("from_returned", relief.ParseDay)
	ReturnedTo   = rest.NewParam("to_returned", relief.ParseDay)
	ApprovedFrom = rest.NewParam("from_approved", relief.ParseDay)
	ApprovedTo   = rest.NewParam("to_approved", relief.ParseDay)
	ByPreparer   = rest.NewParam("preparer", parseOfficial)
	ByAuthoriser = rest.NewParam("authoriser", parseOfficial)
)

// PaymentFilters are these parameters.
func PaymentFilters() []rest.Parameter {
	return []rest.Parameter{
		PaidFrom, PaidTo, FromAccountingPeriod, ToAccountingPeriod, CreditedFrom, CreditedTo, ReturnedFrom, ReturnedTo, ApprovedFrom, ApprovedTo, ByPreparer, ByAuthoriser, ByTranche,
	}
}

func paymentFilter(c *gin.Context) index.PaymentFilter {
	return index.PaymentFilter{
		PeriodFrom: PaidFrom.In(c), PeriodTo: PaidTo.In(c), Accounts: accounts(c), Tranche: ByTranche.In(c), Preparer: ByPreparer.In(c), Authoriser: ByAuthoriser.In(c),
		Credited: index.DayRange{From: CreditedFrom.In(c), To: CreditedTo.In(c)},
		Returned: index.DayRange{From: ReturnedFrom.In(c), To: ReturnedTo.In(c)},
		Approved: index.DayRange{From: ApprovedFrom.In(c), To: ApprovedTo.In(c)},
	}
}

// accounts are the accounting periods of the query.
func accounts(c *gin.Context) index.PeriodRange {
	return index.PeriodRange{From: FromAccountingPeriod.In(c), To: ToAccountingPeriod.In(c)}
}

// PaymentsAfterDeath lists payments of periods after the day of death of their persons.
func (h *Handlers) PaymentsAfterDeath(ctx context.Context, c *gin.Context) error {
	q := index.LateQuery{Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: payment.State(ByPaymentState.In(c))}
	l := rest.List[index.LatePayment]{
		Name: "payments-after-death", Table: lists.LatePayments,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[index.LatePayment], error) {
			return h.Index.PaymentsAfterDeath(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

// Transfers lists what the bank was told to pay, over all batches; from and to are the days of the bank's answers.
func (h *Handlers) Transfers(ctx context.Context, c *gin.Context) error {
	q := index.TransferQuery{
		Batch: ByBatch.In(c), Programme: ByProgramme.In(c), Account: ByAccountingPeriod.In(c), Accounts: accounts(c), Tranche: ByTranche.In(c), Region: ByRegion.In(c),
		State: payment.State(ByPaymentState.In(c)), Answered: index.DayRange{From: FromDay.In(c), To: ToDay.In(c)},
	}
	l := rest.List[payment.Transfer]{
		Name: "transfers", Table: lists.Transfers,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[payment.Transfer], error) {
			return h.Index.AllTransfers(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

// mostCounted is how many days ActCounts counts at most: it looks at every transaction of them.
const mostCounted = 366

// ActCounts says how often each official did each act on some days, most first.
func (h *Handlers) ActCounts(ctx context.Context, c *gin.Context) error {
	days := index.DayRange{From: FromDay.In(c), To: ToDay.In(c)}
	if days.From == "" || days.To == "" || days.From.Add(mostCounted) <= days.To {
		return problem.OfField("from", fmt.Sprintf("请填写 from 和 to（YYYY-MM-DD），最多 %d 天。", mostCounted),
			fmt.Sprintf("from and to are days (YYYY-MM-DD), at most %d.", mostCounted))
	}
	counts, err := h.Index.ActCounts(ctx, index.TransactionQuery{
		By: By.In(c), Act: ByAct.In(c), Days: days, Region: ByRegion.In(c), Agency: ByAgency.In(c),
	}, h.core.PageSize(c))
	if err != nil {
		return err
	}
	document := struct {
		Items []index.ActCount `json:"items"`
	}{counts}
	return rest.AnswerRows(h.core, c, "acts-"+string(days.From)+"-"+string(days.To), lists.ActCounts, document, counts)
}

// The query parameters of a roll's entries by when they began and ended, and why. Periods are months.
var (
	EnteredFrom  = rest.NewParam("from_entered", relief.ParsePeriod)
	EnteredTo    = rest.NewParam("to_entered", relief.ParsePeriod)
	EndedFrom    = rest.NewParam("from_ended", relief.ParsePeriod)
	EndedTo      = rest.NewParam("to_ended", relief.ParsePeriod)
	DiedFrom     = rest.NewParam("from_died", relief.ParseDay)
	DiedTo       = rest.NewParam("to_died", relief.ParseDay)
	ByExitReason = rest.Choice[roll.ExitReason]("exit_reason", roll.ExitDeath, "income", roll.ExitMoved, "voluntary", "ineligible", "other", roll.ExitSucceeded)
)

// EntryFilters are these parameters.
func EntryFilters() []rest.Parameter {
	return []rest.Parameter{EnteredFrom, EnteredTo, EndedFrom, EndedTo, DiedFrom, DiedTo, ByExitReason}
}

func entryFilter(c *gin.Context) index.EntryFilter {
	return index.EntryFilter{
		EnteredFrom: EnteredFrom.In(c), EnteredTo: EnteredTo.In(c), EndedFrom: EndedFrom.In(c), EndedTo: EndedTo.In(c),
		Died: index.DayRange{From: DiedFrom.In(c), To: DiedTo.In(c)}, Reason: ByExitReason.In(c),
	}
}

// The query parameters of tranches beside those of other lists.
var (
	ByFiscalYear = rest.NewParam("fiscal_year", func(text string) (int, error) {
		year, err := strconv.Atoi(text)
		if err != nil || year < 2000 || year > 2199 {
			return 0, problem.OfField("fiscal_year", "fiscal_year 为四位年份。", "fiscal_year is a year of four digits.")
		}
		return year, nil
	})
	ByParent        = rest.NewParam("parent", relief.ParseTrancheID)
	ByAccountNumber = rest.Text("account")
)
