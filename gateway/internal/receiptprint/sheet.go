package receiptprint

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/go-pdf/fpdf"
)

// Sheet is the list of a village with names, to be put up there (社会救助暂行办法 and 民发〔2021〕57号 §24: name, persons, amount).
type Sheet struct {
	Programme, Place, Period string
	Version                  int
	PublishedOn, OnlineUntil string
	Households, Persons      int
	Sum                      string
	Rows                     []SheetRow
	Statement                string // its leaf hash in the log of statements
	Page                     string // the address where the list can be checked; "" for none
	PrintedBy                string
	PrintedAt                time.Time
}

// SheetRow is a payment. Name is "" for somebody whose details are not kept any more, or are not those on the ledger.
type SheetRow struct {
	Name, Class, Persons, Amount, For, PaidOn string
}

// sheetColumns are the columns' widths in mm, 170 in all, and their heads.
var sheetColumns = []struct {
	width  float64
	align  string
	zh, en string
}{
	{14, "R", "序号", "No."}, {44, "L", "姓名", "Name"}, {16, "C", "类别", "Class"}, {18, "R", "人数", "People"}, {28, "R", "金额（元）", "Yuan"},
	{24, "C", "所属月份", "For"}, {26, "C", "到账日", "Paid on"},
}

const (
	sheetRow    = 7.2   // mm
	sheetBottom = 262.0 // where rows end
	sheetCode   = 34.0  // mm, the code's side
)

// SheetPages is a village's list as PDF. It holds whole names.
func SheetPages(font []byte, s *Sheet) ([]byte, error) {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(s.PrintedAt)
	pdf.SetModificationDate(s.PrintedAt)
	pdf.SetTitle("救助资金发放名单", true)
	pdf.SetCreator("relieftrail", true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, margin)
	pdf.AddUTF8FontFromBytes(family, "", font)
	pdf.AliasNbPages("{pages}")
	pdf.SetFooterFunc(func() { page{pdf}.sheetFoot(s) })
	pdf.AddPage()
	p := page{pdf}
	if err := p.sheetHead(s); err != nil {
		return nil, err
	}
	p.sheetHeads()
	for i := range s.Rows {
		if p.GetY()+sheetRow > sheetBottom {
			p.AddPage()
			p.sheetHeads()
		}
		p.sheetLine(i+1, &s.Rows[i])
	}
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("a village's sheet: %w", err)
	}
	return b.Bytes(), nil
}

// sheetHead says what the list is, with the code of the page where it can be checked.
func (p page) sheetHead(s *Sheet) error {
	if s.Page != "" {
		dark, err := modules(s.Page)
		if err != nil {
			return err
		}
		p.modules(dark, pageWidth-margin-sheetCode, margin-4, sheetCode)
	}
	p.text(20, 0, "L", "救助资金发放名单", 10)
	p.text(9, 90, "L", "Payments of social assistance", 5)
	p.Ln(2)
	p.text(12, 0, "L", s.Place, 6.5)
	p.text(11, 0, "L", s.Programme+"　"+s.Period, 6)
	p.text(9, 60, "L", fmt.Sprintf("第 %d 版　%s 公开　网上公开至 %s", s.Version, s.PublishedOn, s.OnlineUntil), 5)
	p.text(11, 0, "L", fmt.Sprintf("共 %d 户 %d 人，%d 笔，%s 元", s.Households, s.Persons, len(s.Rows), s.Sum), 7)
	if s.Page != "" {
		p.text(8, 90, "L", "扫码核验：一笔不少、一笔不多、一分不差。", 4.5)
	}
	p.Ln(2)
	return nil
}

func (p page) sheetHeads() {
	p.SetDrawColor(160, 20, 20)
	p.SetLineWidth(0.4)
	p.Line(margin, p.GetY(), pageWidth-margin, p.GetY())
	p.SetFont(family, "", 9.5)
	p.SetTextColor(0, 0, 0)
	for _, c := range sheetColumns {
		p.CellFormat(c.width, 5.4, c.zh, "", 0, c.align, false, 0, "")
	}
	p.Ln(5.4)
	p.SetFont(family, "", 6.5)
	p.SetTextColor(110, 110, 110)
	for _, c := range sheetColumns {
		p.CellFormat(c.width, 3.4, c.en, "", 0, c.align, false, 0, "")
	}
	p.Ln(4)
	p.Line(margin, p.GetY(), pageWidth-margin, p.GetY())
	p.SetDrawColor(225, 225, 225)
	p.SetLineWidth(0.2)
}

func (p page) sheetLine(n int, r *SheetRow) {
	p.SetTextColor(0, 0, 0)
	for i, text := range []string{strconv.Itoa(n), r.Name, r.Class, r.Persons, r.Amount, r.For, r.PaidOn} {
		size, c := 11.0, &sheetColumns[i]
		for p.SetFont(family, "", size); size > 5 && p.GetStringWidth(text) > c.width-2; size -= 0.5 {
			p.SetFontSize(size)
		}
		p.CellFormat(c.width, sheetRow, text, "B", 0, c.align, false, 0, "")
	}
	p.Ln(sheetRow)
}

func (p page) sheetFoot(s *Sheet) {
	p.SetY(266)
	p.text(8, 0, "C", "本名单有全名，只在村（社区）公开栏张贴；不得上网，期满取下销毁。", 4.5)
	p.text(6.5, 110, "C", "This sheet has whole names: for the village's board alone, never on line; taken down and destroyed after its time.", 3.6)
	p.text(6.5, 110, "C", fmt.Sprintf("%s 打印于 %s　声明 %s　第 %d / {pages} 页", s.PrintedBy, s.PrintedAt.Format("2006-01-02 15:04"), s.Statement, p.PageNo()), 3.6)
}
