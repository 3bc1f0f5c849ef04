package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

// applications is how many households' applications are granted in one run.
const applications = 10_000

// villageOfCases is the village where they live.
const villageOfCases = "530181001001"

// measureCases takes applications to their grant through REST, with a file for each step: apply, evidence, matches, notice,
// decide. The network is a network of tests, and the programme has no public notice.
func measureCases(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	count := b.pick(applications, 1000)
	d, err := n.newDepartment(ctx)
	if err != nil {
		return err
	}
	steps := make([]figure, len(caseSteps))
	total := figure{Name: fmt.Sprintf("%d applications of a file in force", count), Unit: "s", Target: "60 s for 10,000"}
	for run := range b.runs {
		f := caseFiles{net: n, count: count, first: run * applications, department: d}
		if f.programme, err = n.newCaseProgramme(ctx, d); err != nil {
			return err
		}
		before, err := n.cpu()
		if err != nil {
			return err
		}
		began := time.Now()
		for i, s := range caseSteps {
			step := time.Now()
			long := time.Duration(count) * 400 * time.Microsecond
			if err := b.profile(ctx, string(s.act), long, func() error { return f.send(ctx, s) }); err != nil {
				return fmt.Errorf("run %d, %s: %w", run+1, s.act, err)
			}
			steps[i].Runs = append(steps[i].Runs, time.Since(step).Seconds())
		}
		total.Runs = append(total.Runs, time.Since(began).Seconds())
		after, err := n.cpu()
		if err != nil {
			return err
		}
		b.say("  run %d: %.1f s; %s", run+1, time.Since(began).Seconds(), after.since(before).per(count, "case"))
	}
	b.record(total)
	for i, s := range caseSteps {
		steps[i].Name, steps[i].Unit = "of these: "+string(s.act), "s"
		b.record(steps[i])
	}
	return nil
}

// caseStep is one file: who sends it, and the act on the nth household's case.
type caseStep struct {
	act  relief.Act
	by   string
	line func(f *caseFiles, n int) any
}

var caseSteps = []caseStep{
	{relief.ActCaseApply, "civil-township", (*caseFiles).application},
	{relief.ActCaseAttach, "civil-village", (*caseFiles).evidence},
	{relief.ActCaseMatch, "civil-preparer", (*caseFiles).match},
	{relief.ActCaseNotice, "civil-preparer", (*caseFiles).notice},
	{relief.ActCaseDecide, "civil-approver", (*caseFiles).grant},
}

// caseFiles makes the files of one run.
type caseFiles struct {
	net          *net
	programme    string
	count, first int
	department   department
	heads        []relief.SubjectRef // by household, once they have applied
}

func (f *caseFiles) id(n int) string { return fmt.Sprintf("%s-%05d", f.programme, n) }

func (f *caseFiles) application(n int) any {
	h := invent.Household(f.first + n)
	return map[string]any{
		"id": f.id(n), "programme": f.programme, "region": villageOfCases, "settlement": "rural", "account": h.Account(), "bank": "农村信用社",
		"income": "900.00", "property": "无", "reason": "因病致贫", "address": "某村某组", "members": []map[string]string{
			{"name": "某甲", "id_number": h.ID(), "health": "慢性病"},
		},
	}
}

func (f *caseFiles) evidence(n int) any {
	return map[string]any{
		"case": f.id(n), "kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": villageOfCases, "sha256": fmt.Sprintf("%064x", n),
		"media_type": "image/jpeg",
	}
}

func (f *caseFiles) match(n int) any {
	return map[string]any{"case": f.id(n), "statement": f.department.says(f.heads[n])}
}

func (f *caseFiles) notice(n int) any {
	return map[string]any{"case": f.id(n), "class": "B", "persons": 1, "amount": "480.00"}
}

func (f *caseFiles) grant(n int) any { return map[string]any{"case": f.id(n), "outcome": "granted"} }

// send does a step for all households.
func (f *caseFiles) send(ctx context.Context, s caseStep) error {
	if s.act == relief.ActCaseMatch {
		if err := f.readHeads(ctx); err != nil {
			return err
		}
	}
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	for n := range f.count {
		if err := lines.Encode(s.line(f, n)); err != nil {
			return err
		}
	}
	c, err := f.net.as(s.by)
	if err != nil {
		return err
	}
	a, err := c.Do(ctx, restclient.Request{
		Method: http.MethodPost, Path: "/v1/cases/files/" + string(s.act), Key: f.net.name("file-"), ContentType: "application/x-ndjson", Body: &file,
	})
	if err != nil {
		return err
	}
	job, err := c.WaitJob(ctx, a.Location, nil)
	if err != nil {
		return err
	}
	if job.Result.Accepted != f.count {
		first := ""
		if len(job.Result.Refusals) > 0 {
			first = job.Result.Refusals[0].Code + " " + job.Result.Refusals[0].Note
		}
		return fmt.Errorf("%d of %d acts were done, %d refused: %s", job.Result.Accepted, f.count, job.Result.Refused, first)
	}
	return nil
}

// readHeads reads the references of the heads from the list of cases. A department makes its statements about them.
func (f *caseFiles) readHeads(ctx context.Context) error {
	c, err := f.net.as("civil-preparer")
	if err != nil {
		return err
	}
	f.heads = make([]relief.SubjectRef, f.count)
	read := 0
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID      string              `json:"id"`
				Members []relief.SubjectRef `json:"members"`
			}
			Next string
		}
		if err := c.Get(ctx, "/v1/cases?limit=1000&programme="+f.programme+"&cursor="+cursor, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			var n int
			if _, err := fmt.Sscanf(strings.TrimPrefix(item.ID, f.programme+"-"), "%d", &n); err != nil || n >= f.count {
				return fmt.Errorf("the list has a case %s", item.ID)
			}
			f.heads[n] = item.Members[0]
			read++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if read != f.count {
		return fmt.Errorf("the list has %d cases of %d", read, f.count)
	}
	return nil
}

// department signs statements.
type department struct {
	id  relief.DepartmentID
	key ed25519.PrivateKey
}

func (d department) says(subject relief.SubjectRef) registry.MatchStatement {
	s := registry.MatchStatement{
		Source: d.id, Subject: subject, QueriedAt: time.Now().UTC().Truncate(time.Second), Code: "clear", ResultSHA256: strings.Repeat("0", 64),
	}
	s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(d.key, s.SignedBytes()))
	return s
}

// newDepartment adds a department to the registry by a change that all agencies agree to.
func (n *net) newDepartment(ctx context.Context) (department, error) {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return department{}, err
	}
	d := department{relief.DepartmentID(n.name("registry-")), key}
	c, err := n.as("audit-reader")
	if err != nil {
		return d, err
	}
	var reg registry.Registry
	if err := c.Get(ctx, "/v1/registry", &reg); err != nil {
		return d, err
	}
	sources := append(reg.Sources, registry.Department{
		ID: d.id, Name: "民政婚姻死亡登记", NameEn: "Civil registry", Keys: []string{base64.StdEncoding.EncodeToString(public)},
	})
	registrar, err := n.as("civil-registrar")
	if err != nil {
		return d, err
	}
	var p registry.Proposal
	change := map[string]any{"id": d.id, "change": map[string]any{"sources": sources}}
	if _, err := registrar.Post(ctx, "/v1/registry/proposals", string(d.id), change, &p); err != nil {
		return d, err
	}
	for _, other := range []string{"finance-registrar", "audit-registrar"} {
		if err := n.act(ctx, other, "/v1/registry/proposals/"+string(d.id)+"/agree", map[string]any{"digest": p.Digest}); err != nil {
			return d, err
		}
	}
	return d, nil
}

// newCaseProgramme makes a programme without a public notice, whose cases need a home visit and a department's
// statement.
func (n *net) newCaseProgramme(ctx context.Context, d department) (string, error) {
	id := n.name("c")
	err := n.act(ctx, "civil-preparer", "/v1/programmes", map[string]any{
		"id": id, "version": 1, "name": "低保", "region": "530181", "unit": "household", "cycle": "monthly", "min_amount": "100.00",
		"max_amount": "6000.00", "starts": "2026-01", "notice_days": 0, "required_evidence": []string{"home-visit"},
		"required_matches": []relief.DepartmentID{d.id}, "class_amounts": map[string]string{"B": "480.00"}, "recheck_months": map[string]int{"B": 12},
		"appeal_guide": "向民政局申请复核", "pay_by_day": 10, "budget": map[string]string{"functional": "2081901", "economic": "50901"}, "segment_size": 1000,
	})
	if err != nil {
		return "", err
	}
	return id, n.act(ctx, "finance-approver", "/v1/programmes/"+id+"/enact", map[string]int{"version": 1})
}
