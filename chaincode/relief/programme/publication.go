package programme

import "relieftrail/chaincode/relief"

// PublicationRules say when the list of a month is published and how long it is on line.
type PublicationRules struct {
	// PublishWorkdays are the working days after the pay-by day in which a list is in time; 0 is MaxPublishWorkdays.
	PublishWorkdays int `json:"publish_workdays,omitempty"`
	// OnlineDays are the days that a list is shown from its publication on; 0 is UsualOnlineDays. Then what it adds up to stays.
	OnlineDays int `json:"online_days,omitempty"`
}

// The bounds of publication. A programme may be earlier, never later: the regulations on open government information (政府信息公开条例
// §26) give 20 working days.
const (
	MaxPublishWorkdays = 20
	UsualOnlineDays    = 90
	MinOnlineDays      = 7
	MaxOnlineDays      = 365
)

// Workdays are the working days in which a list is in time.
func (r *PublicationRules) Workdays() int {
	if r.PublishWorkdays == 0 {
		return MaxPublishWorkdays
	}
	return r.PublishWorkdays
}

// Days are the days that a list is shown.
func (r *PublicationRules) Days() int {
	if r.OnlineDays == 0 {
		return UsualOnlineDays
	}
	return r.OnlineDays
}

func (r *PublicationRules) check() error {
	if r.PublishWorkdays < 0 || r.PublishWorkdays > MaxPublishWorkdays {
		return relief.FieldErrorf("publish_workdays", "a list is published within 1 to %d working days after the pay-by day", MaxPublishWorkdays)
	}
	if r.OnlineDays != 0 && (r.OnlineDays < MinOnlineDays || r.OnlineDays > MaxOnlineDays) {
		return relief.FieldErrorf("online_days", "a list is on line for %d to %d days", MinOnlineDays, MaxOnlineDays)
	}
	return nil
}
