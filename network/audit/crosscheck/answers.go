package crosscheck

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
)

// Ask evaluates a function of the chaincode on an organisation's own peer.
type Ask func(ctx context.Context, organisation, function, argument string) ([]byte, error)

// answerTries limits how often the peers are asked again because the ledger grew meanwhile.
const answerTries = 5

// Answers compares the tranches and batches that each peer's chaincode returns with those in the blocks. When the
// ledger grows meanwhile, Answers checks the new blocks, too, and asks the peer again. It returns peers whose ledger
// keeps growing in notChecked.
func (c *Checker) Answers(ctx context.Context, ask Ask) (notChecked []string, err error) {
	if c.blind != "" {
		return nil, nil
	}
	for _, s := range c.sources {
		steady := false
		for range answerTries {
			before, err := s.Height(ctx)
			if err != nil {
				return nil, err
			}
			if err := c.To(ctx, before); err != nil {
				return nil, err
			}
			found := c.answers(ctx, s.Organisation(), ask)
			after, err := s.Height(ctx)
			if err != nil {
				return nil, err
			}
			if steady = before == after && before == c.next; steady {
				c.add([]string{s.Organisation()}, found...)
				break
			}
		}
		if !steady {
			notChecked = append(notChecked, "answers of "+s.Organisation()+"'s peer: the ledger kept growing")
		}
	}
	return notChecked, nil
}

func (c *Checker) answers(ctx context.Context, organisation string, ask Ask) (found []Finding) {
	found = compareAnswers(ctx, organisation, ask, "fund:List", "tranche", c.replay.ledger.Tranches,
		func(t *fund.Tranche) relief.TrancheID { return t.ID })
	return append(found, compareAnswers(ctx, organisation, ask, "payment:List", "batch", c.replay.ledger.Batches,
		func(b *payment.Batch) relief.BatchID { return b.ID })...)
}

// compareAnswers reads a list page by page and compares it with the records from the blocks.
func compareAnswers[K ~string, T any](ctx context.Context, organisation string, ask Ask, function, name string, known map[K]*T, id func(*T) K) (found []Finding) {
	report := func(form string, args ...any) {
		found = append(found, Finding{Kind: Answer, Detail: fmt.Sprintf(form, args...)})
	}
	answered := map[K]bool{}
	cursor := ""
	for {
		argument, _ := json.Marshal(map[string]any{"limit": 100, "cursor": cursor}) // two plain values
		text, err := ask(ctx, organisation, function, string(argument))
		if err != nil {
			report("%s: %v", function, err)
			return found
		}
		var page struct {
			Items []*T   `json:"items"`
			Next  string `json:"next"`
		}
		if err := json.Unmarshal(text, &page); err != nil {
			report("%s: its answer cannot be read", function)
			return found
		}
		for _, item := range page.Items {
			key := id(item)
			answered[key] = true
			want, ok := known[key]
			if !ok {
				report("%s %s is not in the blocks", name, key)
			} else if !sameJSON(item, want) {
				report("%s %s is answered differently from the blocks", name, key)
			}
		}
		if page.Next == "" || page.Next == cursor {
			break
		}
		cursor = page.Next
	}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if !answered[key] {
			report("%s %s is in the blocks but not in the answers", name, key)
		}
	}
	return found
}

func sameJSON(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
