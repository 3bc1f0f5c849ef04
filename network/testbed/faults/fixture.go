package faults

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology"
)

const (
	programmeID = "faults"
	county      = "530181"
	segmentSize = 20
	// callTime is longer than a gateway takes for any response.
	callTime = 90 * time.Second
)

// fixture holds the clients of all principals, and the programme, people and list that the suite pays.
type fixture struct {
	civilPreparer, civilApprover, financePreparer, financeApprover, auditReader *restclient.Client

	roll  []byte
	head  string        // of a payment list
	rows  []due         // of a payment list, in the order of the numbers on the roll
	again time.Duration // the pause between two tries of one call
}

// due is one person's line of the payment list, in which the period is written as listPeriod.
type due struct {
	text   string
	amount relief.Fen
	ref    relief.SubjectRef
}

// listPeriod is the period of the demonstration's list.
const listPeriod = "2026-11"

func newFixture(t *topology.Topology) (*fixture, error) {
	f := &fixture{again: 200 * time.Millisecond}
	var clients restclient.Network
	for name, c := range map[string]**restclient.Client{
		"civil-preparer": &f.civilPreparer, "civil-approver": &f.civilApprover, "finance-preparer": &f.financePreparer,
		"finance-approver": &f.financeApprover, "audit-reader": &f.auditReader,
	} {
		o, err := organisationOf(t, name)
		if err != nil {
			return nil, err
		}
		made, err := clients.New(o.Node(topology.KindGateway).URL(), t.Token(name))
		if err != nil {
			return nil, err
		}
		made.HTTP = &http.Client{Timeout: callTime, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second}}
		*c = made
	}
	folder := filepath.Join(t.Root, "scripts", "demo-data")
	list, err := os.ReadFile(filepath.Join(folder, "payments-"+listPeriod+".csv"))
	if err != nil {
		return nil, err
	}
	if f.roll, err = os.ReadFile(filepath.Join(folder, "roll.csv")); err != nil {
		return nil, err
	}
	key, err := os.ReadFile(t.SubjectKey())
	if err != nil {
		return nil, err
	}
	if key, err = hex.DecodeString(strings.TrimSpace(string(key))); err != nil {
		return nil, err
	}
	return f, f.read(list, key)
}

func organisationOf(t *topology.Topology, principal string) (*topology.Organisation, error) {
	for _, o := range t.Organisations {
		for _, p := range o.Principals {
			if p.Name == principal {
				return o, nil
			}
		}
	}
	return nil, fmt.Errorf("no principal %s in topology %s", principal, t.Name)
}

// read reads the list's rows in the order of the people's roll numbers. A gateway numbers people in the order of their
// references.
func (f *fixture) read(list, key []byte) error {
	lines := strings.SplitAfter(string(list), "\n")
	f.head = lines[0]
	records, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil {
		return err
	}
	for i, r := range records[1:] {
		amount, err := relief.ParseFen(r[7])
		if err != nil {
			return err
		}
		id, code := relief.ParseIDNumber(r[3])
		if code != "" {
			return fmt.Errorf("line %d of the list: %s", i+2, code)
		}
		f.rows = append(f.rows, due{lines[i+1], amount, relief.NewSubjectRef(1, key, id)})
	}
	slices.SortFunc(f.rows, func(a, b due) int { return a.ref.Compare(b.ref) })
	return nil
}

// segments is the number of segments of the roll.
func (f *fixture) segments() int { return len(f.rows) / segmentSize }

// list is a file with the payments of some segments for a period, and its control totals.
func (f *fixture) list(period string, segments []int) (file string, count int, sum relief.Fen) {
	var b strings.Builder
	b.WriteString(f.head)
	for _, s := range segments {
		for i := s * segmentSize; i < (s+1)*segmentSize; i++ {
			b.WriteString(strings.Replace(f.rows[i].text, listPeriod, period, 1))
			sum += f.rows[i].amount
			count++
		}
	}
	return b.String(), count, sum
}

// answers is the bank's file for the same payments: all are credited.
func (f *fixture) answers(period string, segments []int, batch string) (string, error) {
	p, err := relief.ParsePeriod(period)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("支付编号,金额,结果,原因代码,日期,银行流水号\n")
	today := paybank.Today()
	for _, s := range segments {
		for i := s * segmentSize; i < (s+1)*segmentSize; i++ {
			id := relief.PaymentID{Programme: programmeID, County: county, Number: uint32(i), Period: p, Attempt: 1} //nolint:gosec // small
			fmt.Fprintf(&b, "%s,%s,credited,,%s,%s-%d\n", id, f.rows[i].amount, today, batch, i)
		}
	}
	return b.String(), nil
}

// refusal is a response that stays the same when the call is repeated.
type refusal struct{ *restclient.Problem }

func (r *refusal) Error() string { return "refused: " + r.Problem.Error() }

// insist repeats a call with the same key until it is acknowledged or refused.
func (f *fixture) insist(ctx context.Context, call func(ctx context.Context) (done bool, err error)) error {
	for {
		done, err := call(ctx)
		if done && err == nil {
			return nil
		}
		pause := f.again
		var problem *restclient.Problem
		if errors.As(err, &problem) {
			switch problem.Status {
			case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusInsufficientStorage:
				pause = max(pause, problem.RetryAfter)
			default:
				return &refusal{problem}
			}
		}
		if e := wait(ctx, pause); e != nil {
			return errors.Join(e, err)
		}
	}
}

// act does one act and returns when its commit was acknowledged.
func (f *fixture) act(ctx context.Context, by *restclient.Client, path, key string, body any) error {
	if body == nil {
		body = struct{}{}
	}
	err := f.insist(ctx, func(ctx context.Context) (bool, error) {
		a, err := by.Post(ctx, path, key, body, nil)
		return err == nil && a.Status != http.StatusAccepted, err // 202: handed over, its end not known yet
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// tellBank takes a batch from its lines to the bank.
func (f *fixture) tellBank(ctx context.Context, path string, act func(by, verb string, body any) error) error {
	for _, step := range [][2]string{{"civil-preparer", "/seal"}, {"civil-approver", "/approve"}, {"finance-preparer", "/payment-file"}} {
		if err := act(step[0], step[1], nil); err != nil {
			return err
		}
	}
	file, err := f.paymentFile(ctx, path)
	if err != nil {
		return err
	}
	if err := act("finance-approver", "/approve", file); err != nil {
		return err
	}
	return act("finance-preparer", "/instruct", nil)
}

// filed names a payment file, as finance's approval does.
type filed struct {
	FileSHA256 string `json:"file_sha256"`
}

// paymentFile is the payment file of a batch.
func (f *fixture) paymentFile(ctx context.Context, path string) (file filed, err error) {
	err = f.insist(ctx, func(ctx context.Context) (bool, error) {
		err := f.financeApprover.Get(ctx, path, &file)
		return err == nil, err
	})
	return file, err
}

// file uploads a file and returns when its job was acknowledged as done.
func (f *fixture) file(ctx context.Context, by *restclient.Client, method, path, key, content string) (job restclient.Job, err error) {
	err = f.insist(ctx, func(ctx context.Context) (bool, error) {
		a, err := by.Do(ctx, restclient.Request{Method: method, Path: path, Key: key, ContentType: "text/csv", Body: strings.NewReader(content)})
		if err != nil {
			return false, err
		}
		for { // when the gateway is killed meanwhile, insist repeats the whole upload, as a client does
			if err := by.Get(ctx, a.Location, &job); err != nil {
				return false, err
			}
			if job.State == "done" || job.State == "failed" {
				return true, nil
			}
			if err := wait(ctx, f.again/2); err != nil {
				return false, err
			}
		}
	})
	switch {
	case err != nil:
		return job, fmt.Errorf("%s: %w", path, err)
	case job.State == "failed":
		return job, fmt.Errorf("%s: job %s failed: %s", path, job.ID, job.Error)
	}
	return job, nil
}

// found makes the programme, its roll and its tranches. It may be called again.
func (f *fixture) found(ctx context.Context, tranches []string) error {
	err := f.act(ctx, f.civilPreparer, "/v1/programmes", programmeID+"-draft", map[string]any{
		"id": programmeID, "version": 1, "name": "故障测试", "region": county, "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2000-01", "import_until": "2027-12-31",
		"notice_days": 7, "pay_by_day": 10,
		"budget": map[string]string{"functional": "2081901", "economic": "50901"}, "segment_size": segmentSize,
	})
	if err != nil {
		return err
	}
	if err := f.act(ctx, f.financeApprover, "/v1/programmes/"+programmeID+"/enact", programmeID+"-enact", map[string]int{"version": 1}); err != nil {
		return err
	}
	for _, id := range tranches {
		if err := f.issue(ctx, id, "2026"); err != nil {
			return err
		}
	}
	job, err := f.importRoll(ctx)
	if err != nil {
		return err
	}
	if job.Result.Accepted+job.Result.Unchanged != len(f.rows) {
		return fmt.Errorf("%d people on the roll, expected %d", job.Result.Accepted+job.Result.Unchanged, len(f.rows))
	}
	return nil
}

// importRoll has the roll proposed by one official and confirmed by another, and waits until it is on the ledger. A roll that is
// there already changes nothing.
func (f *fixture) importRoll(ctx context.Context) (restclient.Job, error) {
	const key = programmeID + "-roll"
	proposed, err := f.file(ctx, f.civilPreparer, http.MethodPost, "/v1/programmes/"+programmeID+"/roll", key, string(f.roll))
	if err != nil || proposed.Import.ID == "" {
		return proposed, err
	}
	var job restclient.Job
	err = f.insist(ctx, func(ctx context.Context) (bool, error) {
		job, err = restclient.ConfirmImport(ctx, f.civilApprover, proposed, key, nil)
		return err == nil, err
	})
	return job, err
}

// issue issues a tranche of more money than the suite pays.
func (f *fixture) issue(ctx context.Context, id, year string) error {
	return f.act(ctx, f.financeApprover, "/v1/tranches", id+"-issue", map[string]any{
		"id": id, "programme": programmeID, "region": county, "amount": "900000000.00", "source": "故障测试", "account": "5301810100000099",
		"fiscal_year": json.Number(year), "targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	})
}

// gatewayReady is nil when a gateway serves and its peer answers.
func gatewayReady(ctx context.Context, base string) error {
	return (&restclient.Client{Base: base, HTTP: http.DefaultClient}).Get(ctx, "/readyz", &struct{}{})
}
