package config

import (
	"slices"
	"time"
)

// Retention says how often the gateway proposes the erasures that are due. Another official confirms each.
type Retention struct {
	Every time.Duration `mapstructure:"every"` // the pause between two rounds; 0: nothing is proposed
	As    string        `mapstructure:"as"`    // the principal who proposes
}

func (c *Config) validateRetention(faults *faults) {
	r := &c.Retention
	if r.Every == 0 {
		return
	}
	if r.Every < time.Minute {
		faults.add("retention.every: must be at least 1m, such as 24h, or 0 to propose nothing, not %s", r.Every)
	}
	if !slices.ContainsFunc(c.Principals, func(p Principal) bool { return p.Name == r.As }) {
		faults.add("retention.as: must be the name of a principal who proposes the erasures, not %q", r.As)
	}
}
