package bankfile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/banktest"
)

var update = flag.Bool("update", false, "write the golden files again")

func TestEndToEndID(t *testing.T) {
	for id, want := range map[string]string{
		"dibao-530181-0000298-202611-1":        "dibao-530181-0000298-202611-1",
		"abcdefghij-530181-0000298-202611-99":  "abcdefghij-530181-0000298-202611-99",
		"abcdefghij-530181-0000298-202611-100": "abcdefghij-530181-0000298-202611100",
		"abcdefghij-530181-0000298-2026Q4-255": "abcdefghij-530181-0000298-2026Q4255",
		"abcdefghi-530181-0000298-202611-100":  "abcdefghi-530181-0000298-202611-100",
	} {
		parsed, err := relief.ParsePaymentID(id)
		require.NoError(t, err, id)
		require.Equal(t, want, EndToEndID(parsed))
		require.LessOrEqual(t, len(want), 35)
		back, err := ParseEndToEndID(want)
		require.NoError(t, err, want)
		require.Equal(t, parsed, back)
	}
	for _, bad := range []string{
		"", "NOTPROVIDED", "53018119900101001X", "abcdefghij-530181-0000298-202611-100", "abcdefghij-530181-0000298-202611099",
		"abcdefghij-530181-0000298-202611256", "dibao-530181-0000298-2026111", strings.Repeat("-", 35),
	} {
		_, err := ParseEndToEndID(bad)
		require.Error(t, err, bad)
	}
}

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]relief.Fen{
		"620": 62000, "620.0": 62000, "620.00": 62000, "620.00000": 62000, "0.01": 1, ".5": 50, "007.10": 710, "+1": 100, "0000000000000000000000000620.0000000000": 62000, "0": 0, "0.00": 0,
		"1000000000000.00": relief.MaxFen,
	} {
		got, err := ParseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, bad := range []string{
		"", ".", "-1", "++1", "+", "1e3", "1,000.00", "620.001", "620.0.0", "0x10", "NaN", "１", "1000000000000.01", "99999999999999999999", " 1",
	} {
		_, err := ParseAmount(bad)
		require.Error(t, err, bad)
	}
}

func TestPain001RoundTrip(t *testing.T) {
	for _, version := range PaymentVersions {
		t.Run(version, func(t *testing.T) {
			want := transfers(5)
			want[3].Bank, want[3].Text = "", ""
			want[2].Text = "dibao 2026-11 及补差2026-01至06"
			want[4].Name = `欧阳<"&'>𠮷`
			o := order(version)
			var b, again bytes.Buffer
			require.NoError(t, WritePain001(&b, o, want))
			require.NoError(t, WritePain001(&again, o, want))
			require.Equal(t, b.Bytes(), again.Bytes())
			golden(t, version+".golden.xml", b.Bytes())
			var got []Transfer
			read, err := ReadPain001(&b, Limits{}, func(p *Transfer) error {
				got = append(got, *p)
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.True(t, o.Created.Equal(read.Created))
			read.Created = o.Created
			require.Equal(t, *o, read)
			t.Run("schema", func(t *testing.T) { banktest.Validate(t, again.Bytes()) })
		})
	}
}

func TestPain001AgentsAndRefusals(t *testing.T) {
	for _, change := range []func(*Order){
		func(o *Order) { o.AgentCNAPS, o.AgentBIC = "", "ABOCCNBJ" },
		func(o *Order) { o.AgentCNAPS, o.Initiator.ID = "", "" },
	} {
		o := order("pain.001.001.10")
		change(o)
		var b bytes.Buffer
		require.NoError(t, WritePain001(&b, o, transfers(1)))
		t.Run("schema", func(t *testing.T) { banktest.Validate(t, b.Bytes()) })
	}
	for name, change := range map[string]func(*Order, []Transfer){
		"no message id":       func(o *Order, _ []Transfer) { o.MessageID = "" },
		"long text":           func(_ *Order, p []Transfer) { p[1].Text = strings.Repeat("低", 141) },
		"no account":          func(_ *Order, p []Transfer) { p[0].Account = "" },
		"no name":             func(_ *Order, p []Transfer) { p[0].Name = "" },
		"no character of XML": func(_ *Order, p []Transfer) { p[0].Name = "周\ufffe八" },
		"a control character": func(_ *Order, p []Transfer) { p[1].Bank = "信用\x0b社" },
		"bytes":               func(_ *Order, p []Transfer) { p[0].Account = "6230\xff" },
		"nothing":             func(_ *Order, p []Transfer) { p[0].Amount = 0 },
		"overflow":            func(_ *Order, p []Transfer) { p[0].Amount, p[1].Amount = 1<<62, 1<<62 },
	} {
		o, p := order("pain.001.001.10"), transfers(2)
		change(o, p)
		err := WritePain001(&bytes.Buffer{}, o, p)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "张某某")
	}
}

func TestPain001Totals(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WritePain001(&b, order("pain.001.001.10"), transfers(3)))
	good := b.String()
	for name, c := range map[string][3]string{
		"count":           {"<NbOfTxs>3<", "<NbOfTxs>4<", CodeTotals},
		"sum":             {"<CtrlSum>1863.00<", "<CtrlSum>1863.01<", CodeTotals},
		"amount":          {">621.00<", ">622.00<", CodeTotals},
		"currency":        {`Ccy="CNY">620`, `Ccy="USD">620`, CodeContent},
		"id":              {"0000002-202611-1<", "0000002-202611-0<", CodeContent},
		"no count":        {"<NbOfTxs>3</NbOfTxs>", "", CodeContent},
		"another message": {"xsd:pain.001.001.10", "xsd:pain.001.001.03", CodeMessage},
	} {
		bad := strings.ReplaceAll(good, c[0], c[1])
		require.NotEqual(t, good, bad, name)
		_, err := ReadPain001(strings.NewReader(bad), Limits{}, func(*Transfer) error { return nil })
		var e *Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, c[2], e.Code, name)
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o600))
	}
	require.Equal(t, string(file(t, name)), string(got))
}

func TestCamt053(t *testing.T) {
	m, entries, err := collect(file(t, "camt053.xml"))
	require.NoError(t, err)
	require.Equal(t, Message{
		Kind: Camt053, Version: "camt.053.001.08", ID: "NX20261109-0001", Entries: 6,
		Statements: []Statement{{
			ID: "STMT-20261109", Sequence: 313, Page: 1, Last: true, Account: "5301810100000088", Day: "2026-11-09",
			From: "2026-11-09T00:00:00+08:00", To: "2026-11-09T23:59:59+08:00",
			Opening: fen("400000.00"), Closing: fen("398920.00"), Entries: 4, Debits: 170000, Credits: 62000,
		}},
	}, m)
	ties, ok := m.Statements[0].TiesOut()
	require.True(t, ties && ok)
	require.Equal(t, []string{
		"1 paid  dibao-530181-0000001-202611-1 620.00  2026-11-10 NX0001",
		"2 paid  dibao-530181-0000002-202611-1 480.00  2026-11-10 NX0001-2",
		"3 returned  dibao-530181-0000001-202611-1 620.00 AC04 2026-11-10 NX0002",
		"4 paid missing-id  300.00  2026-11-09 ",
		"5 paid unknown-id  300.00  2026-11-09 ",
		"6 none  dibao-530181-0000003-202611-1 330.00  1970-01-01 ",
	}, lines(entries))
	require.Equal(t, "张某某", entries[0].Counterparty)
	t.Run("schema", func(t *testing.T) { banktest.Validate(t, file(t, "camt053.xml")) })
}

func TestCamt054(t *testing.T) {
	m, entries, err := collect(file(t, "camt054.xml"))
	require.NoError(t, err)
	require.Equal(t, Camt054, m.Kind)
	require.Equal(t, []string{
		"1 returned  dibao-530181-0000002-202611-1 480.00 MS03 2026-11-12 ",
		"2 paid entry-total dibao-530181-0000004-202611-1 480.00  2026-11-12 ",
		"3 paid entry-total dibao-530181-0000005-202611-1 480.00  2026-11-12 ",
		"4 paid currency dibao-530181-0000006-202611-1 0.00  2026-11-12 ",
		"5 paid amount dibao-530181-0000007-202611-1 0.00  2026-11-12 ",
		"6 returned  dibao-530181-0000008-202611-1 480.00 NARR 2026-11-12 ",
	}, lines(entries))
	t.Run("schema", func(t *testing.T) { banktest.Validate(t, file(t, "camt054.xml")) })
}

func TestPain002(t *testing.T) {
	for _, version := range []string{"pain.002.001.10", "pain.002.001.11"} {
		document := bytes.ReplaceAll(file(t, "pain002.xml"), []byte("pain.002.001.11"), []byte(version))
		m, entries, err := collect(document)
		require.NoError(t, err)
		require.Equal(t, "RT-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0001", m.Original)
		require.Equal(t, Received{Status: "PART", Count: 4}, m.Received)
		_, rejected, err := collect(bytes.Replace(document, []byte("<GrpSts>PART<"), []byte("<GrpSts>RJCT<"), 1))
		require.NoError(t, err)
		require.Equal(t, "3 none  dibao-530181-0000002-202611-1 0.00  1970-01-01 ", lines(rejected)[2], "the file is rejected, no payment is returned")
		_, _, err = collect(bytes.Replace(document, []byte("<OrgnlNbOfTxs>4<"), []byte("<OrgnlNbOfTxs>four<"), 1))
		require.ErrorContains(t, err, "OrgnlNbOfTxs")
		require.Equal(t, []string{
			"1 paid  dibao-530181-0000001-202611-1 620.00  2026-11-10 NX1",
			"2 returned  dibao-530181-0000002-202611-1 0.00 AC04 2026-11-09 ",
			"3 none  dibao-530181-0000003-202611-1 0.00  1970-01-01 ",
			"4 returned unknown-id  0.00 MS03 2026-11-10 ",
			"5 other group-rejected  0.00  1970-01-01 ",
		}, lines(entries))
		require.True(t, entries[1].NoAmount)
		t.Run("schema", func(t *testing.T) { banktest.Validate(t, document) })
	}
}

func lines(entries []Entry) []string {
	out := make([]string, len(entries))
	for i := range entries {
		e := &entries[i]
		out[i] = fmt.Sprintf("%d %s %s %s %s %s %s %s", e.Number, e.Outcome, e.Problem, e.Payment, e.Amount,
			strings.Trim(string(e.Reason[:]), "\x00"), date(e.Day), e.BankRef)
	}
	return out
}
