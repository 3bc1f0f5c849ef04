package imports

import (
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/table"
)

// Table are the lines of an import for a spreadsheet: personal data.
var Table = table.New(
	table.IntegerIfAny("line", func(l *line) *int { return ifAny(l.Line) }),
	table.IntegerIfAny("number", func(l *line) *uint32 { return l.Number }),
	table.Text("subject", func(l *line) string { return l.reference() }),
	table.Text("name", func(l *line) string { return l.Name }),
	table.Text("account", func(l *line) string { return l.Account }),
	table.IntegerIfAny("persons", func(l *line) *uint8 { return ifAny(l.Persons) }),
	table.Text("class", func(l *line) string { return l.Class }),
	table.AmountIfAny("amount", func(l *line) *relief.Fen { return l.amount() }),
	table.Text("region", func(l *line) relief.Region { return l.Region }),
	table.Word("residence", lists.Residences, func(l *line) relief.Residence { return l.Residence }),
	table.Text("changes", func(l *line) string { return l.changed() }),
	table.Text("doubts", func(l *line) string { return l.doubted() }),
	table.Word("field", words(columnNames), func(l *line) string { return l.Field }),
	table.Text("reason", func(l *line) string { return l.Reason }),
	table.Text("note", func(l *line) string { return l.Note }),
	table.Text("from_programme", func(l *line) relief.ProgrammeID { return l.FromProgramme }),
	table.IntegerIfAny("from_number", func(l *line) *uint32 { return l.FromNumber }),
)

// ifAny is nil for a number that is not said.
func ifAny[N int | uint8](n N) *N {
	if n == 0 {
		return nil
	}
	return &n
}

// reference is the person's subject reference, "" of a line that names nobody.
func (l *line) reference() string {
	if l.Subject.IsZero() {
		return ""
	}
	return l.Subject.String()
}

func (l *line) amount() *relief.Fen {
	if l.Subject.IsZero() {
		return nil
	}
	return &l.Amount
}

func (l *line) changed() string {
	texts := make([]string, len(l.Changes))
	for i, c := range l.Changes {
		was, is := c.Old, c.New
		if c.Column == rollimport.ColumnResidence {
			was, is = lists.Residences[was], lists.Residences[is]
		}
		texts[i] = columnNames[c.Column] + "：" + was + "→" + is
	}
	return strings.Join(texts, "；")
}

func (l *line) doubted() string {
	texts := make([]string, len(l.Doubts))
	for i := range l.Doubts {
		texts[i] = l.Doubts[i].Text.Zh + others(&l.Doubts[i].Doubt)
	}
	return strings.Join(texts, "；")
}

// others names whom a doubt concerns beside the line.
func others(d *rollimport.Doubt) string {
	var names []string
	for _, n := range d.Lines {
		names = append(names, "第"+strconv.Itoa(n)+"行")
	}
	for _, n := range d.Numbers {
		names = append(names, "名册序号"+strconv.FormatUint(uint64(n), 10))
	}
	if len(names) == 0 {
		return ""
	}
	return "（" + strings.Join(names, "、") + "）"
}

// columnNames are the columns as the headers of rolls have them.
var columnNames = map[rollimport.Column]string{
	rollimport.ColumnName: "户主姓名", rollimport.ColumnAccount: "银行卡号", rollimport.ColumnPersons: "保障人口",
	rollimport.ColumnClass: "类别", rollimport.ColumnAmount: "月保障金额", rollimport.ColumnMembers: "家庭成员",
	rollimport.ColumnResidence: "城乡",
	"region":                   "行政区划代码", "id_number": "身份证号", "household_no": "户编号", "bank": "开户行", "phone": "联系电话",
	"paid_through": "已发放至", "paid_sum": "已发放金额",
}

func words(names map[rollimport.Column]string) map[string]string {
	words := make(map[string]string, len(names))
	for column, name := range names {
		words[string(column)] = name
	}
	return words
}
