package e2e

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// The parts of the year: what a county has to do in a budget year, each with a programme, a tranche and people of its
// own, so that any of them can be run alone.

const rollHeader = "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n"

// home is a household as the county writes it. Its money is whole fen.
type home struct {
	id, name, village, account string
	persons, fen               int
	residence                  string // where the household lives, as a roll says it; "" for what the registry says
}

// homes are n invented households from a number on, in the villages of three townships in turn: of one to four persons
// at 330.00 each.
func homes(first, n int) []home {
	names := []string{"欧阳试年", "阿依古丽·买买提", "王㼆", "司徒试月"} // the third has a character of four bytes in GB18030
	list := make([]home, n)
	for i := range list {
		h := invent.Household(first + i)
		persons := 1 + i%4
		list[i] = home{h.ID(), names[i%len(names)], fmt.Sprintf("530181%03d201", 1+i%3), h.Account(), persons, 33000 * persons, ""}
	}
	return list
}

// rollOf is a roll as the county sends it. It has the column 城乡 where a household says it.
func rollOf(list ...home) string {
	said := slices.ContainsFunc(list, func(h home) bool { return h.residence != "" })
	b := bytes.NewBufferString(rollHeader)
	if said {
		b = bytes.NewBufferString(strings.TrimSuffix(rollHeader, "\n") + ",城乡\n")
	}
	for i, h := range list {
		fmt.Fprintf(b, "530181%07d,%s,%s,%s,%s,农村信用社,%d,B,138%08d,%s", i+1, h.village, h.name, h.id, h.account, h.persons, i, yuan(h.fen))
		if said {
			b.WriteString("," + h.residence)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// listOf is a payment list as the county sends it.
func listOf(month string, list ...home) string {
	b := bytes.NewBufferString(header)
	for i, h := range list {
		fmt.Fprintf(b, "%d,%s,%s,%s,%s,农村信用社,%d,%s,%s,\n", i+1, h.village, h.name, h.id, h.account, h.persons, yuan(h.fen), month)
	}
	return b.String()
}

// gb18030 is a list in the encoding of the county's spreadsheets.
func gb18030(list string) []byte {
	return must(simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(list)))
}

// budget is what a part of the year has: a programme in force, a tranche, the bank's account of it, and the books.
type budget struct {
	t                  *testing.T
	programme, tranche string
	county             string
	preparer, approver string // of civil affairs in the county
	opened, balance    int    // of the bank's account, at the beginning and now
	statements, writes int
	books              books
}

// newBudget puts a programme in force and issues 300,000.00 of 2026. terms are those of the programme that are not the
// usual ones.
func newBudget(t *testing.T, programme string, terms obj) *budget {
	t.Helper()
	b := &budget{
		t: t, programme: programme, tranche: programme + "-money", county: monthCounty, preparer: "civil-preparer", approver: "civil-approver",
		opened: 50_000_000, balance: 50_000_000, books: books{paid: map[string]int{}},
	}
	b.enact(terms)
	b.issue(b.tranche, "300000.00", 2026)
	return b
}

// inOtherCounty is a programme of another county, without money.
func (b *budget) inOtherCounty(programme string, terms obj) *budget {
	b.t.Helper()
	other := &budget{t: b.t, programme: programme, county: "530129", preparer: "civil-other-county", approver: "civil-other-approver"}
	other.enact(terms)
	return other
}

// enact puts the programme in force.
func (b *budget) enact(terms obj) {
	b.t.Helper()
	draft := obj{
		"id": b.programme, "version": 1, "name": "最低生活保障", "region": b.county, "unit": "household", "cycle": "monthly", "min_amount": "1.00",
		"max_amount": "6000.00", "starts": "2026-01", "notice_days": 7, "required_evidence": []string{"home-visit"}, "pay_by_day": 10,
		"budget": obj{"functional": "2081901", "economic": "30305"}, "segment_size": 1000, "import_until": "2027-12-31",
	}
	maps.Copy(draft, terms)
	b.post(b.preparer, "/v1/programmes", draft, nil)
	b.post("finance-approver", "/v1/programmes/"+b.programme+"/enact", obj{"version": 1}, nil)
}

// issue issues a tranche for the programme. All tranches of a budget have one account.
func (b *budget) issue(tranche, amount string, fiscalYear int) {
	b.t.Helper()
	in := money(b.programme)
	in["id"], in["amount"], in["fiscal_year"] = tranche, amount, fiscalYear
	in["account"] = fmt.Sprintf("53018107%08d", crc32.ChecksumIEEE([]byte(b.programme))%100_000_000)
	b.post("finance-approver", "/v1/tranches", in, nil)
}

// try sends a write.
func (b *budget) try(by, path string, in, out any) error {
	b.t.Helper()
	b.writes++
	_, err := as(b.t, by).Post(b.t.Context(), path, fmt.Sprint(b.programme, "-", b.writes), in, out)
	return err
}

// post sends a write that has to succeed.
func (b *budget) post(by, path string, in, out any) {
	b.t.Helper()
	require.NoError(b.t, b.try(by, path, in, out), "%s by %s", path, by)
}

// refused sends a write that has to be refused with a status.
func (b *budget) refused(status int, by, path string, in any) *restclient.Problem {
	b.t.Helper()
	return problem(b.t, b.try(by, path, in, nil), status)
}

// imported is an import of a roll as the gateway gives it.
type imported struct {
	ID, State, Digest, Sum                      string
	Count, New, Changed, Same, Missing, Refused int
}

// propose uploads a roll in GB18030, which proposes its import.
func (b *budget) propose(id, from string, list ...home) (i imported) {
	b.t.Helper()
	b.writes++
	_, err := as(b.t, b.preparer).Upload(b.t.Context(), http.MethodPost, "/v1/programmes/"+b.programme+"/roll?from="+from+"&import="+id,
		fmt.Sprint(id, "-roll-", b.writes), bytes.NewReader(gb18030(rollOf(list...))), nil)
	require.NoError(b.t, err)
	require.NoError(b.t, as(b.t, b.approver).Get(b.t.Context(), "/v1/imports/"+id, &i))
	require.Equal(b.t, "proposed", i.State)
	return i
}

// confirm has another official confirm an import and waits until it is on the ledger.
func (b *budget) confirm(i imported) restclient.Job {
	b.t.Helper()
	b.writes++
	client := as(b.t, b.approver)
	answer, err := client.Post(b.t.Context(), "/v1/imports/"+i.ID+"/confirm", fmt.Sprint(b.programme, "-", b.writes),
		obj{"digest": i.Digest, "agree": true}, nil)
	require.NoError(b.t, err)
	job, err := client.WaitJob(b.t.Context(), answer.Location, nil)
	require.NoError(b.t, err)
	return job
}

// enrol puts households on the roll from a month on: one official proposes the import, another confirms it.
func (b *budget) enrol(from string, list ...home) {
	b.t.Helper()
	b.writes++
	job := b.confirm(b.propose(fmt.Sprint(b.programme, "-roll-", b.writes), from, list...))
	require.Equal(b.t, len(list), job.Result.Accepted, "%+v", job.Result.Refusals)
}

// leave takes households off the roll after a last month: one official proposes each exit, another confirms it.
func (b *budget) leave(last string, list ...home) {
	b.t.Helper()
	for _, h := range list {
		var change struct{ ID, SHA256, State string }
		b.post(b.preparer, "/v1/changes", obj{
			"kind": "exit", "programme": b.programme, "subject": lookup(b.t, h.id), "reason": "moved", "last_period": last,
		}, &change)
		b.post(b.approver, "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}, nil)
	}
}

// open opens a batch for a list. terms are those of the batch that are not the usual ones.
func (b *budget) open(batch, month, list string, terms obj) {
	b.t.Helper()
	b.post("civil-preparer", "/v1/batches", b.batch(batch, month, list, terms), nil)
}

// batch are the terms of a batch for a list.
func (b *budget) batch(batch, month, list string, terms obj) obj {
	count, fen := reckon(list)
	in := obj{
		"id": batch, "programme": b.programme, "region": monthCounty, "period": month, "tranche": b.tranche, "count": count, "sum": yuan(fen),
	}
	maps.Copy(in, terms)
	if in["sources"] != nil {
		delete(in, "tranche")
	}
	return in
}

// upload sends a list in GB18030 to a batch.
func (b *budget) upload(batch, list string) restclient.Job {
	b.t.Helper()
	return b.uploadBy(b.preparer, batch, list)
}

func (b *budget) uploadBy(by, batch, list string) restclient.Job {
	b.t.Helper()
	b.writes++
	job, err := as(b.t, by).Upload(b.t.Context(), http.MethodPut, "/v1/batches/"+batch+"/lines", fmt.Sprint(batch, "-lines-", b.writes),
		bytes.NewReader(gb18030(list)), nil)
	require.NoError(b.t, err)
	return job
}

// list opens a batch and uploads its list, every line of which has to be taken.
func (b *budget) list(batch, month, list string, terms obj) {
	b.t.Helper()
	b.open(batch, month, list, terms)
	job := b.upload(batch, list)
	require.Zero(b.t, job.Result.Refused, "%+v", job.Result.Refusals)
}

// approve seals a batch and has civil affairs approve it.
func (b *budget) approve(batch string) {
	b.t.Helper()
	b.post("civil-preparer", "/v1/batches/"+batch+"/seal", obj{}, nil)
	b.post("civil-approver", "/v1/batches/"+batch+"/approve", obj{}, nil)
}

// send has finance make, approve and send the payment file of a batch, and reads the file.
func (b *budget) send(batch string) (*paybank.File, []byte) {
	b.t.Helper()
	path := "/v1/batches/" + batch
	var made struct {
		FileSHA256 string `json:"file_sha256"`
	}
	b.post("finance-preparer", path+"/payment-file", obj{}, &made)
	b.post("finance-approver", path+"/approve", made, nil)
	b.post("finance-preparer", path+"/instruct", obj{}, nil)
	answer, err := as(b.t, "finance-preparer").Do(b.t.Context(), restclient.Request{Method: http.MethodGet, Path: path + "/payment-file"})
	require.NoError(b.t, err)
	file, err := paybank.Read(answer.Body)
	require.NoError(b.t, err)
	return file, answer.Body
}

// statement begins the bank's next statement of the account.
func (b *budget) statement(account string) *paybank.Statement {
	b.statements++
	return paybank.New(fmt.Sprint(strings.ToUpper(b.programme), "-", b.statements), b.statements, account, paybank.Today(), relief.Fen(b.balance))
}

// book sends a statement to finance's gateway.
func (b *budget) book(s *paybank.Statement) restclient.BankFile {
	b.t.Helper()
	b.writes++
	got, err := as(b.t, "finance-preparer").SendBankFile(b.t.Context(), "/v1/statements", fmt.Sprint(s.ID, "-", b.writes), s.Document())
	require.NoError(b.t, err)
	b.balance = int(s.Closing)
	return got
}

// pay has the bank pay payment files and send back, with AC04, the payments with the given ids.
func (b *budget) pay(files []*paybank.File, back ...string) {
	b.t.Helper()
	s, answers := b.statement(files[0].Account), 0
	for _, f := range files {
		for _, p := range f.Payments {
			s.Pay(p.EndToEndID, p.Amount)
		}
		answers += len(f.Payments)
	}
	for _, f := range files {
		for _, p := range f.Payments {
			if contains(back, p.EndToEndID) {
				s.Return(p.EndToEndID, p.Amount, "AC04")
			}
		}
	}
	got := b.book(s)
	require.Equal(b.t, answers, got.Counts.Settled)
	require.Zero(b.t, got.Counts.Exceptions)
}

// close closes batches.
func (b *budget) close(batches ...string) {
	b.t.Helper()
	for _, batch := range batches {
		b.post("finance-preparer", "/v1/batches/"+batch+"/close", obj{}, nil)
	}
}

// line is a payment as a batch lists it.
type line struct {
	ID, State, Amount string
	Subject           relief.SubjectRef
	Attempt           int
	FileLine          int `json:"file_line"`
}

// lines are the payments of a batch, by their line in the county's file.
func (b *budget) lines(batch string) map[int]line {
	b.t.Helper()
	var page struct {
		Items []line
		Next  string
	}
	require.NoError(b.t, as(b.t, "finance-preparer").Get(b.t.Context(), "/v1/batches/"+batch+"/lines?limit=200", &page))
	require.Empty(b.t, page.Next)
	byLine := map[int]line{}
	for _, l := range page.Items {
		byLine[l.FileLine] = l
	}
	return byLine
}

// codes are the refusals of a job, by line.
func codes(job restclient.Job) map[int]string {
	byLine := map[int]string{}
	for _, r := range job.Result.Refusals {
		byLine[r.Line] = r.Code
	}
	return byLine
}
