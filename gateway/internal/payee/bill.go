package payee

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bill is a medical bill (票据) that ParseBill has accepted: who wrote it and its number, in the one form in which bills are
// compared. It does not print.
type Bill struct{ hospital, number private }

// What a bill's texts may have, in characters of their form.
const (
	maxHospitalRunes = 60
	maxBillRunes     = 40
)

var (
	hospitalValue = value{"医疗机构", "the hospital", ""}
	billValue     = value{"票据号码", "the bill's number", ""}
)

// ParseBill brings a bill's hospital and number to their one form. Its error is an *Error, of the fields bill.hospital and
// bill.number.
//
// The form: NFKC, so that full-width letters and digits are ASCII; capital letters; of the number letters and digits only, of the
// hospital's name or code these and characters: spaces, hyphens, brackets and points are written in one copy of a bill and left
// out in another. Leading zeros count: a bill's number has a fixed length (财综〔2009〕73号).
func ParseBill(hospital, number string) (Bill, error) {
	where, err := billText(hospitalValue, "bill.hospital", hospital, maxHospitalRunes)
	if err != nil {
		return Bill{}, err
	}
	which, err := billText(billValue, "bill.number", number, maxBillRunes)
	if err != nil {
		return Bill{}, err
	}
	return Bill{private{where}, private{which}}, nil
}

func billText(v value, field, raw string, most int) (string, error) {
	if len(raw) > maxRaw {
		return "", v.tooLong(field, most)
	}
	trimmed := strings.Trim(raw, blank)
	if trimmed == "" {
		return "", v.missing(field)
	}
	if err := v.checkHidden(field, trimmed); err != nil {
		return "", err
	}
	kept, n := strings.Builder{}, 0
	for _, r := range norm.NFKC.String(trimmed) {
		if r = unicode.ToUpper(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept.WriteRune(r)
			n++
		}
	}
	switch {
	case n == 0:
		return "", v.refuse(field, CodeForm, "没有字母、数字或汉字", "has no letter and no digit")
	case n > most:
		return "", v.tooLong(field, most)
	}
	return kept.String(), nil
}

const billDomain = "relieftrail/bill-tag/v1\x00"

// BillTag is the tag of a bill: of the hospital and the number, with a zero byte between them.
func (t *Tagger) BillTag(b Bill) Tag {
	if b.number.text == "" {
		return Tag{}
	}
	return t.tag(billDomain, b.hospital.text+"\x00"+b.number.text)
}
