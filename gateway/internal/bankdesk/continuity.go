package bankdesk

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
)

// bankStatement is one statement of an account, all of its pages.
type bankStatement struct {
	pages []StatementLine
	all   bankfile.Statement // its day and number, its balances and sums
}

// chain follows the statements by day and number: each must be whole, lead from its opening to its closing balance, begin
// where the one before ended, and have the next number. Banks begin with 1 each year, or never.
func (r *AccountReconciliation) chain() {
	statements := pagesTogether(r.Statements)
	inOrder(statements)
	r.Statements = r.Statements[:0]
	var before *bankfile.Statement
	for i := range statements {
		var s *bankStatement
		if before == nil {
			s = begin(statements)
		} else {
			s = follow(statements[i:], before.Closing)
		}
		r.link(s, before)
		r.Statements = append(r.Statements, s.pages...)
		before = &s.all
	}
	if before != nil {
		r.Opening, r.Closing = statements[0].all.Opening, before.Closing
	}
}

// pagesTogether puts the pages of each statement together.
func pagesTogether(lines []StatementLine) []bankStatement {
	type name struct {
		id     string
		number uint64
	}
	var out []bankStatement
	at := map[name]int{}
	for i := range lines {
		l := &lines[i]
		n, known := at[name{l.ID, l.Sequence}]
		if l.Page == 0 || !known || slices.ContainsFunc(out[n].pages, func(p StatementLine) bool { return p.Page == l.Page || p.Page == 0 }) {
			at[name{l.ID, l.Sequence}] = len(out)
			out = append(out, bankStatement{pages: []StatementLine{*l}})
			continue
		}
		out[n].pages = append(out[n].pages, *l)
	}
	for i := range out {
		out[i].sum()
	}
	return out
}

func (s *bankStatement) sum() {
	slices.SortStableFunc(s.pages, func(a, b StatementLine) int { return a.Page - b.Page })
	s.all = bankfile.Statement{ID: s.pages[0].ID, Sequence: s.pages[0].Sequence}
	for i := range s.pages {
		p := &s.pages[i]
		if s.all.Opening == nil {
			s.all.Opening = p.Opening
		}
		if p.Closing != nil {
			s.all.Closing = p.Closing
		}
		s.all.Day = max(s.all.Day, p.Day)
		s.all.Debits += p.Debits
		s.all.Credits += p.Credits
	}
}

// whole reports whether no page is missing. A statement without page numbers has one. Pages of messages need not begin with the first nor end
// with the last one: there the balances say whether the statement is whole.
func (s *bankStatement) whole() bool {
	first, last := s.pages[0], s.pages[len(s.pages)-1]
	if len(s.pages) == 1 && first.Page == 0 {
		return true
	}
	from := 1
	if first.Part {
		from = first.Page
	}
	for i := range s.pages {
		if s.pages[i].Page != from+i {
			return false
		}
	}
	if first.Part {
		ties, _ := s.all.TiesOut()
		return ties
	}
	return last.Last
}

// inOrder sorts by day and number; by number alone where days are missing.
func inOrder(statements []bankStatement) {
	dated := !slices.ContainsFunc(statements, func(s bankStatement) bool { return s.all.Day == "" })
	slices.SortStableFunc(statements, func(a, b bankStatement) int {
		if dated && a.all.Day != b.all.Day {
			return strings.Compare(a.all.Day, b.all.Day)
		}
		return cmp.Compare(a.all.Sequence, b.all.Sequence)
	})
}

// follow brings the statement to the front that begins with a balance, out of those of one day and number: without numbers nothing
// else says which was first.
func follow(rest []bankStatement, balance *bankfile.Balance) *bankStatement {
	group := alike(rest)
	for i := range group {
		if opening := group[i].all.Opening; balance != nil && opening != nil && *opening == *balance {
			rest[0], rest[i] = rest[i], rest[0]
			break
		}
	}
	return &rest[0]
}

// begin brings the statement to the front, out of the first ones of one day and number, that begins where none of the others ends.
func begin(all []bankStatement) *bankStatement {
	group := alike(all)
	for i := range group {
		opening := group[i].all.Opening
		ends := func(s bankStatement) bool {
			return opening == nil || s.all.Closing != nil && *s.all.Closing == *opening
		}
		if !slices.ContainsFunc(group[:i], ends) && !slices.ContainsFunc(group[i+1:], ends) {
			all[0], all[i] = all[i], all[0]
			break
		}
	}
	return &all[0]
}

// alike are the statements of the same day and number as the first.
func alike(all []bankStatement) []bankStatement {
	n := slices.IndexFunc(all, func(s bankStatement) bool {
		return s.all.Day != all[0].all.Day || s.all.Sequence != all[0].all.Sequence
	})
	if n < 0 {
		return all
	}
	return all[:n]
}

// nextNumber reports whether a statement's number follows the one before. Statements without numbers are held together by
// their balances.
func nextNumber(before, s *bankfile.Statement) bool {
	was, is := numberOf(before), numberOf(s)
	switch {
	case was == 0 && is == 0:
		return true
	case is == was+1 && was > 0:
		return true
	}
	return is == 1 && yearOf(s.Day) == yearOf(before.Day)+1
}

// numberOf is a statement's number in its year: some banks write the year before it (2026365, 26365), and some write its day (20261231),
// which is no number.
func numberOf(s *bankfile.Statement) uint64 {
	text := strconv.FormatUint(s.Sequence, 10)
	if text == strings.ReplaceAll(s.Day, "-", "") {
		return 0
	}
	rest, ok := strings.CutPrefix(text, strconv.Itoa(yearOf(s.Day)))
	if n, err := strconv.ParseUint(rest, 10, 64); ok && err == nil && len(rest) >= 2 && len(rest) <= 4 {
		return n
	}
	if short := uint64(yearOf(s.Day) % 100); s.Day != "" && len(text) == 5 && s.Sequence/1000 == short { //nolint:gosec // 0 to 99
		return s.Sequence % 1000
	}
	return s.Sequence
}

func yearOf(day string) (year int) {
	_, _ = fmt.Sscanf(day, "%4d-", &year) // 0 without a day
	return year
}

// link adds one statement to the sums and looks at how it follows the one before.
func (r *AccountReconciliation) link(s *bankStatement, before *bankfile.Statement) {
	r.Debits += s.all.Debits
	r.Credits += s.all.Credits
	ties, ok := s.all.TiesOut()
	for i := range s.pages {
		s.pages[i].TiesOut = ties
	}
	name := s.all.ID
	if !s.whole() {
		r.gap("missing-page", "对账单 "+name+" 缺页 · a page of the statement is missing")
	}
	switch {
	case !ok:
		r.gap("no-balance", "对账单 "+name+" 没有期初或期末余额 · the statement has no opening or closing balance")
	case !ties:
		r.gap("statement-sums", "对账单 "+name+" 的明细与余额不符 · the statement's entries do not lead from its opening to its closing balance")
	}
	if before == nil {
		return
	}
	if !nextNumber(before, &s.all) {
		r.gap("missing-statement", fmt.Sprintf("对账单序号不连续：%d 之后为 %d · statements are missing: number %d is followed by %d",
			before.Sequence, s.all.Sequence, before.Sequence, s.all.Sequence))
	}
	if before.Closing != nil && s.all.Opening != nil && *before.Closing != *s.all.Opening {
		r.gap("broken-chain", "对账单 "+name+" 的期初余额与上一期期末不同 · the statement does not begin where the one before ended")
	}
}

func (r *AccountReconciliation) gap(code, text string) {
	r.discrepancy(code, text, Tally{Sum: relief.Fen(0)})
}
