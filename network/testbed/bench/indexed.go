package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// indexed waits until every gateway's index has all blocks that any agency's peer has. Otherwise gateways would still index one
// measurement's blocks during the next, and a peer that is behind would refuse the next act.
func (n *net) indexed(ctx context.Context) error {
	var height uint64
	for agency := range agencies {
		l, err := n.ledger(agency)
		if err != nil {
			return err
		}
		has, err := l.Height(ctx)
		if err != nil {
			return err
		}
		height = max(height, has)
	}
	for agency := range agencies {
		for {
			done, err := n.indexedAt(ctx, agency, height)
			if err != nil {
				return err
			}
			if done {
				break
			}
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexedAt reports whether a gateway's index has the blocks below a height. What the gateway says of its peer may be a second old.
func (n *net) indexedAt(ctx context.Context, agency string, height uint64) (bool, error) {
	text, err := get(ctx, n.gatewayURL(agency)+"/readyz")
	if err != nil {
		return false, nil //nolint:nilerr // a gateway whose index is behind is not ready
	}
	var ready struct {
		Checks []struct{ Name, Detail string }
	}
	if err := json.Unmarshal(text, &ready); err != nil {
		return false, err
	}
	for _, c := range ready.Checks {
		var has, of uint64
		if c.Name == "index" {
			_, english, _ := strings.Cut(c.Detail, " · ")
			_, err := fmt.Sscanf(english, "%d of %d blocks indexed.", &has, &of)
			return err == nil && has >= height, err
		}
	}
	return false, fmt.Errorf("the gateway of %s does not report on its index", agency)
}
