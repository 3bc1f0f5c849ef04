package records

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// branch is a tranche with the tranches below it.
type branch struct {
	ID         relief.TrancheID     `json:"id"`
	Programmes []relief.ProgrammeID `json:"programmes"`
	Region     relief.Region        `json:"region"`
	Origin     fund.Origin          `json:"origin,omitempty"`
	FiscalYear int                  `json:"fiscal_year"`
	Account    string               `json:"account"`
	State      fund.State           `json:"state"`
	CarriedTo  relief.TrancheID     `json:"carried_to,omitempty"`
	Balances   fund.Balances        `json:"balances"`
	Sum        treeSum              `json:"sum"`
	Children   []*branch            `json:"children"` // in the order of their ids
}

// treeSum is where the money of a tranche and of all below it is.
type treeSum struct {
	Recovered   relief.Fen `json:"recovered"`
	Reserved    relief.Fen `json:"reserved"`
	Paid        relief.Fen `json:"paid"`
	InReturn    relief.Fen `json:"in_return"`
	Refunded    relief.Fen `json:"refunded"`
	CarriedOver relief.Fen `json:"carried_over"`
	Available   relief.Fen `json:"available"`
}

func (s *treeSum) add(o *treeSum) {
	s.Recovered += o.Recovered
	s.Reserved += o.Reserved
	s.Paid += o.Paid
	s.InReturn += o.InReturn
	s.Refunded += o.Refunded
	s.CarriedOver += o.CarriedOver
	s.Available += o.Available
}

// TrancheTree answers with a tranche and all tranches below it, each with the sums of its part of the tree: as JSON, or as CSV with
// a line a tranche.
func (h *Handlers) TrancheTree(ctx context.Context, c *gin.Context) error {
	id, err := trancheID(c)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	var root fund.Tranche
	if err := rest.RecordInto(ctx, h.Index, relief.KindTranche, string(id), &root); err != nil {
		return err
	}
	caller, err := reach.Of(ctx)
	if err != nil {
		return err
	}
	if err := caller.RequireCovers(root.Region); err != nil { // a sum of what the caller may read alone would be wrong
		return err
	}
	below, err := h.tranchesBelow(ctx)
	if err != nil {
		return err
	}
	tree := grow(&root, below)
	if format == rest.JSONType {
		return rest.JSON(c, tree)
	}
	rest.Attachment(c, format+"; charset=utf-8", "tranche-"+string(id)+"-tree.csv")
	if rest.HeadOnly(c) {
		return nil
	}
	w := rest.NewCSV(c.Writer, treeColumns...)
	tree.write(w, 0, "")
	w.Flush() // the caller is gone when this fails
	return nil
}

// tranchesBelow has the tranches that were allocated, by the one above.
func (h *Handlers) tranchesBelow(ctx context.Context) (map[relief.TrancheID][]*fund.Tranche, error) {
	below := map[relief.TrancheID][]*fund.Tranche{}
	for cursor := ""; ; {
		page, err := h.Index.Records(ctx, relief.KindTranche, cursor, index.MaxPage, nil)
		if err != nil {
			return nil, err
		}
		for _, value := range page.Items {
			t := &fund.Tranche{}
			if err := json.Unmarshal(value, t); err != nil {
				return nil, err
			}
			if t.Parent != "" {
				below[t.Parent] = append(below[t.Parent], t)
			}
		}
		if cursor = page.Next; cursor == "" {
			return below, nil
		}
	}
}

func grow(t *fund.Tranche, below map[relief.TrancheID][]*fund.Tranche) *branch {
	b := &t.Balances
	tree := &branch{
		ID: t.ID, Programmes: t.Pool(), Region: t.Region, Origin: t.Origin, FiscalYear: t.FiscalYear, Account: t.Account, State: t.State,
		CarriedTo: t.CarriedTo, Balances: *b, Children: []*branch{},
		Sum: treeSum{b.Recovered, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.CarriedOver, b.Available},
	}
	for _, child := range below[t.ID] { // a child lies inside its parent's region: the tree ends
		branch := grow(child, below)
		tree.Sum.add(&branch.Sum)
		tree.Children = append(tree.Children, branch)
	}
	return tree
}

var treeColumns = []string{
	"level", "id", "parent", "programmes", "region", "origin", "fiscal_year", "account", "state", "carried_to",
	"issued", "topped_up", "recovered", "allocated", "reserved", "paid", "in_return", "refunded", "taken_back", "carried_over", "available",
	"sum_recovered", "sum_reserved", "sum_paid", "sum_in_return", "sum_refunded", "sum_carried_over", "sum_available",
}

func (t *branch) write(w *csv.Writer, level int, parent relief.TrancheID) {
	s := &t.Sum
	line := append([]string{
		strconv.Itoa(level), string(t.ID), string(parent), programmesText(t.Programmes), string(t.Region), string(t.Origin),
		strconv.Itoa(t.FiscalYear), t.Account, string(t.State), string(t.CarriedTo),
	}, balanceCells(&t.Balances)...)
	for _, amount := range []relief.Fen{s.Recovered, s.Reserved, s.Paid, s.InReturn, s.Refunded, s.CarriedOver, s.Available} {
		line = append(line, amount.String())
	}
	_ = w.Write(line) // errors stay with the writer
	for _, child := range t.Children {
		child.write(w, level+1, t.ID)
	}
}

// balanceCells are the balances in the order of the columns from issued to available.
func balanceCells(b *fund.Balances) (cells []string) {
	for _, amount := range []relief.Fen{
		b.Issued, b.ToppedUp, b.Recovered, b.Allocated, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.TakenBack, b.CarriedOver, b.Available,
	} {
		cells = append(cells, amount.String())
	}
	return cells
}

func programmesText(ids []relief.ProgrammeID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, " ")
}
