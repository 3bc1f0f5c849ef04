package indicator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Question says whose indicators are wanted, and as of which block.
type Question struct {
	Programme relief.ProgrammeID `json:"programme"`
	Region    relief.Region      `json:"region"`
	Period    Span               `json:"period"`
	Block     uint64             `json:"block"` // the last block that counts
}

// Stand says whether figures may still change.
type Stand string

// The stands of figures.
const (
	Provisional Stand = "provisional" // as of a block before the final one
	Final       Stand = "final"       // as of the first block on the 45th day after the period's end, or later
	Later       Stand = "later"       // as of a block after the final one
)

// Moment is where the ledger stands at the block of a question.
type Moment struct {
	Today relief.Day // of the latest transaction
	// Final is the first block whose day is on or after the span's FinalOn; nil when there is none yet, and for a ledger that began
	// on that day or later: of such a period all figures stay provisional.
	Final *uint64
}

// Report has the indicators of a question. Two reports of the same question are the same bytes as JSON.
type Report struct {
	Schema string `json:"schema"`
	Question
	Today relief.Day `json:"today"` // of the ledger at the block
	Stand Stand      `json:"stand"`
	// FinalOn is the first day on which the figures are final.
	FinalOn relief.Day `json:"final_on"`
	// Months are the closed months that were added up, NotClosed those with payments that nobody has closed: what they hold is missing.
	Months     []Closed `json:"months"`
	NotClosed  []Closed `json:"not_closed"`
	Indicators []Value  `json:"indicators"`
	Parts      []Weight `json:"parts"`
	Score      string   `json:"score"` // of a hundred, half up; "–" when nothing can be scored
	Grade      Grade    `json:"grade,omitempty"`
}

// Closed is a closed month, or one that is not.
type Closed struct {
	County  relief.Region `json:"county"`
	Period  relief.Period `json:"period"`
	Version int64         `json:"version,omitempty"`
}

// Value is an indicator.
type Value struct {
	Code Code `json:"code"`
	Ratio
	Unit   Unit   `json:"unit"`
	Shown  string `json:"shown"`
	Known  Known  `json:"known"`
	AtMost bool   `json:"at_most,omitempty"`
	// Target is the target, the highest of those of the year's tranches; of an upper bound the lowest. "" for none.
	Target string `json:"target,omitempty"`
	Met    *bool  `json:"met,omitempty"`
	Score  string `json:"score,omitempty"` // of the points of its part

	target int64
}

// Weight is a part of the score.
type Weight struct {
	Part   Part  `json:"part"`
	Weight int64 `json:"weight"`
	// Scored reports whether any of its indicators has a value and a target. The weight of a part without one is spread over the others.
	Scored bool   `json:"scored"`
	Points string `json:"points"` // of the weight with what was spread to it
	Score  string `json:"score"`
}

// Schema is the schema of a report.
const Schema = "relieftrail/indicators/v1"

// Counted are the facts that a question counts on a day, of those of any records.
func (q *Question) Counted(facts []Fact, today relief.Day) []Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool {
		return f.Programme != q.Programme || !q.Region.Covers(f.Region) || !q.Period.holds(&f) || !f.Counts(today)
	})
}

// NewReport adds up the facts that a question counts. p is the programme at the block.
func NewReport(q Question, at Moment, facts []Fact, p *programme.Programme) Report {
	r := Report{
		Schema: Schema, Question: q, Today: at.Today, Stand: Provisional, FinalOn: q.Period.FinalOn(), Months: []Closed{}, NotClosed: []Closed{},
		Indicators: []Value{}, Parts: []Weight{}, Score: "–",
	}
	if at.Final != nil {
		switch {
		case *at.Final == q.Block:
			r.Stand = Final
		case *at.Final < q.Block:
			r.Stand = Later
		}
	}
	r.months(facts)
	sums, targets := map[Code]Ratio{}, map[Code]int64{}
	for i := range facts {
		add(sums, targets, &facts[i])
	}
	known := sums[AccuracyKnown]
	sums[AccuracyKnown] = Ratio{max(known.Num, 0), known.Den}
	if n := helpedLast(facts); n > 0 {
		sums[CoverageKnown] = Ratio{n, n + sums[Waiting].Den}
	}
	for i := range Table {
		r.Indicators = append(r.Indicators, valueOf(&Table[i], sums, targets))
	}
	weights := programme.UsualWeights
	if p != nil {
		if v, err := p.VersionFor(relief.MonthPeriod(q.Period.last)); err == nil {
			weights = v.ScoreWeights()
		}
	}
	r.score(weights)
	return r
}

func add(sums map[Code]Ratio, targets map[Code]int64, f *Fact) {
	if len(f.Code) > len(target) && f.Code[:len(target)] == target {
		code := f.Code[len(target):]
		was, known := targets[code]
		switch d := Of(code); {
		case d == nil:
		case !known:
			targets[code] = f.Num
		case d.AtMost:
			targets[code] = min(was, f.Num)
		default:
			targets[code] = max(was, f.Num)
		}
		return
	}
	s := sums[f.Code]
	sums[f.Code] = Ratio{s.Num + f.Num, s.Den + f.Den}
}

// helpedLast counts the households of the last closed month of each county.
func helpedLast(facts []Fact) (households int64) {
	last := map[relief.Region]*Fact{}
	for i := range facts {
		if f := &facts[i]; f.Code == helped && (last[f.Region] == nil || last[f.Region].Last < f.Last) {
			last[f.Region] = f
		}
	}
	for _, f := range last { // in any order: a sum
		households += f.Num
	}
	return households
}

// months lists the months that were closed, and those with payments that were not.
func (r *Report) months(facts []Fact) {
	closed := map[Closed]bool{}
	for i := range facts {
		if f := &facts[i]; f.Code == closedMonth {
			m := monthOf(f)
			closed[m] = true
			m.Version = f.Num
			r.Months = append(r.Months, m)
		}
	}
	for i := range facts {
		if f := &facts[i]; f.Code == listedMonth && !closed[monthOf(f)] {
			closed[monthOf(f)] = true
			r.NotClosed = append(r.NotClosed, monthOf(f))
		}
	}
	for _, list := range [][]Closed{r.Months, r.NotClosed} {
		slices.SortFunc(list, func(a, b Closed) int {
			return cmp.Or(cmp.Compare(a.County, b.County), cmp.Compare(a.Period.FirstMonth(), b.Period.FirstMonth()))
		})
	}
}

func monthOf(f *Fact) Closed {
	if f.Last == f.First+2 {
		return Closed{County: f.Region, Period: relief.QuarterOf(f.First)}
	}
	return Closed{County: f.Region, Period: relief.MonthPeriod(f.First)}
}

// fullTarget is the target of what was paid of a budget when no tranche names one: all tables have it.
const fullTarget = 10_000

func valueOf(d *Definition, sums map[Code]Ratio, targets map[Code]int64) Value {
	v := Value{Code: d.Code, Ratio: sums[d.Code], Unit: d.Unit, Known: d.Known, AtMost: d.AtMost, target: -1}
	v.Shown = v.Ratio.Shown(d.Unit)
	if t, ok := targets[d.Code]; ok {
		v.target = t
	} else if d.Code == BudgetExecution {
		v.target = fullTarget
	}
	if v.target < 0 {
		return v
	}
	v.Target = relief.Fen(v.target).String()
	if !v.None() {
		met := v.Meets(v.target, d.AtMost)
		v.Met = &met
	}
	return v
}

// score weighs the indicators that have a value and a target: those of a part share its weight equally, the weight of a part without
// any is spread over the others.
func (r *Report) score(w programme.Weights) {
	of := map[Part][]int{}
	var scored int64
	for i := range r.Indicators {
		if v := &r.Indicators[i]; v.target >= 0 && !v.None() {
			part := Of(v.Code).Part
			if len(of[part]) == 0 {
				scored += weightOf(w, part)
			}
			of[part] = append(of[part], i)
		}
	}
	total := new(big.Rat)
	for _, part := range Parts {
		weight := Weight{Part: part, Weight: weightOf(w, part), Scored: len(of[part]) > 0, Points: "–", Score: "–"}
		if weight.Scored && scored > 0 {
			points := big.NewRat(weight.Weight*100, scored)
			sum := new(big.Rat)
			for _, i := range of[part] {
				sum.Add(sum, r.Indicators[i].scored(new(big.Rat).Quo(points, big.NewRat(int64(len(of[part])), 1))))
			}
			total.Add(total, sum)
			weight.Points, weight.Score = Points(points), Points(sum)
		}
		r.Parts = append(r.Parts, weight)
	}
	if scored > 0 {
		r.Score, r.Grade = Points(total), GradeOf(total)
	}
}

// scored notes what the indicator gets of so many points.
func (v *Value) scored(points *big.Rat) *big.Rat {
	g := Goal{Value: v.Rat(), Target: big.NewRat(v.target, 10_000), AtMost: v.AtMost, Points: points}
	score := g.Score()
	v.Score = Points(score)
	return score
}

// Digest is the SHA-256 of the report as JSON: agencies whose digests are the same have the same figures, byte by byte.
func (r *Report) Digest() string {
	b, _ := json.Marshal(r) //nolint:errchkjson // texts and numbers
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
