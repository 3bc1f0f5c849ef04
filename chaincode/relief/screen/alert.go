package screen

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/screenrule"
)

// schema is the form of a report. A rule has a version of its own.
const schema = "relieftrail/screening/v1"

// Question asks what the rules find in a region as of a block.
type Question struct {
	Region relief.Region `json:"region"`
	Block  uint64        `json:"block"`
}

// Step is the step at fault: the act of a record, and who did it. Nobody is named where a step was left out.
type Step struct {
	Record   string     `json:"record"`
	Act      relief.Act `json:"act"`
	Agency   string     `json:"agency,omitempty"`   // MSP id
	Official string     `json:"official,omitempty"` // staff number
	Tx       string     `json:"tx,omitempty"`
}

// Value is a number of an alert, by its name.
type Value struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

// Alert is a question (预警) to a step. Whoever answers is of the kind and role, and is not the official of the step.
type Alert struct {
	ID        string              `json:"id"` // SHA-256 of rule, version, what it is about, and period
	Rule      screenrule.ID       `json:"rule"`
	Version   int                 `json:"version"`
	Severity  screenrule.Severity `json:"severity"`
	Programme relief.ProgrammeID  `json:"programme,omitempty"`
	Region    relief.Region       `json:"region"`
	About     []string            `json:"about"` // records, such as case/c-17
	Period    string              `json:"period,omitempty"`
	Step      Step                `json:"step"`
	Answers   screenrule.Answerer `json:"answers"`
	AnswerBy  relief.Day          `json:"answer_by"` // when it is raised on the day of the block
	Values    []Value             `json:"values"`
}

func (a *Alert) identify() {
	h := sha256.New()
	for _, part := range slices.Concat([]string{"relieftrail/alert/v1", string(a.Rule), strconv.Itoa(a.Version)}, a.About, []string{a.Period}) {
		h.Write([]byte(part + "\x00"))
	}
	a.ID = hex.EncodeToString(h.Sum(nil))
}

// Outcome is what a rule came to in a region.
type Outcome struct {
	screenrule.Terms
	Looked int `json:"looked"` // at how many cases, entries, payments, batches or tranches
	Found  int `json:"found"`  // before alerts were folded
}

// Report is what the rules find.
type Report struct {
	Schema string `json:"schema"`
	Question
	Today  relief.Day `json:"today"` // of the block
	Rules  []Outcome  `json:"rules"`
	Alerts []Alert    `json:"alerts"` // by rule, then by what they are about
}

// Digest is the SHA-256 of the report as JSON.
func (r *Report) Digest() string {
	b, _ := json.Marshal(r) // text and numbers: cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Alert is the alert with an id, or with the beginning of one that no other alert shares; nil for none.
func (r *Report) Alert(id string) *Alert {
	var found *Alert
	for i := range r.Alerts {
		if id == "" || !strings.HasPrefix(r.Alerts[i].ID, id) {
			continue
		}
		if found != nil {
			return nil
		}
		found = &r.Alerts[i]
	}
	return found
}

// inOrder is the one order of alerts: no two rules, and no rule twice, ask the same.
func inOrder(a, b Alert) int {
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), slices.Compare(a.About, b.About), cmp.Compare(a.Period, b.Period))
}

// folded puts one alert in place of those of a rule in a county that are more than its share of what the rule looked at: then the rule, or
// the county's way of working, is the question.
func (s *screening) folded(alerts []Alert) []Alert {
	of := func(a *Alert) lookedAt { return lookedAt{a.Rule, countyOf(a.Region)} }
	found := map[lookedAt]int64{}
	for i := range alerts {
		found[of(&alerts[i])]++
	}
	var kept []Alert
	done := map[lookedAt]bool{}
	for i := range alerts {
		a, g := &alerts[i], of(&alerts[i])
		n, looked := found[g], int64(s.looked[g])
		t := s.terms[a.Rule]
		if t.MaxShareBP == 0 || n < screenrule.FoldFrom || n*10_000 <= t.MaxShareBP*looked {
			kept = append(kept, *a)
			continue
		}
		if done[g] {
			continue
		}
		done[g] = true
		name := "region/" + string(g.county)
		one := Alert{
			Rule: a.Rule, Version: a.Version, Severity: a.Severity, Region: g.county, About: []string{name}, Period: string(s.today[:7]),
			Step: Step{Record: name, Act: a.Step.Act}, Answers: a.Answers, AnswerBy: a.AnswerBy, Values: []Value{{"alerts", n}, {"looked_at", looked}},
		}
		one.identify()
		kept = append(kept, one)
	}
	return kept
}

// countyOf is the county of a region, or the region where it is larger.
func countyOf(r relief.Region) relief.Region {
	if c := r.County(); c != "" {
		return c
	}
	return r
}
