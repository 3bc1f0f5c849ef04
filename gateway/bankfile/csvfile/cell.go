package csvfile

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Trim takes surrounding spaces away, the ideographic one and those without a width too, among them a byte order mark in the middle of a file.
func Trim(b []byte) []byte {
	if n := len(b); n > 0 && b[0] > ' ' && b[0] < utf8.RuneSelf && b[n-1] > ' ' && b[n-1] < utf8.RuneSelf {
		return b
	}
	return bytes.TrimFunc(b, space)
}

// space reports whether a character is a space or is not seen.
func space(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x200b && r <= 0x200f || r == 0x2060 || r == 0xfeff
}

// Title is the name of a column as it is compared: without spaces and line ends, which writers put into it to fill or break a cell, and
// with plain characters for full-width ones.
func Title(cell string) string {
	return strings.Map(func(r rune) rune {
		if space(r) {
			return -1
		}
		return r
	}, width.Fold.String(cell))
}

// Code is a cell that holds a number or a code: trimmed, with plain characters for full-width ones, and without the mark with which
// spreadsheets and banks keep it as text (' or `).
func Code(cell string) string {
	text := width.Fold.String(string(Trim([]byte(cell))))
	if len(text) > 1 && (text[0] == '\'' || text[0] == '`') {
		return text[1:]
	}
	return text
}

// thousands is an amount whose digits stand in groups.
var thousands = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$`)

// Amount is an amount in yuan as digits with a point: without the sign of the currency and the commas between groups. Other texts are as
// they are.
func Amount(code string) string {
	text := strings.TrimSuffix(code, "元")
	for _, sign := range []string{"¥", "CNY", "RMB"} {
		text = strings.TrimPrefix(text, sign)
	}
	if text = strings.TrimSpace(text); thousands.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	return text
}

// dayForms are the forms of a day that begin with the year, which can be read in one way only; a time may follow.
var dayForms = []*regexp.Regexp{
	regexp.MustCompile(`^([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{6}|[ T][0-9:.]{4,})?$`),
	regexp.MustCompile(`^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]*[0-9]{1,2}:[0-9:.]{2,})?$`),
}

// Day reads a day.
func Day(code string) (time.Time, bool) {
	for _, form := range dayForms {
		if found := form.FindStringSubmatch(code); found != nil {
			year, _ := strconv.Atoi(found[1]) // digits, as the next ones
			month, _ := strconv.Atoi(found[2])
			day, _ := strconv.Atoi(found[3])
			t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
			return t, t.Day() == day && int(t.Month()) == month
		}
	}
	return time.Time{}, false
}
