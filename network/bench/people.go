package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
)

// householdsOfACounty is how many the county of ../shared/data has.
const householdsOfACounty = 26_600

// otherCounty is the county of ../shared/data and of the principals civil-other-county and civil-other-approver.
const otherCounty = "530129"

// countyFiles are the county's roll and its payments of 2026-11.
func (b *bench) countyFiles() (roll, list []byte, err error) {
	dir := filepath.Join(b.data, "county")
	roll, err = os.ReadFile(filepath.Join(dir, "roll.csv"))
	if err == nil {
		list, err = os.ReadFile(filepath.Join(dir, "payments-2026-11.csv"))
	}
	if err == nil {
		return roll, list, nil
	}
	b.say("%s is not there: a county of the same size is invented instead", dir)
	var r, l bytes.Buffer
	writeRoll(&r, householdsOfACounty)
	writeList(&l, householdsOfACounty, "2026-11")
	return r.Bytes(), l.Bytes(), nil
}

// invented is the n-th of the invented households: always the same, no two with one identity number.
type invented struct{ n int }

func (h invented) region() string {
	return fmt.Sprintf("%s%03d%03d", otherCounty, h.n%14, 200+h.n/14%40)
}

// id is an identity number with a date of birth that exists and a right check character.
func (h invented) id() string {
	day := h.n / 999
	s := fmt.Sprintf("%s%04d%02d%02d%03d", otherCounty, 1930+day/336%70, 1+day/28%12, 1+day%28, 1+h.n%999)
	for _, check := range "0123456789X" {
		if _, code := relief.ParseIDNumber(s + string(check)); code == "" {
			return s + string(check)
		}
	}
	return ""
}

func (h invented) account() string { return fmt.Sprintf("62305966%011d", h.n) }

func (h invented) amount() relief.Fen { return relief.Fen(48_000 + h.n%200*1_000) }

func writeRoll(out io.Writer, households int) {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额")
	for n := range households {
		h := invented{n}
		fmt.Fprintf(w, "%s%07d,%s,某甲,%s,%s,农村信用社,%d,B,138%08d,%s\n", otherCounty, n, h.region(), h.id(), h.account(), 1+n%5, n, h.amount())
	}
	_ = w.Flush()
}

func writeList(out io.Writer, households int, period string) {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注")
	for n := range households {
		h := invented{n}
		fmt.Fprintf(w, "%d,%s,某甲,%s,%s,农村信用社,%d,%s,%s,\n", n+1, h.region(), h.id(), h.account(), 1+n%5, h.amount(), period)
	}
	_ = w.Flush()
}

// month is the n-th month from 2026-01 on.
func month(n int) string { return relief.MonthPeriod(2026*12 + n).String() }

// controlTotals counts a list's lines and adds up its amounts, the eighth column.
func controlTotals(list []byte) (count int, sum relief.Fen, err error) {
	for line := range bytes.Lines(list) {
		if count++; count == 1 {
			continue
		}
		columns := strings.Split(string(line), ",")
		if len(columns) < 8 {
			return 0, 0, fmt.Errorf("line %d has %s columns", count, strconv.Itoa(len(columns)))
		}
		amount, err := relief.ParseFen(columns[7])
		if err != nil {
			return 0, 0, err
		}
		sum += amount
	}
	return count - 1, sum, nil
}
