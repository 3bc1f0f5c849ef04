package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

const (
	payHeader = "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n"
	payLine   = "1,530181003214,孟华,530181196401209708,6230599083016613184,农村信用社,1,480.00,2026-11,"
	rollHead  = "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n"
	rollLine  = "5301810000001,530181003214,孟华,530181196401209708,6230599083016613184,农村信用社,1,B,18063469421,480.00"
	setHeader = "支付编号,金额,结果,原因代码,日期,银行流水号\n"
	setLine   = "dibao-530181-0000298-202611-1,480.00,退票,AC04,2026-11-10,N-17"
)

func TestBadLines(t *testing.T) {
	for _, c := range []struct{ name, from, to, field, code string }{
		{"exponent", "480.00", "1e5", "amount", "amount-syntax"},
		{"thousands", "480.00", `"1,000.00"`, "amount", "amount-syntax"},
		{"no decimals", "480.00", "330", "amount", "amount-decimals"},
		{"three decimals", "480.00", "330.005", "amount", "amount-decimals"},
		{"negative", "480.00", "-480.00", "amount", "amount-negative"},
		{"plus", "480.00", "+480.00", "amount", "amount-syntax"},
		{"space inside", "480.00", "4 80.00", "amount", "amount-syntax"},
		{"yuan sign", "480.00", "￥480.00", "amount", "amount-syntax"},
		{"no amount", "480.00", "", "amount", "missing"},
		{"blank amount", "480.00", "　 ", "amount", "missing"},
		{"period", "2026-11", "2026-13", "period", "period"},
		{"period without zero", "2026-11", "2026-9", "period", "period"},
		{"short id", "530181196401209708", "53018119640120970", "id_number", "id-syntax"},
		{"id date", "530181196401209708", "530181199002309708", "id_number", "id-date"},
		{"id checksum", "530181196401209708", "530181196401209709", "id_number", "id-checksum"},
		{"region", "530181003214", "53018100321", "region", "region-syntax"},
		{"region of a province", "530181003214", "53", "region", "region-syntax"},
		{"account", "6230599083016613184", "NRA6230599083016", "account", "account"},
		{"free text as account", "6230599083016613184", "农行 6228 4800 1234", "account", "account"},
		{"two accounts", "6230599083016613184", "62305990830166131846230599083016613184", "account", "account"},
		{"rounded account", "6230599083016613184", "6217900000000000000", "account", "account-lost-digits"},
		{"account of a spreadsheet", "6230599083016613184", "6.23E+18", "account", "account-lost-digits"},
		{"short account", "6230599083016613184", "6230599", "account", "account"},
		{"persons", ",1,480", ",0,480", "persons", "persons"},
		{"many persons", ",1,480", ",100,480", "persons", "persons"},
		{"no name", "孟华", "", "name", "missing"},
		{"blank name", "孟华", "　 ", "name", "missing"},
		{"long name", "孟华", strings.Repeat("孟", 61), "name", "too-long"},
		{"bytes", "孟华", "\xff\xfe", "name", "encoding"},
		{"replacement character", "孟华", "\ufffd", "name", "encoding"},
		{"control character", "孟华", "孟\x00华", "name", "name"},
		{"control character in a note", "2026-11,", "2026-11,\x00", "note", "encoding"},
		{"digit in a name", "孟华", "孟华2", "name", "name"},
		{"few columns", ",农村信用社", "", "", "columns"},
		{"many columns", "2026-11,", "2026-11,,x", "", "columns"},
		{"an identity number of a spreadsheet", "530181196401209708", "5.30181E+17", "id_number", "id-syntax"},
		{"a rounded identity number", "530181196401209708", "530181196401209000", "id_number", "id-checksum"},
		{"open quote", "孟华", `"孟华`, "", "columns"},
		{"stray quote", "孟华", `孟"华`, "", "columns"},
		{"text behind a quote", "孟华", `"孟"华`, "", "columns"},
		{"long line", "孟华", strings.Repeat("x", 70_000), "", "too-long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(payLine, c.from, c.to, 1)
			require.NotEqual(t, payLine, bad)
			// The good line after it stands: a bad one swallows nothing.
			lines, refusals := readAll(t, []byte(payHeader+bad+"\n"+payLine+"\n"), intake.Options{Kind: intake.KindLines})
			require.Len(t, refusals, 1)
			require.Equal(t, 2, refusals[0].FileLine)
			require.Equal(t, c.field, refusals[0].Field)
			require.Equal(t, c.code, string(refusals[0].Code))
			require.Len(t, lines, 1)
			require.Equal(t, 3, lines[0].FileLine)
		})
	}
}

func TestForgivenForms(t *testing.T) {
	for name, file := range map[string]string{
		"byte order mark":                 "\ufeff" + payHeader + payLine + "\n",
		"CRLF":                            strings.ReplaceAll(payHeader+payLine+"\n", "\n", "\r\n"),
		"no last line end":                payHeader + payLine,
		"blank lines":                     payHeader + payLine + "\n\n  \r\n　\n",
		"spaces":                          payHeader + strings.ReplaceAll(payLine, ",", " ,　"),
		"full-width digits":               payHeader + strings.NewReplacer("480.00", "４８０.００", "2026-11", "２０２６－１１", "530181003214", "５３０１８１００３２１４").Replace(payLine),
		"quotes":                          payHeader + `"1","530181003214", "孟华" ,530181196401209708,6230599083016613184,"农村,""信用""社",1,"480.00",2026-11,""`,
		"spread characters":               payHeader + strings.NewReplacer("孟华", "孟　华", "6230599083016613184", "6230 5990 8301 6613 184").Replace(payLine),
		"English header":                  "amount,period,id_number,account,name,region\n480.00,2026-11,530181196401209708,6230599083016613184,孟华,530181003214\n",
		"tabs":                            strings.ReplaceAll(payHeader+payLine, ",", "\t"),
		"semicolons":                      strings.ReplaceAll(payHeader+payLine, ",", ";"),
		"CR":                              strings.ReplaceAll(payHeader+payLine+"\n", "\n", "\r"),
		"UTF-16":                          inUTF16(payHeader + payLine),
		"empty columns":                   strings.ReplaceAll(payHeader+payLine+"\n", "\n", ",,\n"),
		"a column between":                strings.ReplaceAll(payHeader, ",户主", ",,户主") + strings.ReplaceAll(payLine, ",孟", ",,孟"),
		"empty rows":                      payHeader + ",,,,,,,,,\n" + payLine + "\n,,,,,,,,,\n",
		"a title":                         "安宁市低保发放表,,,,,,,,,\n" + payHeader + payLine,
		"text formulas":                   payHeader + strings.NewReplacer("530181196401209708", `="530181196401209708"`, "6230599083016613184", `"=""6230599083016613184"""`).Replace(payLine),
		"text marks":                      payHeader + strings.NewReplacer("530181196401209708", `'530181196401209708`, "6230599083016613184", `'6230599083016613184`).Replace(payLine),
		"grave accents as text marks":     payHeader + strings.NewReplacer("530181196401209708", "`530181196401209708", "6230599083016613184", "`6230599083016613184").Replace(payLine),
		"titles with spaces":              strings.NewReplacer("户主姓名", "户 主　姓 名", "发放金额", "\"发放金额\u200b\"").Replace(payHeader) + payLine,
		"how to fill it in, above":        strings.Repeat("填报说明,,,,,,,,,\n", 20) + payHeader + payLine,
		"the separator stated":            "sep=,\n" + payHeader + payLine,
		"the header again":                payHeader + payLine + "\n\ufeff" + payHeader,
		"GB18030 under an English header": inGB18030("seq,region,name,id_number,account,bank,persons,amount,period,note\n" + payLine),
		"a note of two lines":             payHeader + payLine + "\"a\nb\"\n",
		"NDJSON":                          `{"seq":1,"region":"530181003214","name":"\u5b5f华","id_number":"530181196401209708","account":"6230599083016613184","persons":1,"amount":"480.00","period":"2026-11","note":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			lines, refusals := readAll(t, []byte(file), intake.Options{Kind: intake.KindLines})
			require.Empty(t, refusals)
			require.Len(t, lines, 1)
			require.Equal(t, relief.Fen(48000), lines[0].Amount)
			require.Equal(t, "2026-11", lines[0].Period.String())
			require.Equal(t, relief.Region("530181003214"), lines[0].Region)
			require.Equal(t, "孟华", lines[0].Name.Reveal())
			require.Equal(t, "6230599083016613184", lines[0].Account.Reveal())
		})
	}
}

// A file that is no list says what it is: programs call pages and pictures .xls and .csv.
func TestForeignFiles(t *testing.T) {
	for file, what := range map[string]string{
		"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><table>": "HTML", "\ufeff\r\n<HTML>": "HTML", "<table border=1>": "HTML",
		"MIME-Version: 1.0\r\n": "HTML", inUTF16("<html>"): "HTML", "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>": "Excel 2003",
		"\xd0\xcf\x11\xe0\xa1\xb1": "旧版 .xls", "%PDF-1.7": "PDF", "\x89PNG\r\n": "图片", "Rar!\x1a": "压缩包",
	} {
		_, err := intake.NewReader(strings.NewReader(file), intake.Options{Kind: intake.KindLines, ContentType: "application/vnd.ms-excel"})
		var refused *intake.FileError
		require.ErrorAs(t, err, &refused, file)
		require.Contains(t, refused.Detail.Zh, what)
	}
}

func inUTF16(s string) string {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

func inGB18030(s string) string {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return b
}

// A number that a spreadsheet has rounded is refused with that cause.
func TestTheCauseOfARoundedIdentityNumberIsTold(t *testing.T) {
	for _, rounded := range []string{"5.30181E+17", "530181196401209000"} {
		_, refusals := readAll(t, []byte(payHeader+strings.Replace(payLine, "530181196401209708", rounded, 1)), intake.Options{Kind: intake.KindLines})
		require.Len(t, refusals, 1)
		require.Contains(t, refusals[0].Note, "电子表格")
		require.Contains(t, refusals[0].Note, "spreadsheet")
	}
}

func TestSmallXOfAnIdentityNumberIsTheSamePerson(t *testing.T) {
	line := strings.Replace(payLine, "530181196401209708", "53018119980420469X", 1)
	lines, refusals := readAll(t, []byte(payHeader+line+"\n"+strings.Replace(line, "69X", "69ｘ", 1)), intake.Options{Kind: intake.KindLines})
	require.Len(t, lines, 1)
	require.Len(t, refusals, 1)
	require.Equal(t, relief.LineDuplicateOf(2), refusals[0].Code)
}

func TestTheFirstAcceptedLineStands(t *testing.T) {
	bad := strings.Replace(payLine, "480.00", "1e5", 1)
	_, refusals := readAll(t, []byte(payHeader+bad+"\n"+payLine+"\n"+payLine+"\n"+payLine), intake.Options{Kind: intake.KindLines})
	require.Len(t, refusals, 3)
	require.Equal(t, relief.LineAmountSyntax, refusals[0].Code)
	require.Equal(t, relief.LineDuplicateOf(3), refusals[1].Code)
	require.Equal(t, relief.LineDuplicateOf(3), refusals[2].Code)
}

func TestBadJSONLines(t *testing.T) {
	good := `{"region":"530181003214","name":"孟华","id_number":"530181196401209708","account":"6230599083016613184","amount":"480.00","period":"2026-11"}`
	for _, c := range []struct{ from, to, field, code string }{
		{`"480.00"`, `480.00`, "", "amount-syntax"},
		{`"480.00"`, `"480.0"`, "amount", "amount-decimals"},
		{`"480.00"`, `null`, "amount", "missing"},
		{`"480.00"`, `{"a":{}}`, "", "columns"},
		{`"480.00"`, `["480.00"]`, "", "columns"},
		{`"480.00"`, `true`, "", "columns"},
		{`"name":`, `"Name":`, "", "columns"},
		{`"name":"孟华"`, `"name":"孟华","name":"孟华"`, "", "columns"},
		{`"孟华"`, `"\ud800"`, "name", "encoding"},
		{`"孟华"`, "\"\xff\"", "", "encoding"},
		{`"name":"孟华",`, ``, "name", "missing"},
		{`}`, ``, "", "columns"},
		{`}`, `} {}`, "", "columns"},
		{good, strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000), "", "columns"},
		{good, `[]`, "", "columns"},
		{good, `{}`, "region", "missing"},
	} {
		bad := strings.Replace(good, c.from, c.to, 1)
		lines, refusals := readAll(t, []byte(good+"\n"+bad+"\n"), intake.Options{Kind: intake.KindLines, ContentType: "application/x-ndjson"})
		require.Len(t, lines, 1, c.to)
		require.Len(t, refusals, 1, c.to)
		require.Equal(t, c.field+" "+c.code, refusals[0].Field+" "+string(refusals[0].Code), c.to)
	}
}

func TestRollLines(t *testing.T) {
	for _, c := range []struct{ from, to, field, code string }{
		{",B,", ",b,", "class", "class"}, {",B,", ",AB,", "class", "class"}, {",1,B", ",,B", "persons", "missing"},
		{"530181196401209708", "530181203101209709", "id_number", "id-date"}, {"农村信用社", "信用\u200b社", "bank", "encoding"},
		{"5301810000001", "", "household_no", "missing"}, {"480.00", "480", "amount", "amount-decimals"},
	} {
		_, refusals := readAll(t, []byte(rollHead+strings.Replace(rollLine, c.from, c.to, 1)), intake.Options{Kind: intake.KindRoll})
		require.Len(t, refusals, 1)
		require.Equal(t, c.field+" "+c.code, refusals[0].Field+" "+string(refusals[0].Code))
	}
	lines, _ := readAll(t, []byte(rollHead+strings.Replace(rollLine, "B,18063469421", "Ｃ,", 1)), intake.Options{Kind: intake.KindRoll})
	require.Len(t, lines, 1)
	require.Equal(t, byte('C'), lines[0].Class)
}

func TestSettlementLines(t *testing.T) {
	for _, c := range []struct{ from, to, field, code string }{
		{"dibao-", "dibao_", "payment_id", "payment-id"}, {"480.00", "480", "amount", "amount-decimals"},
		{"退票", "ok", "result", "result"}, {"AC04", "", "reason", "reason-code"}, {"AC04", "ac04", "reason", "reason-code"},
		{"退票", "credited", "reason", "reason-code"}, {"2026-11-10", "10/11/2026", "date", "date"},
		{"2026-11-10", "2026-02-30", "date", "date"}, {"2026-11-10", "1969-12-31", "date", "date-out-of-bounds"},
		{"2026-11-10", "2099-12-31", "date", "date-out-of-bounds"}, {"2026-11-10", "9999-12-31", "date", "date-out-of-bounds"},
	} {
		_, refusals := readAll(t, []byte(setHeader+strings.Replace(setLine, c.from, c.to, 1)), intake.Options{Kind: intake.KindSettlements})
		require.Len(t, refusals, 1, c.to)
		require.Equal(t, c.field+" "+c.code, refusals[0].Field+" "+string(refusals[0].Code))
	}
	for _, day := range []string{"2026/11/10", "2026.11.10", "20261110", "2026年11月10日", "2026-11-10 17:30:00", "２０２６－１１－１０"} { // the year first: nobody reads it otherwise
		lines, refusals := readAll(t, []byte(setHeader+strings.Replace(setLine, "2026-11-10", day, 1)), intake.Options{Kind: intake.KindSettlements})
		require.Empty(t, refusals, day)
		require.Equal(t, uint32(20767), lines[0].Day, day)
	}
	credited := strings.NewReplacer("退票,AC04", "已入账,", "298-", "299-").Replace(setLine)
	lines, refusals := readAll(t, []byte(setHeader+setLine+"\n"+credited), intake.Options{Kind: intake.KindSettlements})
	require.Empty(t, refusals)
	require.Equal(t, payment.OutcomeReturned, lines[0].Outcome)
	require.Equal(t, "AC04", string(lines[0].Reason[:]))
	require.Equal(t, uint32(20767), lines[0].Day)
	require.Equal(t, payment.OutcomeCredited, lines[1].Outcome)
	require.Equal(t, uint32(299), lines[1].Payment.Number)
	require.Equal(t, "dibao-530181-0000299-202611-1", lines[1].Serial)
}

func TestNothingPersonalIsRepeated(t *testing.T) {
	// Columns one to the right of where they belong: the identity number stands where the serial number should.
	header := "身份证号,序号,户主姓名,行政区划代码,银行卡号,发放金额,发放期\n"
	_, refusals := readAll(t, []byte(header+"孟华,530181196401209708,1,2,3,4,5\n"), intake.Options{Kind: intake.KindLines})
	require.Len(t, refusals, 1)
	require.NotContains(t, fmt.Sprintf("%+v", refusals), "530181196401209708")
	require.Empty(t, refusals[0].Serial)

	lines, _ := readAll(t, []byte(rollHead+rollLine), intake.Options{Kind: intake.KindRoll})
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "person", lines[0].Person, "name", lines[0].Person.Name)
	document, err := json.Marshal(lines[0].Person)
	require.NoError(t, err)
	for _, text := range []string{
		log.String(), string(document), fmt.Sprint(lines[0]), fmt.Sprintf("%+v %#v", lines[0], lines[0].Person),
		fmt.Sprintf("%s %q %x %d", lines[0].Person.Name, lines[0].Person.Name, lines[0].Person.Name, lines[0].Person),
	} {
		for _, secret := range []string{"孟华", "530181196401209708", "6230599083016613184", "18063469421", "e5ad9fe58d8e"} {
			require.NotContains(t, text, secret)
		}
		require.Contains(t, text, "[withheld]")
	}
}

func TestSealedPersons(t *testing.T) {
	lines, _ := readAll(t, []byte(rollHead+rollLine), intake.Options{Kind: intake.KindRoll})
	person, ref := lines[0].Person, lines[0].Ref
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(t, err)
	first, err := key.Seal(&person, ref, "dibao")
	require.NoError(t, err)
	second, err := key.Seal(&person, ref, "dibao")
	require.NoError(t, err)
	require.NotEqual(t, first, second, "no two seals are alike")
	require.Less(t, len(first), 1000)
	for _, secret := range []string{"孟华", "530181196401209708", "6230599083016613184", "18063469421"} {
		require.NotContains(t, string(first), secret)
	}
	back, err := key.Opener().Person(first, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, person.IDNumber.Reveal(), back.IDNumber.Reveal())
	require.Equal(t, person.Name.Reveal(), back.Name.Reveal())

	other, err := seal.NewKey(1, bytes.Repeat([]byte{9}, 32), payee.Key{})
	require.NoError(t, err)
	later, err := seal.NewKey(2, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(t, err)
	changed := bytes.Clone(first)
	changed[len(changed)/2] ^= 1
	for name, open := range map[string]func() (seal.Person, error){
		"another key":       func() (seal.Person, error) { return other.Opener().Person(first, ref, "dibao") },
		"another epoch":     func() (seal.Person, error) { return later.Opener().Person(first, ref, "dibao") },
		"another programme": func() (seal.Person, error) { return key.Opener().Person(first, ref, "linshi") },
		"another person":    func() (seal.Person, error) { return key.Opener().Person(first, relief.SubjectRef{1, 2}, "dibao") },
		"a changed byte": func() (seal.Person, error) {
			return key.Opener().Person(changed, ref, "dibao")
		},
		"no document": func() (seal.Person, error) { return key.Opener().Person(nil, ref, "dibao") },
	} {
		_, err := open()
		require.Error(t, err, name)
	}
	_, err = seal.NewKey(1, []byte("short"), payee.Key{})
	require.Error(t, err)
}

// The names that other systems have let through: what nobody sees is refused and named, what is rare is kept.
func TestNamesOfARoll(t *testing.T) {
	for name, note := range map[string]string{
		"张\u200b三": "U+200B", "\ufeff李四": "U+FEFF", "赵\u202a六\u202c": "U+202A", "孙\u2028七": "U+2028", "周\ufffe八": "U+FFFE",
		"\ue863三": "U+E863", "郑\u0085十": "U+0085",
	} {
		_, refusals := readAll(t, []byte(rollHead+strings.Replace(rollLine, "孟华", name, 1)), intake.Options{Kind: intake.KindRoll})
		require.Len(t, refusals, 1, note)
		require.Equal(t, "name name", refusals[0].Field+" "+string(refusals[0].Code), note)
		require.Contains(t, refusals[0].Note, note)
		require.Contains(t, refusals[0].Note, " · ", "in both languages")
	}
	for name, want := range map[string]string{
		"䶮㛃\U00020164": "䶮㛃\U00020164", "买买提·阿卜杜": "买买提·阿卜杜", "买买提•阿卜杜": "买买提·阿卜杜", "王\u00a0五": "王五",
	} {
		lines, refusals := readAll(t, []byte(rollHead+strings.Replace(rollLine, "孟华", name, 1)), intake.Options{Kind: intake.KindRoll})
		require.Empty(t, refusals, name)
		require.Equal(t, want, lines[0].Person.Name.Reveal(), "what is sealed")
		require.Equal(t, want, lines[0].Name.Reveal(), "what the tag is made of")
	}
}

// The two-byte codes that GB 18030-2022 moved to standard characters.
func TestNamesInGB18030Of2022(t *testing.T) {
	file := []byte(rollHead + strings.Replace(rollLine, "孟华", "@", 1))
	encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(file)
	require.NoError(t, err)
	for code, want := range map[string]string{"\xd5\xc5\xfe\x59": "张龴", "\xfe\x9f\x95\x32\xa6\x32": "䶮\U00020164"} {
		lines, refusals := readAll(t, bytes.Replace(encoded, []byte("@"), []byte(code), 1), intake.Options{Kind: intake.KindRoll})
		require.Empty(t, refusals)
		require.Equal(t, want, lines[0].Name.Reveal())
	}
}

// What a roll tells beyond its own columns comes in columns that a file may lack.
func TestWhatARollTells(t *testing.T) {
	head := strings.TrimSuffix(rollHead, "\n") + ",已发放至,已发放金额,家庭成员,城乡\n"
	line := func(told string) []byte { return []byte(head + rollLine + "," + told + "\n") }
	options := intake.Options{Kind: intake.KindRoll, Today: "2026-11-20"}

	lines, refusals := readAll(t, line("2026-10,4800.00,530181200903075796；53018119980420469X,农村"), options)
	require.Empty(t, refusals)
	require.Equal(t, "2026-10", lines[0].PaidThrough.String())
	require.Equal(t, relief.Fen(480000), lines[0].PaidSum)
	require.Len(t, lines[0].Members, 2)
	require.Equal(t, relief.Rural, lines[0].Residence)
	for word, want := range map[string]relief.Residence{
		"城镇": relief.Urban, "城市": relief.Urban, " ｕｒｂａｎ ": relief.Urban, "rural": relief.Rural, "乡村": relief.Rural, "": "", "　": "",
	} {
		lines, refusals = readAll(t, line(",,,"+word), options)
		require.Empty(t, refusals, word)
		require.Equal(t, want, lines[0].Residence, word)
	}

	lines, refusals = readAll(t, line(",,,"), options)
	require.Empty(t, refusals)
	require.True(t, lines[0].PaidThrough.IsZero())
	require.Empty(t, lines[0].Members)

	for told, want := range map[string]string{
		"soon,,,":                        "paid_through period",
		"2029-01,,,":                     "paid_through period",
		",12,,":                          "paid_sum amount-decimals",
		",,530181200903075797,":          "members id-checksum",
		",,,城":                           "residence residence",
		",,,Urban":                       "residence residence",
		",,,1":                           "residence residence",
		",,," + strings.Repeat("城镇", 20): "residence too-long",
		",,530181196401209708,":          "members members",
		",,530181200903075796 530181200903075796,":   "members members",
		",,53018120090307579６、53018119980420469x x,": "members id-syntax",
	} {
		_, refusals = readAll(t, line(told), options)
		require.Len(t, refusals, 1, told)
		require.Equal(t, want, refusals[0].Field+" "+string(refusals[0].Code), told)
	}
}
