package bankfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func date(day uint32) string { return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly) }

const planted = "王小明53018119900101001X"

// TestBadXML: each is refused as a whole, for its reason, and the error repeats nothing of the file.
func TestBadXML(t *testing.T) {
	good := string(file(t, "camt053.xml"))
	head := `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	for name, c := range map[string]struct{ code, document string }{
		"empty":                  {CodeSyntax, ""},
		"not XML":                {CodeSyntax, planted},
		"JSON":                   {CodeSyntax, `{"name":"` + planted + `"}`},
		"cut short":              {CodeSyntax, good[:len(good)/2]},
		"doctype":                {CodeForbidden, strings.Replace(good, "<Document", `<!DOCTYPE Document SYSTEM "http://192.0.2.1/x.dtd"><Document`, 1)},
		"entities":               {CodeForbidden, strings.Replace(good, "<Document", `<!DOCTYPE d [<!ENTITY a "`+planted+`">]><Document`, 1)},
		"unknown entity":         {CodeSyntax, strings.Replace(good, "STMT-20261109", "&xxe;", 1)},
		"doctype in an envelope": {CodeForbidden, head + "<e><!DOCTYPE x>" + good[len(head):] + "</e>"},
		"element declaration":    {CodeForbidden, strings.Replace(good, "<Stmt>", "<!ELEMENT a ANY><Stmt>", 1)},
		"mark of nothing":        {CodeForbidden, strings.Replace(good, "<Stmt>", "<!><Stmt>", 1)},
		"comment without end":    {CodeSyntax, strings.Replace(good, "<Stmt>", "<!-- "+planted+"<Stmt>", 1)},
		"long comment":           {CodeTooLarge, strings.Replace(good, "<Stmt>", "<!--"+strings.Repeat(">", 70_000)+"--><Stmt>", 1)},
		"long cdata":             {CodeTooLarge, strings.Replace(good, "STMT-20261109", "<![CDATA["+strings.Repeat("<>", 5_000)+"]]>", 1)},
		"long text of >":         {CodeTooLarge, strings.Replace(good, "STMT-20261109", strings.Repeat(">", 9_000), 1)},
		"long attribute of >":    {CodeTooLarge, strings.Replace(good, `Ccy="CNY"`, `Ccy="`+strings.Repeat(">", 9_000)+`"`, 1)},
		"long instruction":       {CodeTooLarge, strings.Replace(good, "<Stmt>", "<?x "+strings.Repeat(">", 9_000)+"?><Stmt>", 1)},
		"second declaration":     {CodeSyntax, head + good},
		"two messages":           {CodeMessage, head + "<e>" + good[len(head):] + good[len(head):] + "</e>"},
		"open envelope":          {CodeSyntax, head + "<e>" + good[len(head):]},
		"deep envelope":          {CodeTooLarge, head + strings.Repeat("<e>", 40) + good[len(head):] + strings.Repeat("</e>", 40)},
		"no message inside":      {CodeMessage, head + "<e><f/></e>"},
		"another message":        {CodeMessage, strings.Replace(good, "camt.053.001.08", "camt.052.001.08", 1)},
		"another version":        {CodeMessage, strings.Replace(good, "camt.053.001.08", "camt.053.001.01", 1)},
		"no namespace":           {CodeMessage, strings.Replace(good, ` xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, "", 1)},
		"foreign element":        {CodeMessage, strings.Replace(good, "<Stmt>", `<Stmt xmlns="urn:other">`, 1)},
		"payment file":           {CodeMessage, strings.Replace(good, "camt.053.001.08", "pain.001.001.10", 1)},
		"text between":           {CodeSyntax, strings.Replace(good, "<Stmt>", planted+"<Stmt>", 1)},
		"second root":            {CodeMessage, good + "<Document/>"},
		"text behind":            {CodeSyntax, good + planted},
		"long text":              {CodeTooLarge, strings.Replace(good, "STMT-20261109", strings.Repeat("x", 9000), 1)},
		"long attribute":         {CodeTooLarge, strings.Replace(good, `Ccy="CNY"`, `Ccy="`+strings.Repeat("x", 9000)+`"`, 1)},
		"deep":                   {CodeTooLarge, strings.Replace(good, "<Stmt>", "<Stmt>"+strings.Repeat("<a>", 40), 1)},
		"deep supplement":        {CodeTooLarge, strings.Replace(good, "<Stmt>", "<SplmtryData>"+strings.Repeat("<a>", 40), 1)},
		"no message id":          {CodeContent, strings.Replace(good, "<MsgId>NX20261109-0001</MsgId>", "", 1)},
		"empty message id":       {CodeContent, strings.Replace(good, "NX20261109-0001", "", 1)},
		"long message id":        {CodeContent, strings.Replace(good, "NX20261109-0001", strings.Repeat("N", 36), 1)},
		"no statement id":        {CodeContent, strings.Replace(good, "<Id>STMT-20261109</Id>", "", 1)},
		"sequence":               {CodeContent, strings.Replace(good, "<ElctrncSeqNb>313", "<ElctrncSeqNb>-1", 1)},
		"balance":                {CodeContent, strings.Replace(good, ">400000.00<", ">4e5<", 1)},
		"encoding":               {CodeEncoding, strings.Replace(good, "UTF-8", "UTF-7", 1)},
		"no such encoding":       {CodeEncoding, strings.Replace(good, "UTF-8", "x-none", 1)},
		"mark and declaration":   {CodeEncoding, "\ufeff" + strings.Replace(good, "UTF-8", "GB18030", 1)},
		"UTF-16 in bytes":        {CodeEncoding, strings.Replace(good, "UTF-8", "UTF-16", 1)},
		"UTF-16 that says UTF-8": {CodeEncoding, string(inUTF16(t, good))},
		"not UTF-8":              {CodeEncoding, strings.Replace(good, "张某某", "\xd5\xc5", 1)},
		"mismatched end":         {CodeSyntax, strings.Replace(good, "</Stmt>", "</"+"Ntry>", 1)},
		"too many":               {CodeTooLarge, strings.Replace(good, "</Stmt>", strings.Repeat(entryXML, 20)+"</Stmt>", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			limits := Limits{Entries: 20}
			_, err := Read(strings.NewReader(c.document), Options{Limits: limits}, func(*Entry) error { return nil })
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.code, e.Code, e.Error())
			require.NotContains(t, e.Error(), "王小明")
			require.NotContains(t, e.Error(), "53018119")
		})
	}
}

const entryXML = `<Ntry><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd></Ntry>`

func TestSizeBound(t *testing.T) {
	good := file(t, "camt053.xml")
	_, err := Read(bytes.NewReader(good), Options{Limits: Limits{Bytes: 1000}}, func(*Entry) error { return nil })
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, CodeTooLarge, e.Code)
}

// endless is a text that never ends: it must not be taken into memory.
type endless struct{ head io.Reader }

func (r endless) Read(b []byte) (int, error) {
	if n, err := r.head.Read(b); err == nil {
		return n, nil
	}
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

func TestEndlessText(t *testing.T) {
	for _, head := range []string{
		"", "<", `<Document xmlns="`, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>`, `<?xml `,
	} {
		_, err := Read(endless{strings.NewReader(head)}, Options{}, func(*Entry) error { return nil })
		var e *Error
		require.ErrorAs(t, err, &e, head)
	}
	p := answerProfile()
	_, err := p.ReadAnswer(endless{strings.NewReader("")}, "x", Options{}, func(*Entry) error { return nil })
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, CodeTooLarge, e.Code)
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("the line is down")
	_, err := Read(io.MultiReader(bytes.NewReader(file(t, "camt053.xml")[:500]), failing{broken}), Options{}, func(*Entry) error { return nil })
	require.ErrorIs(t, err, broken)
	stop := errors.New("enough")
	_, err = Read(bytes.NewReader(file(t, "camt053.xml")), Options{}, func(*Entry) error { return stop })
	require.ErrorIs(t, err, stop)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestStatementSums(t *testing.T) {
	for _, c := range [][2]string{
		{"<NbOfNtries>4</NbOfNtries><Sum>2320.00", "<NbOfNtries>9</NbOfNtries><Sum>2320.00"}, {"<Sum>2320.00", "<Sum>2320.01"},
		{"<Sum>620.00", "<Sum>619.00"}, {"<Sum>1700.00", "<Sum>x"},
	} {
		_, entries, err := collect([]byte(strings.Replace(string(file(t, "camt053.xml")), c[0], c[1], 1)))
		require.NoError(t, err)
		require.Equal(t, StatementSums, entries[len(entries)-1].Problem, c[1])
	}
}

func TestGB18030Statement(t *testing.T) {
	text := strings.Replace(string(file(t, "camt053.xml")), "UTF-8", "GB18030", 1)
	encoded := inGB18030(t, text)
	_, entries, err := collect(encoded)
	require.NoError(t, err)
	require.Equal(t, "张某某", entries[0].Counterparty)
}

func statement(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-09T18:00:00+08:00</CreDtTm></GrpHdr><Stmt><Id>S</Id><ElctrncSeqNb>1</ElctrncSeqNb><Acct><Id><Othr><Id>5301810100000088</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-09</Dt></Dt></Bal>`)
	for i := range n {
		fmt.Fprintf(&b, `<Ntry><Amt Ccy="CNY">620.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt><ValDt><Dt>2026-11-09</Dt></ValDt><AcctSvcrRef>NX%08d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>dibao-530181-%07d-202611-1</EndToEndId></Refs><RltdPties><Cdtr><Pty><Nm>张某某</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>6228000000000001</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>`, i, i)
	}
	b.WriteString("</Stmt></BkToCstmrStmt></Document>")
	return b.Bytes()
}

func BenchmarkReadCamt053(b *testing.B) {
	document := statement(30_000)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(document), Options{}, func(*Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(30_000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkWritePain001(b *testing.B) {
	list := transfers(26_600)
	o := order("pain.001.001.10")
	for b.Loop() {
		if err := WritePain001(io.Discard, o, list); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(26_600*float64(b.N)/b.Elapsed().Seconds(), "payments/s")
}

func BenchmarkReadPain001(b *testing.B) {
	var file bytes.Buffer
	if err := WritePain001(&file, order("pain.001.001.10"), transfers(26_600)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ReadPain001(bytes.NewReader(file.Bytes()), Limits{}, func(*Transfer) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(26_600*float64(b.N)/b.Elapsed().Seconds(), "payments/s")
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"camt053.xml", "camt054.xml", "pain002.xml"} {
		f.Add(file(f, name))
	}
	seed(f, ".xml")
	seed(f, ".txt")
	f.Fuzz(func(t *testing.T, document []byte) {
		n := 0
		m, err := Read(bytes.NewReader(document), Options{Limits: Limits{Entries: 1000}}, func(e *Entry) error {
			if n++; e.Number != n {
				t.Fatalf("entry %d is numbered %d", n, e.Number)
			}
			if e.Problem == NoProblem && (e.Outcome == Paid || e.Outcome == Returned) {
				if e.Payment == (relief.PaymentID{}) || !strings.EqualFold(EndToEndID(e.Payment), e.EndToEndID) || e.Amount < 0 || e.Amount > relief.MaxFen {
					t.Fatalf("an entry without a problem: %d %s %s", e.Number, e.Outcome, e.Amount)
				}
				if (e.Outcome == Returned) == (e.Reason == [4]byte{}) {
					t.Fatal("a return has a reason, a payment has none")
				}
			}
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err == nil && (m.ID == "" && m.Kind != MT940 || m.Entries != n) {
			t.Fatal("a message without its id or with another count")
		}
	})
}

// seed adds the corpus to a fuzz test.
func seed(f *testing.F, ending string) {
	f.Helper()
	for _, path := range corpusFiles(f) {
		if strings.HasSuffix(path, ending) {
			f.Add(file(f, strings.TrimPrefix(path, "testdata/")))
		}
	}
}

func FuzzReadPain001(f *testing.F) {
	f.Add(file(f, "pain.001.001.09.golden.xml"))
	f.Add(file(f, "pain.001.001.10.golden.xml"))
	f.Fuzz(func(t *testing.T, document []byte) {
		var list []Transfer
		o, err := ReadPain001(bytes.NewReader(document), Limits{Entries: 1000}, func(p *Transfer) error {
			list = append(list, *p)
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Fatalf("an error of another kind: %v", err)
		}
		var out bytes.Buffer
		if err != nil || WritePain001(&out, &o, list) != nil {
			return
		}
		n := 0
		if _, err := ReadPain001(&out, Limits{}, func(p *Transfer) error {
			if p.ID != list[n].ID || p.Amount != list[n].Amount {
				t.Fatal("written and read back, a payment is another")
			}
			n++
			return nil
		}); err != nil || n != len(list) {
			t.Fatalf("what was read and written cannot be read: %v", err)
		}
	})
}
