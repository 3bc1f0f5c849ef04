package bankfile

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mtStatementText is a small statement; %s is among its entries.
const mtStatementText = ":20:R1\r\n:25:5301810100000088\r\n:28C:1/1\r\n:60F:C261108CNY100,\r\n" +
	":61:261109D40,NTRFNONREF//NX1\r\n:86:/EREF/dibao-530181-0000001-202611-1\r\n:62F:C261109CNY60,\r\n-\r\n"

// TestBadMT940: each is refused as a whole, for its reason, and the error repeats nothing of the file.
func TestBadMT940(t *testing.T) {
	good := mtStatementText
	without := func(field string) string {
		before, rest, _ := strings.Cut(good, field)
		_, after, _ := strings.Cut(rest, "\r\n")
		return before + after
	}
	with := func(before, field string) string { return strings.Replace(good, before, field+"\r\n"+before, 1) }
	for name, c := range map[string]struct{ code, document string }{
		"no account":              {CodeContent, without(":25:")},
		"no opening balance":      {CodeContent, without(":60F:")},
		"no closing balance":      {CodeContent, without(":62F:")},
		"no reference":            {CodeContent, strings.Replace(good, ":20:R1", ":20:", 1)},
		"a long reference":        {CodeContent, strings.Replace(good, "R1", strings.Repeat("R", 36), 1)},
		"a long account":          {CodeContent, strings.Replace(good, "5301810100000088", strings.Repeat("5", 150), 1)},
		"cut in the balance":      {CodeContent, good[:strings.Index(good, "CNY60")]},
		"cut before the balance":  {CodeContent, good[:strings.Index(good, ":62F")]},
		"a number of words":       {CodeContent, strings.Replace(good, "1/1", planted, 1)},
		"a number too long":       {CodeContent, strings.Replace(good, "1/1", "12345678901/1", 1)},
		"a day that is none":      {CodeContent, strings.Replace(good, "C261109CNY", "C261131CNY", 1)},
		"a sign":                  {CodeContent, strings.Replace(good, "CNY60,", "CNY-60,", 1)},
		"points between":          {CodeContent, strings.Replace(good, "CNY60,", "CNY1.060,00", 1)},
		"a fraction of a fen":     {CodeContent, strings.Replace(good, "CNY60,", "CNY60,005", 1)},
		"a balance too large":     {CodeContent, strings.Replace(good, "CNY60,", "CNY999999999999999,", 1)},
		"no currency":             {CodeContent, strings.Replace(good, "C261109CNY60,", "C26110960,", 1)},
		"another currency at end": {CodeContent, strings.Replace(good, "C261109CNY60,", "C261109USD60,", 1)},
		"opened twice":            {CodeContent, with(":61:", ":60F:C261108CNY100,")},
		"closed twice":            {CodeContent, with("-\r\n", ":62F:C261109CNY60,")},
		"closed first":            {CodeContent, strings.Replace(good, ":60F:C261108CNY100,", ":62F:C261108CNY100,", 1)},
		"an entry too early":      {CodeContent, with(":60F:", ":61:261109D40,NTRFNONREF")},
		"an entry too late":       {CodeContent, with("-\r\n", ":61:261109D40,NTRFNONREF")},
		"a field too early":       {CodeContent, ":25:1\r\n" + good},
		"words before":            {CodeContent, strings.Repeat("x\r\n", 21) + good},
		"no statement":            {CodeContent, "{1:F01}{2:O940}{4:\r\n-}"},
		"MT942":                   {CodeMessage, strings.Replace(good, ":60F:C261108CNY100,", ":34F:CNY0,", 1)},
		"MT942 in a header":       {CodeMessage, "BANK\r\n942\r\nBANK\r\n" + good},
		"MT103":                   {CodeMessage, "{1:F01}{2:I103BANK}{4:\r\n" + good},
		"zero bytes":              {CodeEncoding, strings.Replace(good, "R1", "R\x001", 1)},
		"UTF-16":                  {CodeEncoding, string(inUTF16(t, good))},
		"a long line":             {CodeTooLarge, strings.Replace(good, "/EREF/", strings.Repeat("x", 9000), 1)},
		"a long field":            {CodeTooLarge, strings.Replace(good, ":62F:", strings.Repeat("x\r\n", 5000)+":62F:", 1)},
		"many entries":            {CodeTooLarge, strings.Replace(good, ":62F:", strings.Repeat(":61:261109D1,NTRFNONREF\r\n", 1001)+":62F:", 1)},
		"large":                   {CodeTooLarge, strings.Replace(good, ":62F:", strings.Repeat(":64:C261109CNY60,\r\n", 8000)+":62F:", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.document), Options{Limits: Limits{Entries: 1000, Bytes: 100_000}}, func(*Entry) error { return nil })
			var own *Error
			require.ErrorAs(t, err, &own)
			require.Equal(t, c.code, own.Code, own.Detail)
			require.NotContains(t, own.Detail, planted[:9])
		})
	}
}

// Forms of field 61: what each is read as. One that is none is an entry with a problem, and the others go on.
func TestEntriesOfMT940(t *testing.T) {
	for line, want := range map[string]string{
		"261109D40,NTRFNONREF":                        "paid  40.00 2026-11-09",
		"2611091108D40,NTRFNONREF":                    "paid  40.00 2026-11-09",
		"261109DY40,5NTRFNONREF//B":                   "paid  40.50 2026-11-09",
		"261109D40.25FTRFNONREF":                      "paid  40.25 2026-11-09",
		"261109D000000000040,00S103NONREF":            "paid  40.00 2026-11-09",
		"261109RD40,NTRFNONREF":                       "returned  40.00 2026-11-09",
		"261109C40,NRTINONREF":                        "returned  40.00 2026-11-09",
		"261109C40,NTRFNONREF":                        "other other-booking 40.00 2026-11-09",
		"261109RC40,NTRFNONREF":                       "other other-booking 40.00 2026-11-09",
		"261109D40,NRTINONREF":                        "other other-booking 40.00 2026-11-09",
		"261110ED40,NTRFNONREF":                       "none  40.00 2026-11-10",
		"261110EC40,NTRFNONREF":                       "none  40.00 2026-11-10",
		"261131D40,NTRFNONREF":                        "paid date 40.00 1970-01-01",
		"261109D40,005NTRFNONREF":                     "paid amount 0.00 2026-11-09",
		"261109D999999999999999,NTRFNONREF":           "paid amount 0.00 2026-11-09",
		"":                                            "other line 0.00 1970-01-01",
		"261109X40,NTRFNONREF":                        "other line 0.00 1970-01-01",
		"261109D-40,NTRFNONREF":                       "other line 0.00 1970-01-01",
		"261109D1.040,00NTRFNONREF":                   "other line 0.00 1970-01-01",
		"261109D40,NONREF":                            "paid  40.00 2026-11-09", // NONR is taken for the kind, EF for a reference
		"261109D40,":                                  "other line 0.00 1970-01-01",
		"20261109D40,NTRFNONREF":                      "other line 0.00 1970-01-01",
		"261109 D 40,00 NTRF":                         "other line 0.00 1970-01-01",
		"２６１１０９D40,NTRFNONREF":                        "other line 0.00 1970-01-01",
		"261109DCNY40,NTRFNONREF":                     "other line 0.00 1970-01-01",
		"261109D40,NTRFdibao-530181-0000002-202611-1": "paid missing-id 40.00 2026-11-09",
	} {
		document := strings.Replace(mtStatementText, "261109D40,NTRFNONREF//NX1", line, 1)
		if strings.Contains(line, "0000002") { // two ids, neither under a code
			document = strings.Replace(document, "/EREF/", "", 1)
		}
		m, entries, err := collect([]byte(document))
		require.NoError(t, err, line)
		require.Len(t, entries, 1)
		require.Len(t, m.Statements, 1)
		e := &entries[0]
		require.Equal(t, want, e.Outcome.String()+" "+string(e.Problem)+" "+e.Amount.String()+" "+date(e.Day), line)
	}
}

// Forms of field 86: where the payment's id is, and what is no id.
func TestDetailsOfMT940(t *testing.T) {
	const id, other = "dibao-530181-0000001-202611-1", "dibao-530181-0000002-202611-1"
	for info, want := range map[string]string{
		"/EREF/" + id: id, "/EREF/" + id + "/REMI/x": id, "/REMI/x/EREF/" + id: id, "/TRCD/00100/\r\n/EREF/" + id + "/": id,
		"/EREF/" + id + "\r\nand words": id, "/EREF/" + id[:12] + "\r\n" + id[12:]: id[:12],
		"166?00PAY?20EREF+" + id[:22] + "?21" + id[22:] + "?22SVWZ+x": id, "?20EREF+" + id + "?32NAME": id, "166?00PAY?20SVWZ+x " + id: id,
		"paid " + id + ", thank you": id, "(" + id + ")": id, id + " " + id: id, id + " " + other: "",
		"/EREF/NOTPROVIDED/REMI/" + id: id, "/EREF/NONREF/REMI/" + id: id, "/EREF/X1": "X1",
		"付" + id + "元": id, id + "x": "", id[:20]: "", "": "", "?": "", "/EREF/": "", "?20?21?": "", "DIBAO-530181-0000001-202611-1": id, id[:20] + "\r\n" + id[20:]: id,
	} {
		_, entries, err := collect([]byte(strings.Replace(mtStatementText, "/EREF/"+id, info, 1)))
		require.NoError(t, err, info)
		require.Equal(t, want, entries[0].EndToEndID, info)
	}
}

// Banks write an account behind their code, in groups of digits, or with its currency.
func TestAccountsOfMT940(t *testing.T) {
	for form, want := range map[string]string{
		"5301810100000088":                  "5301810100000088",
		"ABOCCNBJ920/5301810100000088":      "5301810100000088",
		"5301 8101 0000 0088":               "5301810100000088",
		"ABOCCNBJ920/5301 8101 0000 0088  ": "5301810100000088",
		"5301810100000088CNY":               "5301810100000088",
		"5301810100000088 CNY":              "5301810100000088",
		"GB33BUKB20201555555555":            "GB33BUKB20201555555555",
		"NRA 5301810100000088":              "NRA 5301810100000088",
	} {
		m, _, err := collect([]byte(strings.Replace(mtStatementText, "5301810100000088", form, 1)))
		require.NoError(t, err, form)
		require.Equal(t, want, m.Statements[0].Account, form)
	}
}

// The day of a booking has no year: it is the one next to the value date, across New Year too.
func TestBookingDaysOfMT940(t *testing.T) {
	for line, want := range map[string]string{
		"261109": "", "2611091109": "", "2611091110": "2026-11-10", "2612310102": "2027-01-02", "2701021231": "2026-12-31", "2402290301": "2024-03-01",
		"2603010229": "", "261109    ": "",
	} {
		_, entries, err := collect([]byte(strings.Replace(mtStatementText, ":61:261109", ":61:"+line, 1)))
		require.NoError(t, err, line)
		got := ""
		if entries[0].Booked > 0 {
			got = date(entries[0].Booked)
		}
		require.Equal(t, want, got, line)
	}
}
