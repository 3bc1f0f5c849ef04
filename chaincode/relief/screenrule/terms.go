package screenrule

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
)

// Prefix begins the names of the registry's thresholds that are of screening. Behind it a name has the rule's id in small letters, its
// version and the term, such as screen.s08.1.days: a term that was agreed for one formula is none of the next one.
const Prefix = "screen."

// The terms that every rule has, beside its limits.
const (
	termOn       = "on"              // 1 or 0
	termSeverity = "severity"        // 1 to 3, for A to C
	termAnswer   = "answer_workdays" // 1 to MaxAnswerDays
	termShare    = "max_share_bp"    // hundredths of a percent; 0 folds nothing
	termAssessed = "assessed_on"     // the day of the impact assessment, written 20261101
)

// Terms are how a rule is carried out: as the catalogue says, and as the agencies set otherwise.
type Terms struct {
	Rule           ID               `json:"rule"`
	Version        int              `json:"version"`
	On             bool             `json:"on"`
	Severity       Severity         `json:"severity"`
	AnswerWorkdays int              `json:"answer_workdays"`
	MaxShareBP     int64            `json:"max_share_bp"`
	AssessedOn     relief.Day       `json:"assessed_on,omitempty"`
	Limits         map[string]int64 `json:"limits"`
}

// AllTerms are the terms of all rules that are carried out, in the order of the catalogue, with what the registry's thresholds set.
func AllTerms(thresholds map[string]int64) []Terms {
	var all []Terms
	for i := range Catalogue {
		if r := &Catalogue[i]; r.Missing == "" {
			all = append(all, r.terms(thresholds))
		}
	}
	return all
}

func (r *Rule) terms(thresholds map[string]int64) Terms {
	set := func(term string, otherwise int64) int64 {
		v, ok := thresholds[r.name(term)]
		if l := r.limit(term); !ok || v < l.Least || v > l.Most { // a ledger may have what was agreed to before there were bounds
			return otherwise
		}
		return v
	}
	t := Terms{Rule: r.ID, Version: r.Version, Limits: map[string]int64{}}
	t.Severity = severities[set(termSeverity, int64(slices.Index(severities, r.Severity)+1))-1]
	t.AnswerWorkdays = int(set(termAnswer, answerDays[t.Severity]))
	t.MaxShareBP = set(termShare, r.share())
	t.AssessedOn = dayOf(set(termAssessed, 0))
	t.On = set(termOn, number(!r.Private)) == 1
	for _, l := range r.Limits {
		t.Limits[l.Name] = set(l.Name, l.Default)
	}
	return t
}

func (r *Rule) share() int64 {
	if r.Folds {
		return defaultShare
	}
	return 0
}

func (r *Rule) name(term string) string {
	return Prefix + strings.ToLower(string(r.ID)) + "." + strconv.Itoa(r.Version) + "." + term
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// dayOf reads a day that is written as a number of eight digits; no day for any other.
func dayOf(n int64) relief.Day {
	s := strconv.FormatInt(n, 10)
	if len(s) != 8 {
		return ""
	}
	d, err := relief.ParseDay(s[:4] + "-" + s[4:6] + "-" + s[6:])
	if err != nil {
		return ""
	}
	return d
}

// Check refuses, with INVALID, thresholds of screening that name no rule or term of the catalogue or lie outside its bounds, and a rule
// on people's accounts that is switched on without an impact assessment. Terms of earlier versions of a rule may stay.
func Check(thresholds map[string]int64) error {
	for _, name := range slices.Sorted(maps.Keys(thresholds)) {
		rest, of := strings.CutPrefix(name, Prefix)
		if !of {
			continue
		}
		if err := checkTerm(name, strings.Split(rest, "."), thresholds[name]); err != nil {
			return err
		}
	}
	for i := range Catalogue {
		r := &Catalogue[i]
		if t := r.terms(thresholds); r.Private && t.On && t.AssessedOn == "" {
			return relief.FieldErrorf("thresholds", "规则 %s 比对账户，须先登记影响评估日期 %s · rule %s holds accounts against each other: give the day of its impact assessment as %s",
				r.ID, r.name(termAssessed), r.ID, r.name(termAssessed))
		}
	}
	return nil
}

func checkTerm(name string, parts []string, value int64) error {
	if len(parts) != 3 {
		return relief.FieldErrorf("thresholds", "筛查阈值写作 screen.s08.1.days · a threshold of screening is written screen.s08.1.days, not %s", name)
	}
	r := Find(ID(strings.ToUpper(parts[0])))
	version, err := strconv.Atoi(parts[1])
	if r == nil || err != nil || version < 1 || version > r.Version || strconv.Itoa(version) != parts[1] {
		return relief.FieldErrorf("thresholds", "没有规则 %s 的这一版本 · the catalogue has no such version of rule %s", parts[0], parts[0])
	}
	if version < r.Version {
		return nil
	}
	l := r.limit(parts[2])
	if l == nil {
		return relief.FieldErrorf("thresholds", "规则 %s 没有 %s 一项 · rule %s has no term %s", r.ID, parts[2], r.ID, parts[2])
	}
	if value < l.Least || value > l.Most || parts[2] == termAssessed && dayOf(value) == "" {
		return relief.FieldErrorf("thresholds", "%s 应在 %d 至 %d 之间 · %s is %d to %d", name, l.Least, l.Most, name, l.Least, l.Most)
	}
	return nil
}

// limit is what bounds a term of the rule; nil for no such term.
func (r *Rule) limit(term string) *Limit {
	switch term {
	case termOn:
		return &Limit{Most: 1}
	case termSeverity:
		return &Limit{Least: 1, Most: int64(len(severities))}
	case termAnswer:
		return &Limit{Least: 1, Most: MaxAnswerDays}
	case termShare:
		return &Limit{Most: 10_000}
	case termAssessed:
		return &Limit{Least: 20000101, Most: 21991231}
	}
	i := slices.IndexFunc(r.Limits, func(l Limit) bool { return l.Name == term })
	if i < 0 {
		return nil
	}
	return &r.Limits[i]
}
