package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/benchclient"
)

// officials holds the principals who act for a county's civil affairs.
var officials = map[string]struct{ preparer, approver string }{
	"530181": {"civil-preparer", "civil-approver"}, otherCounty: {"civil-other-county", "civil-other-approver"},
}

// programme is a programme of one county. Each year in which it pays has a tranche of more money than the bench pays.
type programme struct {
	net              *net
	id, county       string
	issued           map[string]bool // tranches
	size             int             // of a segment
	people           []relief.SubjectRef
	segmentsEnrolled int
}

// newProgramme drafts and enacts a programme through REST.
func (n *net) newProgramme(ctx context.Context, county string, segmentSize int) (*programme, error) {
	p := &programme{net: n, id: n.name("p"), county: county, size: segmentSize, issued: map[string]bool{}}
	return p, p.enact(ctx, map[string]any{"version": 1, "starts": "2000-01"})
}

// enact drafts a version of the programme and enacts it; terms has its number, its first period and what else it states.
func (p *programme) enact(ctx context.Context, terms map[string]any) error {
	version := map[string]any{
		"id": p.id, "name": "低保", "region": p.county, "unit": "household", "cycle": "monthly",
		"min_amount": "1.00", "max_amount": "100000.00", "import_until": "2099-12-31", "notice_days": 7, "pay_by_day": 10,
		"budget": map[string]string{"functional": "2081901", "economic": "50901"}, "segment_size": p.size,
	}
	maps.Copy(version, terms)
	if err := p.net.act(ctx, officials[p.county].preparer, "/v1/programmes", version); err != nil {
		return err
	}
	return p.net.act(ctx, "finance-approver", "/v1/programmes/"+p.id+"/enact", map[string]any{"version": version["version"]})
}

// act posts under a key of its own. It repeats the request while the response says that the end is not known yet.
func (n *net) act(ctx context.Context, by, path string, body any) error {
	c, err := n.as(by)
	if err != nil {
		return err
	}
	if body == nil {
		body = struct{}{}
	}
	for key := n.name("act-"); ; {
		a, err := c.Post(ctx, path, key, body, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if a.Status != http.StatusAccepted {
			return nil
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tranche is the tranche of a period's fiscal year. It is issued when the first batch needs it.
func (p *programme) tranche(ctx context.Context, period string) (string, error) {
	year := period[:4]
	id := p.id + "-" + year
	if p.issued[id] {
		return id, nil
	}
	err := p.net.act(ctx, "finance-approver", "/v1/tranches", map[string]any{
		"id": id, "programme": p.id, "region": p.county, "amount": "100000000000.00", "source": "测试",
		"account": "5301810100000088", "fiscal_year": json.Number(year),
		"targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	})
	p.issued[id] = err == nil
	return id, err
}

func (p *programme) open(ctx context.Context, period string, count int, sum relief.Fen) (string, error) {
	return p.openWith(ctx, period, count, sum, nil)
}

// openWith is open for a batch with terms of its own.
func (p *programme) openWith(ctx context.Context, period string, count int, sum relief.Fen, terms map[string]any) (string, error) {
	tranche, err := p.tranche(ctx, period)
	if err != nil {
		return "", err
	}
	id := p.net.name("b")
	batch := map[string]any{
		"id": id, "programme": p.id, "region": p.county, "period": period, "tranche": tranche, "count": count, "sum": sum,
	}
	maps.Copy(batch, terms)
	return id, p.net.act(ctx, officials[p.county].preparer, "/v1/batches", batch)
}

// tellBank brings a full batch to the state in which the bank answers, and returns the seconds that the payment file took.
func (p *programme) tellBank(ctx context.Context, batch string) (made float64, err error) {
	if err := p.approve(ctx, batch); err != nil {
		return 0, err
	}
	path := "/v1/batches/" + batch
	began := time.Now()
	if err := p.net.act(ctx, "finance-preparer", path+"/payment-file", nil); err != nil {
		return 0, err
	}
	made = time.Since(began).Seconds()
	c, err := p.net.as("finance-approver")
	if err != nil {
		return 0, err
	}
	var file struct {
		FileSHA256 string `json:"file_sha256"`
	}
	if err := c.Get(ctx, path, &file); err != nil {
		return 0, err
	}
	if err := p.net.act(ctx, "finance-approver", path+"/approve", file); err != nil {
		return 0, err
	}
	return made, p.net.act(ctx, "finance-preparer", path+"/instruct", nil)
}

// instructPast is tellBank past the gateway: people who were enrolled directly on the ledger have no details from which a
// payment file could be made.
func (p *programme) instructPast(ctx context.Context, finance *benchclient.Ledger, batch string, count int, sum relief.Fen) error {
	if err := p.approve(ctx, batch); err != nil {
		return err
	}
	hash := strings.Repeat("0", 64)
	for _, act := range []struct {
		by, function string
		argument     map[string]any
	}{
		{"finance-preparer", "payment:MakeFile", map[string]any{
			"id": batch, "file_sha256": hash, "message_id": batch, "execute_on": "2099-12-31", "count": count, "sum": sum,
		}},
		{"finance-approver", "payment:Authorise", map[string]any{"id": batch, "file_sha256": hash}},
		{"finance-preparer", "payment:Instruct", map[string]any{"id": batch}},
	} {
		if _, err := finance.Submit(ctx, p.call(act.by, act.function, act.argument, nil)); err != nil {
			return fmt.Errorf("%s: %w", act.function, err)
		}
		if err := p.net.indexed(ctx); err != nil { // a peer that is behind would refuse the next act
			return err
		}
	}
	return nil
}

// approve takes a full batch to the state in which finance makes its payment file. It may be repeated.
func (p *programme) approve(ctx context.Context, batch string) error {
	for _, act := range []struct{ by, verb string }{
		{officials[p.county].preparer, "seal"}, {officials[p.county].approver, "approve"},
	} {
		if err := p.net.act(ctx, act.by, "/v1/batches/"+batch+"/"+act.verb, nil); err != nil {
			return err
		}
	}
	return nil
}

// detailsBytes is how long a person's sealed private details are, the mean of a roll: TestASealIsShort of
// gateway/internal/intake holds the documents to it.
const detailsBytes = 125

// payeeOf is whom a person's money is paid to: tags are as random as references.
func payeeOf(ref relief.SubjectRef) roll.Payee {
	return roll.Payee{Name: relief.Tag(ref), Account: relief.Tag(ref)}
}

func (p *programme) call(signer, function string, argument any, transient map[string][]byte) benchclient.Call {
	document, _ := json.Marshal(argument) // ids and numbers: does not fail
	return benchclient.Call{Signer: signer, Function: function, Argument: document, Transient: transient}
}

const (
	payAmount = relief.Fen(62_000)
	payDay    = 20_766 // 2026-11-09, days since 1970-01-01
)
