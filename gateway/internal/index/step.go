package index

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/ledger"
)

// outcomeTitles are titles for the bank's answers, in place of that of the function that recorded them.
var outcomeTitles = map[payment.LineState]string{
	payment.LineCredited: "入账 · credited",
	payment.LineReturned: "退票 · returned",
	payment.LineReversed: "入账后退回 · returned after the credit",
}

// Step is one step of a trail.
type Step struct {
	Act         string            `json:"act"` // such as payment.approve
	Title       string            `json:"title"`
	At          time.Time         `json:"at"`
	By          ledger.Identity   `json:"by"`
	Transaction string            `json:"transaction"`
	Block       uint64            `json:"block"`
	Endorsers   []ledger.Identity `json:"endorsers"`
	Record      string            `json:"record"` // that was written, such as batch/b-2026-11
	Detail      map[string]string `json:"detail,omitempty"`

	txPos int64
}

// newStep is the step that a transaction is in a record's trail.
func newStep(tx *ledger.Transaction, record string) Step {
	s := Step{
		Act: actOf(tx.Function), Title: titleOf(tx.Function), At: tx.Time, By: tx.Creator,
		Transaction: tx.ID, Block: tx.Block, Endorsers: tx.Endorsers, Record: record, txPos: txPosOf(tx.Block, tx.Index),
	}
	if s.Endorsers == nil {
		s.Endorsers = []ledger.Identity{}
	}
	return s
}

// actOf is the act that a function does. For a function that does no act of its own, such as case:File, it is the function's
// name in the form of an act.
func actOf(function string) string {
	if row, ok := api.Lookup(function); ok && row.Act != "" {
		return string(row.Act)
	}
	contract, name, _ := strings.Cut(function, ":")
	return contract + "." + strings.ToLower(name)
}

// functionsOf lists the functions that do an act, none for an unknown act.
func functionsOf(act string) (names []any) {
	for _, row := range api.Rows() {
		if actOf(row.Name) == act {
			names = append(names, row.Name)
		}
	}
	return names
}

// titleOf says in Chinese and English what a function does.
func titleOf(function string) string {
	if row, ok := api.Lookup(function); ok {
		return row.Zh + " · " + row.En
	}
	return actOf(function)
}

// recordDetail shows the main parts of a record's version; nil for kinds without any.
func recordDetail(kind string, value []byte) map[string]string {
	switch kind {
	case relief.KindCase:
		c, err := stored.Read[casework.Case](value)
		if err != nil || len(c.Acts) == 0 {
			return nil
		}
		return map[string]string{"state": string(c.State), "act": string(c.Acts[len(c.Acts)-1].Act)}
	case relief.KindBatch:
		return detailOf(value, batchDetail)
	case relief.KindChange:
		var c roll.Change
		if json.Unmarshal(value, &c) == nil && len(c.Acts) > 0 {
			return changeDetail(&c)
		}
	case relief.KindImport:
		var p roll.ImportProposal
		if json.Unmarshal(value, &p) == nil {
			return map[string]string{
				"state": string(p.State), "programme": string(p.Programme), "county": string(p.County), "from": p.From.String(),
				"count": strconv.Itoa(p.Count), "sum": p.Sum.String(), "digest": p.Digest,
			}
		}
	case relief.KindOverpayment:
		return detailOf(value, overpaymentDetail)
	case relief.KindErasure:
		return detailOf(value, erasureDetail)
	case relief.KindTranche:
		return detailOf(value, trancheDetail)
	case relief.KindMonth:
		return monthDetail(value)
	case relief.KindYearEnd:
		return detailOf(value, yearEndDetail)
	}
	return nil
}

// detailOf shows the main parts of a record that can be read.
func detailOf[T any](value []byte, show func(*T) map[string]string) map[string]string {
	record := new(T)
	if json.Unmarshal(value, record) != nil {
		return nil
	}
	return show(record)
}

// erasureDetail shows the main parts of an erasure.
func erasureDetail(e *roll.Erasure) map[string]string {
	detail := map[string]string{"state": string(e.State), "reason": string(e.Reason)}
	if n := len(e.Acts); n > 0 {
		detail["act"] = string(e.Acts[n-1].Act)
	}
	return detail
}

// changeDetail shows the main parts of a change: of another payee, the version of the private details before it and after
// it.
func changeDetail(c *roll.Change) map[string]string {
	detail := map[string]string{"kind": string(c.Kind), "state": string(c.State), "act": string(c.Acts[len(c.Acts)-1].Act)}
	if c.Kind == roll.ChangePayee {
		detail["version_before"] = strconv.Itoa(int(c.Version))
		detail["version_after"] = strconv.Itoa(int(c.Version) + 1)
	}
	return detail
}

func batchDetail(b *payment.Batch) map[string]string {
	detail := map[string]string{"state": string(b.State), "count": strconv.Itoa(b.Control.Count), "sum": b.Control.Sum.String()}
	if len(b.Sources) == 0 {
		detail["tranche"] = string(b.Tranche)
		return detail
	}
	var shares []payment.Share
	for i := range b.Sources {
		shares = append(shares, payment.Share{Tranche: b.Sources[i].Tranche, Amount: b.Sources[i].Share})
	}
	detail["sources"] = sharesText(shares)
	return detail
}

// inOrder sorts steps in ledger order and removes those that were found twice.
func inOrder(steps []Step) []Step {
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.txPos, b.txPos) })
	return slices.CompactFunc(steps, func(a, b Step) bool { return a.Transaction == b.Transaction && a.Record == b.Record })
}
