package intake

import (
	"encoding/json"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

// CheckDays refuses an act whose document has a day or a period that cannot be meant: of a death, of the last payment,
// of evidence. It leaves a document that has not its form to the contract. now is the time where the agency is. Its
// error is a *relief.Error.
func CheckDays(act relief.Act, document []byte, now time.Time) error {
	today := relief.Day(now.Format(time.DateOnly))
	switch act {
	case relief.ActRollExit:
		return checkExit(document, today)
	case relief.ActCaseAttach:
		return checkEvidence(document, today, now.Location())
	}
	return nil
}

func checkExit(document []byte, today relief.Day) error {
	var exit struct {
		DiedOn     relief.Day    `json:"died_on"`
		LastPeriod relief.Period `json:"last_period"`
	}
	if err := json.Unmarshal(document, &exit); err != nil {
		return nil //nolint:nilerr // the contract says what is wrong with its form
	}
	if exit.DiedOn != "" {
		if err := payee.DeathDays(today).Check("died_on", exit.DiedOn); err != nil {
			return payee.AsRefusal(err)
		}
	}
	if exit.LastPeriod.IsZero() {
		return nil
	}
	return payee.AsRefusal(payee.Periods(today).Check("last_period", exit.LastPeriod))
}

func checkEvidence(document []byte, today relief.Day, location *time.Location) error {
	var evidence struct {
		TakenAt time.Time `json:"taken_at"`
	}
	if err := json.Unmarshal(document, &evidence); err != nil || evidence.TakenAt.IsZero() {
		return nil //nolint:nilerr // the contract says what is wrong with its form
	}
	taken := relief.Day(evidence.TakenAt.In(location).Format(time.DateOnly))
	return payee.AsRefusal(payee.EvidenceDays(today).Check("taken_at", taken))
}
