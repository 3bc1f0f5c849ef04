package bankfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func inGB18030(t testing.TB, s string) []byte {
	t.Helper()
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func listProfile(encoding, delimiter string) *Profile {
	return &Profile{
		Name: "rural", Encoding: encoding, Delimiter: delimiter, Header: true, Columns: []Column{
			{"序号", FieldSerial}, {"支付编号", FieldPayment}, {"户名", FieldName}, {"账号", FieldAccount},
			{"开户行", FieldBank}, {"金额", FieldAmount}, {"摘要", FieldText},
		},
	}
}

func answerProfile() *Profile {
	return &Profile{
		Name: "rural", Encoding: "gb18030", Delimiter: "|", Header: true, Date: "YYYYMMDD",
		Columns: []Column{
			{"支付编号", FieldPayment}, {"户名", FieldName}, {"金额", FieldAmount}, {"处理结果", FieldResult},
			{"日期", FieldDate}, {"流水号", FieldReference},
		},
		Results: []Result{{"0000", "paid", ""}, {"E001", "returned", "AC04"}, {"E002", "returned", "BE01"}, {"9999", "none", ""}},
	}
}

func TestProfilesAreChecked(t *testing.T) {
	require.NoError(t, listProfile("utf-8", ",").CheckList())
	require.NoError(t, answerProfile().CheckAnswer())
	for name, change := range map[string]func(*Profile){
		"name":      func(p *Profile) { p.Name = "农信" },
		"encoding":  func(p *Profile) { p.Encoding = "latin1" },
		"delimiter": func(p *Profile) { p.Delimiter = "||" },
		"quote":     func(p *Profile) { p.Delimiter = `"` },
		"date":      func(p *Profile) { p.Date = "D.M.Y" },
		"field":     func(p *Profile) { p.Columns[0].Field = "id_number" },
		"twice":     func(p *Profile) { p.Columns[0].Field = FieldAmount },
		"title":     func(p *Profile) { p.Columns[1].Title = "" },
		"missing":   func(p *Profile) { p.Columns = p.Columns[1:] },
		"results":   func(p *Profile) { p.Results = nil },
		"outcome":   func(p *Profile) { p.Results[0].Outcome = "ok" },
		"reason":    func(p *Profile) { p.Results[1].Reason = "closed" },
		"code":      func(p *Profile) { p.Results[1].Code = "0000" },
	} {
		p := answerProfile()
		change(p)
		require.Error(t, p.CheckAnswer(), name)
	}
}

func TestList(t *testing.T) {
	for _, c := range [][2]string{{"utf-8", ","}, {"gb18030", "|"}, {"gb18030", "\t"}} {
		p := listProfile(c[0], c[1])
		list := transfers(2)
		list[1].Name = "欧阳" + c[1] + "某"
		list[0].Text, list[1].Text = "低保 2026-11", "低保 2026-11"
		var b bytes.Buffer
		require.NoError(t, p.WriteList(&b, list))
		name := map[string]string{",": "list.utf8.golden.csv", "|": "list.gb18030.golden.csv", "\t": "list.tab.golden.csv"}[c[1]]
		golden(t, name, b.Bytes())
	}
}

const answerText = "支付编号|户名|金额|处理结果|日期|流水号|备用\r\n" +
	"dibao-530181-0000001-202611-1|张某某|620.00|0000|20261109|NX1|\r\n" +
	"dibao-530181-0000002-202611-1|李某某|480|E001|20261109|NX2|\r\n" +
	"dibao-530181-0000003-202611-1|镕某镕|480.00|9999|20261109|NX3|\r\n" +
	"dibao-530181-0000004-202611-1|王某某|480.001|0000|20261109|NX4|\r\n" +
	"dibao-530181-0000005-202611-1|王某某|480.00|8888|20261109|NX5|\r\n" +
	"dibao-530181-0000006-202611-1|王某某|480.00|0000|09.11.2026|NX6|\r\n" +
	"6228000000000001|王某某|480.00|0000|20261109|NX7|\r\n" +
	"dibao-530181-0000007-202611-1|王某某|480.00\r\n" +
	"|王某某|480.00|E002|20261109|NX9|\r\n"

func TestAnswer(t *testing.T) {
	p := answerProfile()
	var entries []Entry
	m, err := p.ReadAnswer(bytes.NewReader(inGB18030(t, answerText)), "answer-1", Options{}, func(e *Entry) error {
		entries = append(entries, *e)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, Message{Kind: CSV, ID: "answer-1", Entries: 9}, m)
	require.Equal(t, []string{
		"1 paid  dibao-530181-0000001-202611-1 620.00  2026-11-09 NX1",
		"2 returned  dibao-530181-0000002-202611-1 480.00 AC04 2026-11-09 NX2",
		"3 none  dibao-530181-0000003-202611-1 0.00  1970-01-01 NX3",
		"4 paid amount dibao-530181-0000004-202611-1 0.00  2026-11-09 NX4",
		"5 other result dibao-530181-0000005-202611-1 0.00  1970-01-01 NX5",
		"6 paid date dibao-530181-0000006-202611-1 480.00  1970-01-01 NX6",
		"7 paid unknown-id  480.00  2026-11-09 NX7",
		"8 other line dibao-530181-0000007-202611-1 0.00  1970-01-01 ",
		"9 returned missing-id  480.00 BE01 2026-11-09 NX9",
	}, lines(entries))
	require.Equal(t, "镕某镕", entries[2].Counterparty, "a second byte that is the delimiter")
}

// A fault of a line is that line's: the others are read as without it.
func TestBadLinesOfAnAnswer(t *testing.T) {
	head := "支付编号|户名|金额|处理结果|日期|流水号\r\n"
	first := "dibao-530181-0000001-202611-1|%s|620.00|0000|20261109|NX1\r\n"
	second := "dibao-530181-0000002-202611-1|%s|480.00|E001|20261109|NX2\r\n"
	paid, returned := "paid  dibao-530181-0000001-202611-1 620.00  2026-11-09 NX1", "returned  dibao-530181-0000002-202611-1 480.00 AC04 2026-11-09 NX2"
	for name, c := range map[string]struct {
		list string
		want []string
	}{
		"quotes in two lines":   {fmt.Sprintf(head+first+second, `"某甲`, `某乙"`), []string{paid, returned}},
		"a quote":               {fmt.Sprintf(head+first+second, `某"甲`, "某乙"), []string{paid, returned}},
		"a long line":           {fmt.Sprintf(head+first+second, strings.Repeat("x", 9000), "某乙"), []string{"other line  0.00  1970-01-01 ", returned}},
		"a delimiter too many":  {fmt.Sprintf(head+first+second, "某|甲", "某乙"), []string{"other line dibao-530181-0000001-202611-1 0.00  1970-01-01 ", returned}},
		"UTF-8 after GB18030":   {"\ufeff" + fmt.Sprintf(head+first+second, "某甲", "某乙"), []string{paid, returned}},
		"a title, and CR alone": {strings.ReplaceAll(fmt.Sprintf("回盘文件\r\n"+head+first+second, "某甲", "某乙"), "\r\n", "\r"), []string{paid, returned}},
	} {
		t.Run(name, func(t *testing.T) {
			list := []byte(c.list)
			if !strings.HasPrefix(c.list, "\ufeff") {
				list = inGB18030(t, c.list)
			}
			var entries []Entry
			_, err := answerProfile().ReadAnswer(bytes.NewReader(list), "x", Options{}, func(e *Entry) error {
				entries = append(entries, *e)
				return nil
			})
			require.NoError(t, err)
			got := lines(entries)
			for i := range got {
				_, got[i], _ = strings.Cut(got[i], " ")
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestBadAnswers(t *testing.T) {
	for name, c := range map[string][2]string{
		"empty":        {CodeContent, ""},
		"header only":  {CodeContent, "支付编号|户名|金额|处理结果|日期|流水号\r\n"},
		"other header": {CodeContent, "a|b|c\r\n1|2|3\r\n"},
		"column twice": {CodeContent, "支付编号|支付编号|户名|金额|处理结果|日期|流水号\r\n"},
	} {
		_, err := answerProfile().ReadAnswer(bytes.NewReader(inGB18030(t, c[1])), "x", Options{}, func(*Entry) error { return nil })
		var e *Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, c[0], e.Code, name)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(inGB18030(f, answerText))
	seed(f, ".csv")
	f.Add([]byte("支付编号|户名|金额|处理结果|日期|流水号\n\"a\nb\"|1|1|1|1|1\n"))
	f.Fuzz(func(t *testing.T, list []byte) {
		p := answerProfile()
		n := 0
		m, err := p.ReadAnswer(bytes.NewReader(list), "x", Options{Limits: Limits{Entries: 1000}}, func(e *Entry) error {
			n++
			if e.Problem == NoProblem && (e.Outcome == Paid || e.Outcome == Returned) && EndToEndID(e.Payment) != e.EndToEndID {
				t.Fatal("an entry without a problem and without a payment")
			}
			return nil
		})
		var own *Error
		if err != nil && !errors.As(err, &own) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if err == nil && m.Entries != n {
			t.Fatal("another count")
		}
	})
}
