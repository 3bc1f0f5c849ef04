package bankfile

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// mtEntryForm is field 61: the value date, the day of the booking or spaces, C or D and what was reversed (R) or is expected (E), the last letter of the
// currency, the amount, the kind of booking, the payer's reference and behind two slashes the bank's; on a second line what the bank adds.
var mtEntryForm = regexp.MustCompile(`^([0-9]{6})([0-9]{4}| *)([RE]?[CD])[A-Z]?([0-9]+(?:[,.][0-9]*)?)([A-Z][A-Z0-9 ]{3})(.*)$`)

// What says that an item came back: the kind of booking (SWIFT, transaction type identification codes), and the number of the kind in the
// form with subfields (Germany's DK, Geschäftsvorfallcode).
const (
	mtReturned       = "RTI"
	mtReturnedNumber = "159"
)

// mtBooking reads an entry. ok is false for one whose field 61 cannot be read.
func mtBooking(line, info, currency string) (b booking, ok bool) {
	first, supplement, _ := strings.Cut(line, "\n")
	details := mtDetailsOf(info)
	e := &b.entry
	e.Text, e.Counterparty, e.Account = details.text, details.name, details.account
	found := mtEntryForm.FindStringSubmatch(first)
	if found == nil {
		e.Text = strings.TrimSpace(strings.ReplaceAll(line, "\n", " ") + " " + e.Text)
		return b, false
	}
	mark, kind := found[3], found[5]
	owner, bank, _ := strings.Cut(found[6], "//")
	b.credit, b.booked = "CRDT", true
	if strings.HasSuffix(mark, "D") != strings.HasPrefix(mark, "R") { // the reversal of a debit is a credit
		b.credit = "DBIT"
	}
	b.reversal = strings.HasPrefix(mark, "R")
	if strings.HasPrefix(mark, "E") {
		b.booked, b.status = false, "PDNG"
	}
	b.returned = kind[1:] == mtReturned || details.returned
	e.amount(strings.Replace(found[4], ",", ".", 1), currency)
	var dated bool
	if e.Day, dated = mtDay(found[1]); !dated {
		e.fault(BadDate)
	} else if booked := mtBookedOn(e.Day, found[2]); booked != e.Day {
		e.Booked = booked
	}
	e.Credit, e.BankRef, e.Code = b.credit == "CRDT", strings.TrimSpace(bank), clipped(strings.TrimSpace(kind+" "+details.kind))
	e.EndToEndID = mtEndToEnd(details, strings.TrimSpace(owner), supplement)
	if IsReason(details.reason) {
		copy(e.Reason[:], details.reason)
	}
	b.say(supplement + "\n" + details.joined)
	return b, true
}

// mtBookedOn is the day of a booking, which has no year: the one next to the value date, across New Year too; 0 for no day.
func mtBookedOn(value uint32, text string) (booked uint32) {
	year := time.Unix(int64(value)*86400, 0).UTC().Year()
	best := int64(1 << 32)
	for y := year - 1; y <= year+1; y++ {
		t, err := time.Parse("20060102", strconv.Itoa(y)+text)
		if day, ok := days(t); err == nil && ok {
			if away := max(int64(day)-int64(value), int64(value)-int64(day)); away < best {
				booked, best = day, away
			}
		}
	}
	return booked
}

// mtEndToEnd is the payment's id of an entry. Field 61 has room for 16 characters, which no id of a payment has: it is under the code
// EREF of field 86, or stands in the words of the bank, maybe broken at a line's end.
func mtEndToEnd(d mtDetails, owner, supplement string) string {
	if !noReference(d.endToEnd) {
		return d.endToEnd
	}
	var named mentions
	for _, text := range []string{owner, supplement, d.words} {
		named.add(text)
	}
	if len(named) == 0 {
		named.add(d.joined)
	}
	if len(named) > 0 || noReference(owner) || owner == "EREF" { // which says that field 86 has it
		return named.only()
	}
	return owner
}

// mtDetails are what field 86 says.
type mtDetails struct {
	words    string // all of it
	joined   string // all of it, its lines without spaces between
	text     string // the remittance information, or all of it
	endToEnd string
	name     string
	account  string
	kind     string // the bank's own number of the kind of booking
	returned bool
	reason   string // of a return
}

// The two structures of field 86 that banks use, besides words alone: subfields of two digits behind question marks (Germany's DK), in
// which codes with a plus sign stand; and codes between slashes (SWIFT's SCORE, and most banks of Asia).
var (
	mtSubfields  = regexp.MustCompile(`^ *(?:\?|[0-9]{3}([?<>~^@|#]))[0-9]{2}`)
	mtPlusCodes  = regexp.MustCompile(`(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)\+`)
	mtSlashCodes = regexp.MustCompile(`/([A-Z]{3,4})/`)
)

func mtDetailsOf(info string) mtDetails {
	flat := strings.ReplaceAll(info, "\n", "")
	d := mtDetails{joined: flat}
	if form := mtSubfields.FindStringSubmatch(flat); form != nil {
		d.subfields(strings.TrimLeft(flat, " "), cmp.Or(form[1], "?"))
		return d
	}
	d.words = mtJoined(info)
	d.text = d.words
	codes := mtCoded(d.words, mtSlashCodes)
	_, reference := codes["EREF"]
	_, remittance := codes["REMI"]
	_, returned := codes["RTRN"]
	if !reference && !remittance && !returned {
		return d
	}
	d.endToEnd = strings.TrimRight(firstWord(codes["EREF"]), "/")
	if text := strings.TrimSpace(strings.Trim(codes["REMI"], "/") + codes["USTD"]); text != "" {
		d.text = text
	}
	d.name, d.account = codes["NAME"], firstWord(codes["IBAN"]+codes["ACCT"])
	d.reason, _, _ = strings.Cut(strings.TrimPrefix(firstWord(codes["RTRN"]), "/"), "/")
	d.returned = returned
	return d
}

// subfields reads the form with question marks, for which some banks write another sign.
func (d *mtDetails) subfields(flat, sign string) {
	kind, rest, _ := strings.Cut(flat, sign)
	d.kind, d.returned = kind, kind == mtReturnedNumber
	var words strings.Builder
	for _, part := range strings.Split(rest, sign) {
		if len(part) < 2 {
			continue
		}
		switch number, text := part[:2], part[2:]; {
		case number >= "20" && number <= "29", number >= "60" && number <= "63":
			words.WriteString(text)
		case number == "31":
			d.account = text
		case number == "32", number == "33":
			d.name += text
		}
	}
	d.words = words.String()
	d.text = d.words
	codes := mtCoded(d.words, mtPlusCodes)
	d.endToEnd = firstWord(codes["EREF"])
	if codes["SVWZ"] != "" {
		d.text = codes["SVWZ"]
	}
}

// mtCoded takes a text apart at its codes. The first of each counts.
func mtCoded(text string, form *regexp.Regexp) map[string]string {
	codes := map[string]string{}
	found := form.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		if code := text[at[2]:at[3]]; codes[code] == "" {
			codes[code] = strings.TrimSpace(text[at[1]:end])
		}
	}
	return codes
}

// mtFullLine is how long a line is at least that was broken because it was full; SWIFT's lines have 65 characters.
const mtFullLine = 60

// mtJoined puts the lines of a text together: one that was full goes on in the next, others are followed by a space.
func mtJoined(info string) string {
	var b strings.Builder
	full := true
	for _, line := range strings.Split(info, "\n") {
		if !full {
			b.WriteByte(' ')
		}
		full = len([]rune(line)) >= mtFullLine
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return word
}
