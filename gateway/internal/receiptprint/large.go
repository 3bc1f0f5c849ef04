package receiptprint

import (
	"relieftrail/chaincode/receipt"
)

// Measures of a page in large print: points of letters, mm of lines and of the code.
const (
	largeMargin = 15.0
	largeLabel  = 46.0
	largeType   = 18.0
	largeLine   = 8.2
	smallType   = 12.0
	smallLine   = 5.4
	largeCode   = 92.0
	largeFoot   = 284.0
)

// onLarge are the facts that people look for. The code proves the others.
var onLarge = map[string]bool{
	"transferred": true, "period": true, "kind": true, "programme": true, "region": true, "paid_at": true, "receipt_id": true,
}

// large is a page in large print. Nothing is written smaller because it is long: it goes on in the next line, and the code takes the room
// that is left.
func (p page) large(s *Shown, dark [][]bool) {
	p.SetMargins(largeMargin, largeMargin, largeMargin)
	p.SetXY(largeMargin, largeMargin)
	p.text(30, 0, "C", "救助资金发放回执", 13)
	p.text(smallType, 60, "C", "Receipt of a relief payment", smallLine+1)
	p.text(44, 0, "C", s.Result.Leaf.Amount.String()+" 元", 20)
	p.SetDrawColor(160, 20, 20)
	p.SetLineWidth(0.8)
	p.Line(largeMargin, p.GetY(), pageWidth-largeMargin, p.GetY())
	p.Ln(3)
	for i := range s.Facts {
		if onLarge[s.Facts[i].Name] {
			p.largeFact(&s.Facts[i])
		}
	}
	const words = 2*smallLine + 4
	p.largeCode(dark, min(largeCode, largeFoot-words-p.GetY()-3), receipt.IsLink(s.Code))
	p.SetMargins(margin, margin, margin)
}

func (p page) largeFact(f *receipt.Fact) {
	p.pair(largeType, 0, largeLine, f.Zh, f.Value)
	english := ""
	if f.ValueEn != f.Value {
		english = f.ValueEn
	}
	p.pair(smallType, 60, smallLine, f.En, english)
	p.Ln(1.2)
}

// pair writes a label and its value, each in as many lines as it takes.
func (p page) pair(size float64, grey int, line float64, label, value string) {
	p.SetFont(family, "", size)
	p.SetTextColor(grey, grey, grey)
	y := p.GetY()
	p.MultiCell(largeLabel-2, line, label, "", "L", false)
	end := p.GetY()
	p.SetXY(largeMargin+largeLabel, y)
	p.MultiCell(0, line, value, "", "L", false)
	p.SetXY(largeMargin, max(end, p.GetY()))
}

func (p page) largeCode(dark [][]bool, width float64, link bool) {
	p.modules(dark, (pageWidth-width)/2, p.GetY()+2, width)
	p.SetXY(largeMargin, p.GetY()+width+4)
	zh, en := "用手机扫码核验真伪，无需联网。", "Scan the code to check it; no network is needed."
	if link {
		zh, en = "用手机扫码打开核验页，内容不会发送给服务器。", "The code opens the page that checks it; what it holds stays on your device."
	}
	p.text(smallType+2, 0, "C", zh, smallLine+1)
	p.text(smallType, 60, "C", en, smallLine)
}
