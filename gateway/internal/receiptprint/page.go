package receiptprint

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-pdf/fpdf"

	"relieftrail/chaincode/receipt"
)

// Measures of the page in mm: A4, its margin, how wide the code is beside 11 facts, and a row of facts.
const (
	pageWidth  = 210.0
	margin     = 20.0
	codeWidth  = 92.0
	usualFacts = 11
	labelWidth = 58.0
	rowHeight  = 9.1
)

const family = "cjk"

// Print is how large a page is written.
type Print string

// The sizes of print; the first is the default.
const (
	Usual Print = "usual"
	Large Print = "large" // for people who read badly: what they look for, at 18 points and more
)

// Shown is what a page shows: a receipt that was verified, what it proves with words beside the codes, and what its code holds.
type Shown struct {
	Result *receipt.Result
	Facts  []receipt.Fact
	Code   string
}

// Document is receipts as pages of A4, in Chinese and English, each with its code.
type Document struct {
	pages page
	print Print
}

// NewDocument is a document without pages. made is when it is written.
func NewDocument(font []byte, size Print, made time.Time) *Document {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetTitle("救助资金发放回执", true)
	pdf.SetLang("zh-CN")
	pdf.SetCreator("relieftrail", true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, margin)
	pdf.AddUTF8FontFromBytes(family, "", font)
	return &Document{page{pdf}, size}
}

// Add writes a receipt on a page of its own.
func (d *Document) Add(s *Shown) error {
	dark, err := modules(s.Code)
	if err != nil {
		return err
	}
	p := d.pages
	p.AddPage()
	if d.print == Large {
		p.large(s, dark)
		return p.Error()
	}
	p.heading(s.Result)
	p.facts(s.Facts)
	p.code(dark, receipt.IsLink(s.Code), codeWidth-rowHeight*float64(max(len(s.Facts)-usualFacts, 0)))
	p.foot(s.Result)
	return p.Error()
}

// Bytes is the document's file.
func (d *Document) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := d.pages.Output(&b); err != nil {
		return nil, fmt.Errorf("the pages of receipts: %w", err)
	}
	return b.Bytes(), nil
}

type page struct{ *fpdf.Fpdf }

// text writes one line at the place where the pen is, in a grey from 0, black, on.
func (p page) text(size float64, grey int, align, s string, height float64) {
	p.SetFont(family, "", size)
	p.SetTextColor(grey, grey, grey)
	p.CellFormat(0, height, s, "", 1, align, false, 0, "")
}

func (p page) heading(r *receipt.Result) {
	p.SetDrawColor(160, 20, 20)
	p.SetLineWidth(0.6)
	p.text(22, 0, "C", "救助资金发放回执", 11)
	p.text(11, 90, "C", "Receipt of a relief payment", 6)
	p.Ln(2)
	p.Line(margin, p.GetY(), pageWidth-margin, p.GetY())
	p.Ln(5)
	p.text(26, 0, "C", r.Leaf.Amount.String()+" 元", 13)
	p.Ln(3)
}

// facts are the lines: label in both languages, value in Chinese and, where it is another, in English.
func (p page) facts(facts []receipt.Fact) {
	p.SetDrawColor(225, 225, 225)
	p.SetLineWidth(0.2)
	for _, f := range facts {
		y := p.GetY()
		p.SetFont(family, "", 10.5)
		p.SetTextColor(0, 0, 0)
		p.CellFormat(labelWidth, 5, f.Zh, "", 0, "L", false, 0, "")
		p.fit(f.Value, 10.5)
		p.SetFont(family, "", 7.5)
		p.SetTextColor(110, 110, 110)
		p.CellFormat(labelWidth, 3.6, f.En, "", 0, "L", false, 0, "")
		english := ""
		if f.ValueEn != f.Value {
			english = f.ValueEn
		}
		p.CellFormat(0, 3.6, english, "", 1, "L", false, 0, "")
		p.Line(margin, y+rowHeight-0.4, pageWidth-margin, y+rowHeight-0.4)
		p.SetY(y + rowHeight)
	}
}

// fit writes a value to the end of the line, smaller when it is too long.
func (p page) fit(s string, size float64) {
	for room := pageWidth - 2*margin - labelWidth - 2; size > 5 && p.GetStringWidth(s) > room; size -= 0.5 {
		p.SetFontSize(size)
	}
	p.CellFormat(0, 5, s, "", 1, "L", false, 0, "")
}

func (p page) code(dark [][]bool, link bool, width float64) {
	y := p.GetY() + 2
	p.modules(dark, (pageWidth-width)/2, y, width)
	p.SetY(y + width + 1)
	zh, en := "扫码或在任一部门网关的首页核验；无需联网即可验证真伪。", "Scan the code, or check it on the page of any agency's gateway; no network is needed to verify."
	if link {
		zh, en = "扫码打开核验页；内容只在您的设备上处理，不会发送给服务器。", "The code opens the page that verifies; what it holds stays on your device."
	}
	p.text(10, 0, "C", zh, 5)
	p.text(7.5, 110, "C", en, 4)
}

// modules draws a code at a place, so many mm wide.
func (p page) modules(dark [][]bool, x, y, width float64) {
	module := width / float64(len(dark))
	p.SetFillColor(0, 0, 0)
	eachRun(dark, func(mx, my, length int) {
		// A hair higher than a module, so that no light line shows between rows.
		p.Rect(x+float64(mx)*module, y+float64(my)*module, float64(length)*module, module*1.02, "F")
	})
}

func (p page) foot(r *receipt.Result) {
	p.SetY(272)
	p.SetDrawColor(160, 20, 20)
	p.SetLineWidth(0.4)
	p.Line(margin, p.GetY(), pageWidth-margin, p.GetY())
	p.Ln(1.5)
	p.text(7.5, 90, "C", "本回执不含姓名、证件号码和银行卡号。真伪以扫码核验为准，纸面文字不作凭证。", 4)
	p.text(6.5, 120, "C", "This page names no person. What counts is what the code proves, not the printed words.", 3.4)
	p.text(6, 120, "C", receipt.HashText(r.LeafHash), 3.4)
}
