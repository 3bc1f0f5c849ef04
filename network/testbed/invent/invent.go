package invent

import (
	"bufio"
	"fmt"
	"io"

	"relieftrail/chaincode/relief"
)

// County is the county of the households.
const County = "530129"

// Household is the n-th of the invented households. It is the same in every run; no two have the same identity number.
type Household int

// Region is a village of the county.
func (h Household) Region() string {
	return fmt.Sprintf("%s%03d%03d", County, int(h)%14, 200+int(h)/14%40)
}

// ID is an identity number with an existing date of birth and the right check character.
func (h Household) ID() string {
	day := int(h) / 999
	s := fmt.Sprintf("%s%04d%02d%02d%03d", County, 1930+day/336%70, 1+day/28%12, 1+day%28, 1+int(h)%999)
	for _, check := range "0123456789X" {
		if _, code := relief.ParseIDNumber(s + string(check)); code == "" {
			return s + string(check)
		}
	}
	return ""
}

// Account is the number of a bank card with the right check digit (ISO/IEC 7812-1, Luhn).
func (h Household) Account() string {
	s := fmt.Sprintf("62305966%010d", int(h))
	sum := 0
	for i := range s {
		d := int(s[len(s)-1-i]-'0') * (2 - i%2)
		sum += d/10 + d%10
	}
	return s + string(rune('0'+(10-sum%10)%10))
}

// Amount is the amount granted for a month.
func (h Household) Amount() relief.Fen { return relief.Fen(48_000 + int(h)%200*1_000) }

// Roll writes a roll in CSV as a county sends it.
func Roll(out io.Writer, households int) {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额")
	for n := range households {
		h := Household(n)
		fmt.Fprintf(w, "%s%07d,%s,某甲,%s,%s,农村信用社,%d,B,138%08d,%s\n", County, n, h.Region(), h.ID(), h.Account(), 1+n%5, n, h.Amount())
	}
	_ = w.Flush()
}

// List writes a list of payments in CSV as a county sends it.
func List(out io.Writer, households int, period string) {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注")
	for n := range households {
		h := Household(n)
		fmt.Fprintf(w, "%d,%s,某甲,%s,%s,农村信用社,%d,%s,%s,\n", n+1, h.Region(), h.ID(), h.Account(), 1+n%5, h.Amount(), period)
	}
	_ = w.Flush()
}
