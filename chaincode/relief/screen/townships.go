package screen

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"relieftrail/chaincode/relief"
)

// townFacts is what a township adds to the comparison of a county's.
type townFacts struct {
	answered, returned int64 // payments of twelve months
	decided, refused   int64 // applications of twelve months
}

// town is that of a region; a county's own people are none's.
func (s *screening) town(r relief.Region) *townFacts {
	t := townshipOf(r)
	if s.towns[t] == nil {
		s.towns[t] = &townFacts{}
	}
	return s.towns[t]
}

// townships holds the townships of each county against each other (S33).
func (s *screening) townships() {
	counties := map[relief.Region][]relief.Region{}
	for t := range s.towns { // sorted below
		if t != "" {
			counties[t.County()] = append(counties[t.County()], t)
		}
	}
	for _, county := range slices.Sorted(maps.Keys(counties)) {
		towns := slices.Sorted(slices.Values(counties[county]))
		if !s.on("S33", county, len(towns)) {
			continue
		}
		s.sharesOf(towns, "returned", func(t *townFacts) share { return share{t.returned, t.answered} })
		s.sharesOf(towns, "refused", func(t *townFacts) share { return share{t.refused, t.decided} })
	}
	s.amountsOf()
}

func (s *screening) sharesOf(towns []relief.Region, what string, of func(*townFacts) share) {
	var names []relief.Region
	var shares []share
	for _, t := range towns {
		if sh := of(s.towns[t]); sh.n > 0 {
			names, shares = append(names, t), append(shares, sh)
		}
	}
	if int64(len(shares)) < s.limit("S33", "min") {
		return
	}
	for _, i := range outliers(shares, s.limit("S33", "z")) {
		s.raise("S33", Alert{
			Region: names[i], About: []string{"region/" + string(names[i]), what}, Period: string(s.today[:7]),
			Step: Step{Record: "region/" + string(names[i])}, Values: []Value{{what, shares[i].x}, {"of", shares[i].n}, {"townships", int64(len(shares))}},
		})
	}
}

// amountsOf holds the fen a person of townships against each other, in the last closed month of each roll.
func (s *screening) amountsOf() {
	last := map[Roll]*monthFacts{}
	for i := range s.months {
		m := &s.months[i]
		if l := last[m.at]; l == nil || l.period.LastMonth() < m.period.LastMonth() {
			last[m.at] = m
		}
	}
	type town struct {
		code         relief.Region
		fen, persons int64
	}
	for at, m := range last { // in any order: alerts are sorted
		sums := map[relief.Region]*town{}
		for i := range m.month.Villages {
			v := &m.month.Villages[i]
			t := townshipOf(v.Code)
			if t == "" || v.Persons == 0 {
				continue
			}
			if sums[t] == nil {
				sums[t] = &town{code: t}
			}
			sums[t].fen += int64(v.Sum)
			sums[t].persons += int64(v.Persons)
		}
		if !s.on("S33", at.County, 0) || int64(len(sums)) < s.limit("S33", "min") {
			continue
		}
		towns := slices.SortedFunc(maps.Values(sums), func(a, b *town) int { return cmp.Compare(a.code, b.code) })
		values := make([]*big.Rat, len(towns))
		for i, t := range towns {
			values[i] = big.NewRat(t.fen, t.persons)
		}
		for _, i := range amountOutliers(values, s.limit("S33", "z")) {
			t := towns[i]
			s.raise("S33", Alert{
				Programme: at.Programme, Region: t.code, About: []string{"region/" + string(t.code), "fen_a_person", rollName(at)}, Period: m.period.String(),
				Step: Step{Record: "region/" + string(t.code)}, Values: []Value{{"fen", t.fen}, {"persons", t.persons}, {"townships", int64(len(towns))}},
			})
		}
	}
}
