package programme

import "relieftrail/chaincode/relief"

// Parameters are fixed by the founding of the registry and never change afterwards.
type Parameters struct {
	// MinNoticeDays is the shortest time of a public notice, in days. 0 is for test networks.
	MinNoticeDays int `json:"min_notice_days"`
	// MaxPublishWorkdays is the longest time of publication: the working days after the pay-by day in which a list is in time, however much
	// longer a programme would take. 0 is the days of the law.
	MaxPublishWorkdays int `json:"max_publish_workdays,omitempty"`
	// MaxOnlineDays is the longest time that a list is shown, in days. 0 is the longest that a founding may fix.
	MaxOnlineDays int `json:"max_online_days,omitempty"`
}

// The bounds of what a founding may fix, and of what a programme says. The regulations on open government information (政府信息公开条例
// §26) give 20 working days.
const (
	lawPublishWorkdays = 20
	usualOnlineDays    = 90
	minOnlineDays      = 7
	longestOnlineDays  = 365
)

// DefaultParameters are valid where the founding named none.
var DefaultParameters = Parameters{MinNoticeDays: 7, MaxPublishWorkdays: lawPublishWorkdays, MaxOnlineDays: longestOnlineDays}

// AllowFounding refuses parameters that a founding may not fix: a public notice has the days of the regulation (R16) or more, or none at all
// on a test network; a list is published within the law's working days.
func (p Parameters) AllowFounding() error {
	switch {
	case p.MinNoticeDays != 0 && (p.MinNoticeDays < DefaultParameters.MinNoticeDays || p.MinNoticeDays > 60):
		return relief.FieldErrorf("parameters", "the shortest public notice is 7 to 60 days, or 0 on a test network")
	case p.MaxPublishWorkdays < 0 || p.MaxPublishWorkdays > lawPublishWorkdays:
		return relief.FieldErrorf("parameters", "the longest time of publication is 1 to %d working days", lawPublishWorkdays)
	case p.MaxOnlineDays != 0 && (p.MaxOnlineDays < minOnlineDays || p.MaxOnlineDays > longestOnlineDays):
		return relief.FieldErrorf("parameters", "the longest time on line is %d to %d days", minOnlineDays, longestOnlineDays)
	}
	return nil
}

// Allow refuses a version whose public notice is shorter than MinNoticeDays (R16), or whose lists come later or are shown for longer
// than the founding allows (R26). Where help comes first no decision waits for a notice, and the programme says how long the one
// afterwards lasts.
func (p Parameters) Allow(v *Version) error {
	if !v.HelpFirst() && v.NoticeDays < p.MinNoticeDays {
		return relief.FieldErrorf("notice_days", "the public notice lasts at least %d days on this ledger", p.MinNoticeDays)
	}
	if v.PublishWorkdays < 0 || v.PublishWorkdays > p.maxPublishWorkdays() {
		return relief.FieldErrorf("publish_workdays", "a list is published within 1 to %d working days after the pay-by day on this ledger", p.maxPublishWorkdays())
	}
	if v.OnlineDays != 0 && (v.OnlineDays < minOnlineDays || v.OnlineDays > p.maxOnlineDays()) {
		return relief.FieldErrorf("online_days", "a list is on line for %d to %d days on this ledger", minOnlineDays, p.maxOnlineDays())
	}
	return nil
}

// NoticeDays is the length of a notice in days: the programme's, and never less than MinNoticeDays where the decision waits for it.
func (p Parameters) NoticeDays(v *Version) int {
	if v.HelpFirst() {
		return v.NoticeDays
	}
	return max(v.NoticeDays, p.MinNoticeDays)
}

// PublishWorkdays are the working days in which a list is in time: the programme's, and never more than the founding's.
func (p Parameters) PublishWorkdays(v *Version) int {
	if v.PublishWorkdays == 0 {
		return p.maxPublishWorkdays()
	}
	return min(v.PublishWorkdays, p.maxPublishWorkdays())
}

// OnlineDays are the days that a list is shown: the programme's, and never more than the founding's.
func (p Parameters) OnlineDays(v *Version) int {
	if v.OnlineDays == 0 {
		return min(usualOnlineDays, p.maxOnlineDays())
	}
	return min(v.OnlineDays, p.maxOnlineDays())
}

func (p Parameters) maxPublishWorkdays() int {
	if p.MaxPublishWorkdays == 0 {
		return lawPublishWorkdays
	}
	return p.MaxPublishWorkdays
}

func (p Parameters) maxOnlineDays() int {
	if p.MaxOnlineDays == 0 {
		return longestOnlineDays
	}
	return p.MaxOnlineDays
}
