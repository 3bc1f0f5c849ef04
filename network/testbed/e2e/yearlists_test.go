package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/network/testbed/paybank"
)

// testTwelveMonths: a year of lists in GB18030. March comes as a list of each township, May in a list and a supplementary one;
// a payment of February comes back and is paid again in April. After each month the books are what the ledger has paid.
func testTwelveMonths(t *testing.T) {
	b := newBudget(t, "yearall", nil)
	people := homes(20000, 24)
	b.enrol("2026-01", people...)
	var again home
	for n := range 12 {
		month := fmt.Sprintf("2026-%02d", n+1)
		lists := map[string]string{month: listOf(month, people...)}
		terms := map[string]obj{}
		switch month {
		case "2026-03":
			lists = map[string]string{}
			for _, township := range []string{"530181001", "530181002", "530181003"} {
				of := slices.DeleteFunc(slices.Clone(people), func(h home) bool { return !strings.HasPrefix(h.village, township) })
				lists[month+township] = listOf(month, of...)
				terms[month+township] = obj{"region": township}
			}
		case "2026-05":
			lists = map[string]string{month: listOf(month, people[:22]...), month + "-more": listOf(month, people[22:]...)}
		}
		var files []*paybank.File
		var batches, back []string
		for name, list := range lists {
			batch := "yearall-" + name
			b.list(batch, month, list, terms[name])
			b.approve(batch)
			file, _ := b.send(batch)
			files, batches = append(files, file), append(batches, batch)
			if month == "2026-02" {
				again = people[2]
				back = append(back, b.lines(batch)[4].ID) // the header is line 1
				b.books.credit(month, list, again)
				continue
			}
			b.books.credit(month, list)
		}
		b.pay(files, back...)
		b.close(batches...)
		if month == "2026-04" {
			b.payAgain("yearall-again", "2026-02", again)
			b.compare("2026-02")
		}
		b.compare(month)
	}
	require.Zero(t, b.books.came)
}

// payAgain pays a payment again that came back.
func (b *budget) payAgain(batch, month string, h home) {
	b.t.Helper()
	list := listOf(month, h)
	b.list(batch, month, list, obj{"purpose": "pay_again"})
	b.approve(batch)
	file, _ := b.send(batch)
	b.pay([]*paybank.File{file})
	b.close(batch)
	b.books.creditAgain(month, list)
}

// testOnce: relief that is given once was imported and paid. The same households are refused in the next month.
func testOnce(t *testing.T) {
	b := newBudget(t, "yearonce", obj{"cycle": "once"})
	people := homes(20100, 5)
	b.enrol("2026-07", people...)
	list := listOf("2026-07", people...)
	b.list("yearonce-07", "2026-07", list, nil)
	b.approve("yearonce-07")
	file, _ := b.send("yearonce-07")
	b.pay([]*paybank.File{file})
	b.close("yearonce-07")
	b.books.credit("2026-07", list)
	b.compare("2026-07")

	again := listOf("2026-08", people...)
	b.open("yearonce-08", "2026-08", again, nil)
	job := b.upload("yearonce-08", again)
	require.Equal(t, len(people), job.Result.Refused)
	for line, code := range codes(job) {
		require.Equal(t, string(relief.LineExited), code, "line %d", line)
	}
	p := straight(t)
	require.Equal(t, relief.LineExited, p.lineAs("yearonce-08", p.onRoll("yearonce", people[0]), people[0]))
	require.Zero(t, b.credited("2026-08"))
}

// testWrongColumns: a list has another name, another card, nine persons for two and a village of another township. Each
// of the four lines is refused with its column; the others are taken.
func testWrongColumns(t *testing.T) {
	b := newBudget(t, "yearwrong", nil)
	people := homes(20200, 6)
	people[2].persons, people[2].fen = 2, 96000
	b.enrol("2026-01", people...)
	wrong := slices.Clone(people)
	wrong[0].name = "完全不同"
	wrong[1].account = people[5].account
	wrong[2].persons = 9
	wrong[3].village = "530181006201"
	want := map[int]string{
		2: string(relief.LineNameDiffers), 3: string(relief.LineAccountDiffers), 4: string(relief.LinePersonsDiffers), 5: string(relief.LineRegionDiffers),
	}
	list := listOf("2026-02", wrong...)
	b.open("yearwrong-1", "2026-02", list, nil)
	job := b.upload("yearwrong-1", list)
	require.Equal(t, want, codes(job))
	require.Equal(t, 2, job.Result.Accepted)
	for _, r := range job.Result.Refusals {
		require.Regexp(t, `\p{Han}.* · .*[a-z]`, r.Reason)
	}
	b.refused(http.StatusConflict, "civil-preparer", "/v1/batches/yearwrong-1/seal", obj{})

	p := straight(t)
	for i, code := range []relief.LineCode{relief.LineNameDiffers, relief.LineAccountDiffers, relief.LinePersonsDiffers, relief.LineRegionDiffers} {
		line := p.onRoll("yearwrong", people[i])
		switch code {
		case relief.LineNameDiffers:
			line.Name[2]++
		case relief.LineAccountDiffers:
			line.Account = p.onRoll("yearwrong", people[5]).Account
		}
		require.Equal(t, code, p.lineAs("yearwrong-1", line, wrong[i]))
	}
}

// onRoll is what the peers have of a household's head on the programme's roll.
func (p peers) onRoll(programme string, h home) api.Details {
	p.t.Helper()
	ref, err := relief.ParseSubjectRef(lookup(p.t, h.id))
	require.NoError(p.t, err)
	input := string(must(json.Marshal(api.EntryInput{Programme: relief.ProgrammeID(programme), Subject: ref})))
	answer, err := p.Evaluate(p.t.Context(), p.agency("civil"), "civil-preparer", "roll:Details", input)
	require.NoError(p.t, err)
	var d api.Details
	require.NoError(p.t, json.Unmarshal(answer, &d))
	return d
}

// lineAs lists one payment straight at the peers, for the number, reference and payee in d and with the columns of h. It
// gives the code of the refusal, "" for none.
func (p peers) lineAs(batch string, d api.Details, h home) relief.LineCode {
	p.t.Helper()
	payee := roll.Payee{Name: d.Name, Account: d.Account}
	return p.listed(batch, payment.LineInput{
		Seq: 1, Number: d.Number, Ref: d.Subject, Region: relief.Region(h.village), Persons: uint8(h.persons), Amount: relief.Fen(h.fen),
		Payee: payee.Check(),
	})
}

// listed sends a chunk of one line straight to the peers and gives the code of its refusal, "" for none.
func (p peers) listed(batch string, line payment.LineInput) relief.LineCode {
	p.t.Helper()
	chunk := payment.AppendLines(nil, []payment.LineInput{line})
	answer, err := p.send("civil-preparer", "payment:AddLines", obj{"batch": batch}, map[string][]byte{wire.TransientLines: chunk})
	require.NoError(p.t, err)
	var result wire.ChunkResult
	require.NoError(p.t, json.Unmarshal(answer, &result))
	if len(result.Refused) == 0 {
		return ""
	}
	require.Len(p.t, result.Refused, 1)
	return result.Refused[0].Code
}
