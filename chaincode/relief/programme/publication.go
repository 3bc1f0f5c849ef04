package programme

// PublicationRules say when the list of a month is published and how long it is on line. Parameters bound both.
type PublicationRules struct {
	// PublishWorkdays are the working days after the pay-by day in which a list is in time; 0 is as many as the founding allows.
	PublishWorkdays int `json:"publish_workdays,omitempty"`
	// OnlineDays are the days that a list is shown from its publication on; 0 is 90, or fewer where the founding says so. Then what it adds
	// up to stays.
	OnlineDays int `json:"online_days,omitempty"`
}
