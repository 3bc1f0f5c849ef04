package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/invent"
)

// householdsOfACounty is the number of households in the county of ../shared/data.
const householdsOfACounty = 26_600

// otherCounty is the county of ../shared/data and of the principals civil-other-county and civil-other-approver.
const otherCounty = invent.County

// countyFiles gives the county's roll and its payments of 2026-11. Without the files it invents a county of the same
// size.
func (b *bench) countyFiles() (roll, list []byte) {
	dir := filepath.Join(b.data, "county")
	roll, rollErr := os.ReadFile(filepath.Join(dir, "roll.csv"))
	list, listErr := os.ReadFile(filepath.Join(dir, "payments-2026-11.csv"))
	if rollErr != nil || listErr != nil {
		b.say("%s does not have both files: the bench invents a county of the same size", dir)
		var r, l bytes.Buffer
		invent.Roll(&r, householdsOfACounty)
		invent.List(&l, householdsOfACounty, "2026-11")
		return r.Bytes(), l.Bytes()
	}
	return roll, list
}

// month is the n-th month from 2000-01 on: nothing is paid for a month after the next one, and the bench needs many.
func month(n int) string { return relief.MonthPeriod(2000*12 + n).String() }

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
