package standing

import (
	"errors"
	"time"

	"relieftrail/chaincode/relief"
)

// State is whether an official's certificate counts.
type State string

// The states.
const (
	Valid   State = "valid"
	Ending  State = "ending" // within WarnDays
	Ended   State = "ended"
	Revoked State = "revoked"
	Retired State = "retired" // the official is
)

// End says until when the certificate counts with which the gateway signs for an official.
type End struct {
	Name     string    `json:"name"`      // the official's, in its one spelling
	Serial   string    `json:"serial"`    // hexadecimal
	NotAfter time.Time `json:"not_after"` // UTC
	DaysLeft int       `json:"days_left"` // whole days; less than 0 when it has ended
	State    State     `json:"state"`
}

// Ends are the ends of the officials' certificates, the first one first.
func (s *Standing) Ends() []End {
	ends, now := []End{}, s.o.Now()
	for _, c := range s.sorted() {
		if c.Use == UsePrincipal {
			ends = append(ends, End{c.official(), c.serial, c.notAfter.UTC(), days(c.notAfter.Sub(now)), s.state(&c, now)})
		}
	}
	return ends
}

// official is whom the certificate names, in the one spelling of names.
func (c *certificate) official() string {
	if folded, err := relief.FoldOfficialName(c.name); err == nil {
		return folded
	}
	return c.name
}

func (s *Standing) state(c *certificate, now time.Time) State {
	switch err := s.Check(c.Name); {
	case errors.Is(err, ErrRetired):
		return Retired
	case errors.Is(err, ErrRevoked):
		return Revoked
	case errors.Is(err, ErrExpired):
		return Ended
	case c.notAfter.Sub(now) <= WarnDays*day:
		return Ending
	}
	return Valid
}
