package imports

import (
	"io"
	"strconv"
	"strings"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/rollimport"
)

// csvLines writes lines for a spreadsheet, with Chinese headers.
func csvLines(out io.Writer) func([]line) error {
	w := rest.NewCSV(struct{ io.Writer }{out}, // hides that out is buffered: Flush must not reach the caller
		"文件行", "名册序号", "对象编号", "户主姓名", "银行卡号", "保障人口", "类别", "月保障金额", "行政区划代码",
		"变更", "疑点", "不予导入的列", "不予导入的原因", "说明", "取自项目", "取自名册序号")
	return func(lines []line) error {
		for i := range lines {
			_ = w.Write(cells(&lines[i])) // Error has what went wrong
		}
		w.Flush()
		return w.Error()
	}
}

func cells(l *line) []string {
	row := []string{number(l.Line), "", "", rest.SpreadsheetSafe(l.Name), text(l.Account), number(int(l.Persons)), l.Class, "", text(string(l.Region))}
	if l.Number != nil {
		row[1] = strconv.FormatUint(uint64(*l.Number), 10)
	}
	if !l.Subject.IsZero() {
		row[2] = l.Subject.String()
		row[7] = l.Amount.String()
	}
	var changes, doubts []string
	for _, c := range l.Changes {
		changes = append(changes, columnNames[c.Column]+"："+c.Old+"→"+c.New)
	}
	for i := range l.Doubts {
		doubts = append(doubts, l.Doubts[i].Text.Zh+others(&l.Doubts[i].Doubt))
	}
	fromNumber := ""
	if l.FromNumber != nil {
		fromNumber = strconv.FormatUint(uint64(*l.FromNumber), 10)
	}
	return append(row, strings.Join(changes, "；"), strings.Join(doubts, "；"), columnNames[rollimport.Column(l.Field)], l.Reason, rest.SpreadsheetSafe(l.Note),
		string(l.FromProgramme), fromNumber)
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
	"region": "行政区划代码", "id_number": "身份证号", "household_no": "户编号", "bank": "开户行", "phone": "联系电话",
	"paid_through": "已发放至", "paid_sum": "已发放金额",
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// text keeps a spreadsheet from taking a long number for one and rounding it.
func text(digits string) string {
	if digits == "" {
		return ""
	}
	return "\t" + digits
}
