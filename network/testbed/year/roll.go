package year

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"relieftrail/network/testbed/reckoning"
	"relieftrail/network/testbed/restclient"
)

// draft is a programme as civil affairs drafts it.
func (c *County) draft(name, chinese, english string, terms obj) obj {
	draft := obj{
		"id": c.programme(name), "version": 1, "name": chinese, "name_en": english, "region": region, "unit": "household", "cycle": "monthly",
		"min_amount": "1.00", "max_amount": "6000.00", "starts": "2026-01", "notice_days": 7, "required_evidence": []string{"home-visit"},
		"pay_by_day": 10, "budget": obj{"functional": "2081901", "economic": "30305"}, "segment_size": 1000, "import_until": "2027-12-31",
	}
	for field, value := range terms {
		draft[field] = value
	}
	return draft
}

// enact drafts a programme and has finance put it in force.
func (c *County) enact(ctx context.Context, draft obj) error {
	if err := c.post(ctx, c.preparer(draft["id"].(string)), "/v1/programmes", draft, nil); err != nil {
		return err
	}
	return c.post(ctx, "finance-approver", fmt.Sprintf("/v1/programmes/%s/enact", draft["id"]), obj{"version": draft["version"]}, nil)
}

// issue issues a tranche for a programme, which its batches draw on from now on.
func (c *County) issue(ctx context.Context, name, programme string, amount reckoning.Fen, fiscalYear int) error {
	id := c.id(name)
	err := c.post(ctx, "finance-approver", "/v1/tranches", obj{
		"id": id, "programme": programme, "region": c.county(programme), "amount": amount.String(), "source": "云财社〔2026〕88号", "account": c.accountOf(programme),
		"fiscal_year": fiscalYear, "targets": obj{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}, nil)
	if err != nil {
		return err
	}
	c.payFrom[programme] = id
	c.tranches = append(c.tranches, id)
	c.enter(reckoning.Issue{Tranche: id, Amount: amount})
	return nil
}

// accountOf is the dedicated account of a programme's tranches.
func (c *County) accountOf(programme string) string {
	if c.accounts[programme] == "" {
		c.accounts[programme] = fmt.Sprintf("53018108%05d%03d", c.run, len(c.accounts))
	}
	return c.accounts[programme]
}

// found puts a programme in force and issues its tranche.
func (c *County) found(ctx context.Context, name, chinese, english string, amount reckoning.Fen, terms obj) (string, error) {
	draft := c.draft(name, chinese, english, terms)
	programme := c.programme(name)
	if err := c.enact(ctx, draft); err != nil {
		return programme, err
	}
	return programme, c.issue(ctx, name, programme, amount, 2026)
}

// rollImport is the import of a roll as the gateway gives it.
type rollImport struct {
	ID, State, Digest                           string
	Sum                                         string
	Count, New, Changed, Same, Missing, Refused int
}

// propose sends a roll, which proposes its import.
func (c *County) propose(ctx context.Context, name, programme string, from reckoning.Month, list []*household) (i rollImport, err error) {
	id := c.id(name)
	if _, err := c.sendRoll(ctx, id, programme, from, list); err != nil {
		return i, err
	}
	return i, c.get(ctx, c.approver(programme), "/v1/imports/"+id, &i)
}

// sendRoll sends a roll's file as an import's.
func (c *County) sendRoll(ctx context.Context, id, programme string, from reckoning.Month, list []*household) (restclient.Job, error) {
	client, err := c.client(c.preparer(programme))
	if err != nil {
		return restclient.Job{}, err
	}
	path := fmt.Sprintf("/v1/programmes/%s/roll?from=%s&import=%s", programme, from, id)
	return client.Upload(ctx, http.MethodPost, path, c.key(), bytes.NewReader(rollFile(list)), nil)
}

// confirm has another official confirm an import, and waits until the roll is on the ledger.
func (c *County) confirm(ctx context.Context, i rollImport, programme string, from reckoning.Month, list []*household) error {
	job, err := c.confirmJob(ctx, i, programme)
	if err != nil {
		return err
	}
	if job.Result.Accepted != len(list) {
		return fmt.Errorf("%s: %d of %d households taken: %+v", i.ID, job.Result.Accepted, len(list), job.Result.Refusals)
	}
	for _, h := range list {
		c.enrolled(programme, from, h)
	}
	return nil
}

// confirmJob is confirm without a look at what was taken.
func (c *County) confirmJob(ctx context.Context, i rollImport, programme string) (restclient.Job, error) {
	client, err := c.client(c.approver(programme))
	if err != nil {
		return restclient.Job{}, err
	}
	answer, err := client.Post(ctx, "/v1/imports/"+i.ID+"/confirm", c.key(), obj{"digest": i.Digest, "agree": true}, nil)
	if err != nil {
		return restclient.Job{}, err
	}
	return client.WaitJob(ctx, answer.Location, nil)
}

// enrolled writes down that a household is on a roll from a month on.
func (c *County) enrolled(programme string, from reckoning.Month, h *household) {
	c.rolls[programme] = append(c.rolls[programme], h.who)
	c.enter(reckoning.Terms{Programme: programme, Who: h.who, From: from, Class: h.class, Persons: h.persons, Amount: h.amount})
}

// enrol puts households on a roll from a month on: one official proposes the import, another confirms it.
func (c *County) enrol(ctx context.Context, name, programme string, from reckoning.Month, list ...*household) error {
	i, err := c.propose(ctx, name, programme, from, list)
	if err != nil {
		return err
	}
	return c.confirm(ctx, i, programme, from, list)
}

// county is where a programme is paid.
func (c *County) county(programme string) string {
	if c.elsewhere[programme] {
		return otherCounty
	}
	return region
}

// preparer is the official who prepares what a programme needs.
func (c *County) preparer(programme string) string {
	if c.elsewhere[programme] {
		return "civil-other-county"
	}
	return "civil-preparer"
}

// approver is the official who confirms it.
func (c *County) approver(programme string) string {
	if c.elsewhere[programme] {
		return "civil-other-approver"
	}
	return "civil-approver"
}
