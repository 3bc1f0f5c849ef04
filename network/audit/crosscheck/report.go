package crosscheck

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/network/audit/rules"
)

// Report is the result of a check.
type Report struct {
	Channel string `json:"channel"`
	// FirstHash is the hash of block 0, to be compared with the auditor's own copy; empty when the check began later.
	FirstHash string    `json:"first_hash,omitempty"`
	From      uint64    `json:"from"`
	Until     uint64    `json:"until"`     // the first block that was not checked
	LastHash  string    `json:"last_hash"` // of block Until-1
	Peers     []Peer    `json:"peers"`
	Count     Count     `json:"count"`
	Tranches  []Tranche `json:"tranches"`
	LogSize   int       `json:"log_size"`
	LogRoot   string    `json:"log_root,omitempty"` // RFC 6962, hexadecimal
	// LateLists are published lists that are missing, or came late, by the law and the programme: a question to civil affairs, no finding
	// about the ledger.
	LateLists []rules.LateList `json:"late_lists,omitempty"`
	Findings  []Finding        `json:"findings"`
	// Dropped counts the findings above the limit of a report.
	Dropped int `json:"dropped,omitempty"`
	// NotChecked says what could not be checked, and why.
	NotChecked []string `json:"not_checked,omitempty"`
	Seconds    float64  `json:"seconds"`
}

// Peer is an organisation's copy.
type Peer struct {
	Organisation string `json:"organisation"`
	Height       uint64 `json:"height"`
}

// Tranche is a tranche's balances by the blocks.
type Tranche struct {
	ID       relief.TrancheID `json:"id"`
	Balances fund.Balances    `json:"balances"`
}

// Sound reports whether nothing was found.
func (r *Report) Sound() bool { return len(r.Findings) == 0 && r.Dropped == 0 }

// Report ends a check: it makes the checks that need the whole ledger and gathers the findings.
func (c *Checker) Report(from uint64, took time.Duration) *Report {
	r := &Report{
		From: from, Until: c.next, LastHash: hex.EncodeToString(c.previous), FirstHash: hex.EncodeToString(c.first),
		Count: c.replay.count, Seconds: took.Seconds(), Tranches: []Tranche{}, Peers: []Peer{},
	}
	if c.config != nil {
		r.Channel = c.config.channel
	}
	for _, s := range c.sources {
		if h, ok := c.heights[s.Organisation()]; ok {
			r.Peers = append(r.Peers, Peer{s.Organisation(), h})
		}
	}
	if c.blind != "" {
		r.NotChecked = append(r.NotChecked, "state, money and log: "+c.blind)
	} else {
		for _, p := range c.replay.ledger.PaidTwice() {
			c.add(nil, Finding{Kind: Kind(p.Kind), Detail: p.Detail})
		}
		ledger := c.replay.ledger
		for _, id := range slices.Sorted(maps.Keys(ledger.Tranches)) {
			r.Tranches = append(r.Tranches, Tranche{id, ledger.Tranches[id].Balances})
		}
		r.LateLists = ledger.LateLists(relief.DefaultCalendar.Day(time.Now()))
		if r.LogSize = len(ledger.Leaves); r.LogSize > 0 {
			root := treeHash(ledger.Leaves)
			r.LogRoot = hex.EncodeToString(root[:])
		}
	}
	r.Findings, r.Dropped = c.findings, c.dropped
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	return r
}

// Print writes the report for people.
func (r *Report) Print(out io.Writer) {
	fmt.Fprintf(out, "Channel %s, blocks %d to %d, in %.1f s\n", r.Channel, r.From, int64(r.Until)-1, r.Seconds) //nolint:gosec // a height
	for _, p := range r.Peers {
		fmt.Fprintf(out, "  %-14s %d blocks\n", p.Organisation, p.Height)
	}
	fmt.Fprintf(out, "%d transactions, %d of them valid; %d signatures verified; %d answers of banks\n",
		r.Count.Transactions, r.Count.Valid, r.Count.Signatures, r.Count.Payments)
	if r.FirstHash != "" {
		fmt.Fprintf(out, "first block  %s\n", r.FirstHash)
	}
	fmt.Fprintf(out, "last block   %s\n", r.LastHash)
	for _, t := range r.Tranches {
		fmt.Fprintf(out, "tranche %s: %s\n", t.ID, rules.Balances(t.Balances))
	}
	if r.LogSize > 0 {
		fmt.Fprintf(out, "log: %d payments, root %s\n", r.LogSize, r.LogRoot)
	}
	for i := range r.LateLists {
		l := &r.LateLists[i]
		published := "not published"
		if l.PublishedOn != "" {
			published = "published on " + string(l.PublishedOn)
		}
		fmt.Fprintf(out, "late list: %s of %s in %s was due on %s, %s\n", l.Period, l.Programme, l.County, l.Due, published)
	}
	for _, n := range r.NotChecked {
		fmt.Fprintf(out, "not checked: %s\n", n)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(out, "FOUND  %s\n", f)
	}
	if r.Dropped > 0 {
		fmt.Fprintf(out, "and %d more\n", r.Dropped)
	}
	switch {
	case !r.Sound():
	case len(r.NotChecked) > 0:
		fmt.Fprintln(out, "Nothing differs in what was checked.")
	default:
		fmt.Fprintln(out, "Nothing differs.")
	}
}
