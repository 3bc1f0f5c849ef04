package screen

import (
	"cmp"
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
)

// grants looks at single grants and free amounts (S27, S29, S30, S31).
func (s *screening) grants() {
	all := s.cases.grants
	slices.SortFunc(all, func(a, b grant) int { return cmp.Or(cmp.Compare(a.on, b.on), cmp.Compare(a.c.ID, b.c.ID)) })
	s.underTheLimit(all)
	s.inSlices(all)
	s.december(all)
	s.firstDigits(all)
}

func (s *screening) underTheLimit(all []grant) {
	type decider struct {
		who
		programme relief.ProgrammeID
	}
	type near struct {
		k, m  int64
		limit relief.Fen
	}
	by := map[decider]*near{}
	for i := range all {
		g := &all[i]
		if g.limit == 0 || !s.recent(g.on) || !s.on("S27", g.c.Region, 1) {
			continue
		}
		d := decider{g.by, g.c.Programme}
		n := by[d]
		if n == nil || n.limit != g.limit { // another limit begins again
			n = &near{limit: g.limit}
			by[d] = n
		}
		switch {
		case g.amount > g.limit:
		case g.amount*10 >= g.limit*9:
			n.k++
		case g.amount*10 >= g.limit*8:
			n.m++
		}
	}
	for d, n := range by { // in any order: alerts are sorted
		if n.k+n.m >= s.limit("S27", "min") && crowded(n.k, n.m, s.limit("S27", "one_in")) {
			s.raise("S27", Alert{
				Programme: d.programme, Region: d.county, About: append(d.about(), "programme/"+string(d.programme)), Period: string(s.today[:7]),
				Step:   d.step(relief.ActCaseDecideTownship),
				Values: []Value{{"just_under", n.k}, {"below_that", n.m}, {"limit_fen", int64(n.limit)}},
			})
		}
	}
}

func (s *screening) inSlices(all []grant) {
	type household struct {
		programme relief.ProgrammeID
		head      relief.SubjectRef
	}
	of := map[household][]*grant{}
	for i := range all {
		g := &all[i]
		if g.limit == 0 || !s.recent(g.on) || g.amount >= g.limit || !s.on("S29", g.c.Region, 1) {
			continue
		}
		h := household{g.c.Programme, g.c.Head()}
		of[h] = append(of[h], g)
	}
	for _, grants := range of { // in any order: alerts are sorted
		var sum relief.Fen
		about := make([]string, 0, len(grants))
		for _, g := range grants {
			sum += g.amount
			about = append(about, caseName(g.c))
		}
		last := grants[len(grants)-1]
		if int64(len(grants)) >= s.limit("S29", "min") && sum > last.limit {
			s.raise("S29", Alert{
				Programme: last.c.Programme, Region: last.c.Region, About: about, Step: last.step,
				Values: []Value{{"grants", int64(len(grants))}, {"sum_fen", int64(sum)}, {"limit_fen", int64(last.limit)}},
			})
		}
	}
}

func (s *screening) december(all []grant) {
	type year struct {
		at   Roll
		year string
	}
	type sums struct{ n, all, december int64 }
	of := map[year]*sums{}
	for i := range all {
		g := &all[i]
		of12, ended := string(g.on[:4]), relief.Day(g.on[:4]+"-12-31")
		if g.freeOnly || ended >= s.today || !s.recent(ended) || !s.on("S30", g.c.Region, 1) {
			continue
		}
		y := year{Roll{g.c.Programme, countyOf(g.c.Region)}, of12}
		if of[y] == nil {
			of[y] = &sums{}
		}
		of[y].n++
		of[y].all += int64(g.amount)
		if g.on[5:7] == "12" {
			of[y].december += int64(g.amount)
		}
	}
	for y, t := range of { // in any order: alerts are sorted
		if t.n >= s.limit("S30", "min") && t.december*100 > s.limit("S30", "percent")*t.all {
			s.raise("S30", Alert{
				Programme: y.at.Programme, Region: y.at.County, About: []string{rollName(y.at)}, Period: y.year,
				Values: []Value{{"december_fen", t.december}, {"year_fen", t.all}, {"grants", t.n}},
			})
		}
	}
}

func rollName(r Roll) string { return "roll/" + string(r.Programme) + "/" + string(r.County) }

func (s *screening) firstDigits(all []grant) {
	type digits struct {
		counts      [9]int64
		n           int64
		least, most relief.Fen
	}
	of := map[Roll]*digits{}
	for i := range all {
		g := &all[i]
		if g.amount <= 0 || !s.recent(g.on) || !s.on("S31", g.c.Region, 1) {
			continue
		}
		at := Roll{g.c.Programme, countyOf(g.c.Region)}
		d := of[at]
		if d == nil {
			d = &digits{least: g.amount, most: g.amount}
			of[at] = d
		}
		d.n++
		d.counts[firstDigit(int64(g.amount))-1]++
		d.least, d.most = min(d.least, g.amount), max(d.most, g.amount)
	}
	for at, d := range of { // in any order: alerts are sorted
		if d.n < s.limit("S31", "min") || d.most < 100*d.least || !benfordOff(d.counts, s.limit("S31", "mad")) {
			continue
		}
		a := Alert{Programme: at.Programme, Region: at.County, About: []string{rollName(at)}, Period: string(s.today[:7])}
		for i, c := range d.counts {
			a.Values = append(a.Values, Value{"digit_" + strconv.Itoa(i+1), c})
		}
		s.raise("S31", a)
	}
}

// villages looks for months in which a village's decisions bring far more people than before (S34).
func (s *screening) villages() {
	b := &s.cases
	for at, k := range b.entries { // in any order: alerts are sorted
		now := s.today.Month()
		if at.month > now || at.month <= now-horizonMonths || b.first[at.roll] > at.month-horizonMonths || !s.on("S34", at.village, 1) {
			continue
		}
		var sum, most int64
		for back := 1; back <= horizonMonths; back++ {
			n := b.entries[villageMonth{at.roll, at.village, at.month - back}]
			sum, most = sum+n, max(most, n)
		}
		if k > 2*most && poissonRare(k, sum, horizonMonths, s.limit("S34", "one_in")) {
			s.raise("S34", Alert{
				Programme: at.roll.Programme, Region: at.village, About: []string{rollName(at.roll), "region/" + string(at.village)},
				Period: relief.MonthPeriod(at.month).String(), Values: []Value{{"entries", k}, {"twelve_months", sum}, {"most", most}},
			})
		}
	}
}
