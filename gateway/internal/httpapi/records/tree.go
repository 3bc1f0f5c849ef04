package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// TrancheTree answers with a tranche and all tranches below it, each with the sums of its part of the tree. A file has a row a
// tranche.
func (h *Handlers) TrancheTree(ctx context.Context, c *gin.Context) error {
	id, err := trancheID(c)
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
	return rest.AnswerRows(h.core, c, "tranche-"+string(id)+"-tree", lists.TrancheTree, tree, tree.Rows())
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

func grow(t *fund.Tranche, below map[relief.TrancheID][]*fund.Tranche) *lists.Branch {
	b := &t.Balances
	tree := &lists.Branch{
		ID: t.ID, Programmes: t.Pool(), Region: t.Region, Origin: t.Origin, FiscalYear: t.FiscalYear, Account: t.Account, State: t.State,
		CarriedTo: t.CarriedTo, Balances: *b, Children: []*lists.Branch{},
		Sum: lists.TreeSum{
			Recovered: b.Recovered, Reserved: b.Reserved, Paid: b.Paid, InReturn: b.InReturn, Refunded: b.Refunded,
			CarriedOver: b.CarriedOver, Available: b.Available,
		},
	}
	for _, child := range below[t.ID] { // a child lies inside its parent's region: the tree ends
		branch := grow(child, below)
		tree.Sum.Add(&branch.Sum)
		tree.Children = append(tree.Children, branch)
	}
	return tree
}
