package indicator

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Facts that are no indicator by themselves.
const (
	helped      Code = "helped"       // households of a closed month
	closedMonth Code = "closed_month" // the version of a closed month
	listedMonth Code = "listed_month" // a batch of an accounting period
	Waiting     Code = "waiting"      // a need, an application or a reversed appeal that waits
	target      Code = "target:"      // of an indicator, by a tranche
)

// Fact is what a version of a record adds to an indicator of a programme, region and time. It takes the place of the record's fact
// of the same name.
type Fact struct {
	Name      string             `json:"name"` // within its record
	Code      Code               `json:"code"`
	Programme relief.ProgrammeID `json:"programme"`
	Region    relief.Region      `json:"region"`
	First     int                `json:"first"` // the months in which it counts, as relief.Period numbers them; 0 for a fact that stands until it ends
	Last      int                `json:"last"`
	// Due is the day from whose next one on the fact counts: what has time until then and is not done yet counts for nothing. One
	// that is done counts at once; "" for one that always counts.
	Due relief.Day `json:"due,omitempty"`
	Ratio
}

// Counts reports whether the fact counts on a day.
func (f *Fact) Counts(today relief.Day) bool {
	return f.Due == "" || f.Due < today || f.Num == f.Den
}

// yearly reports whether the fact is of a budget year.
func (f *Fact) yearly() bool { return f.First%12 == 0 && f.Last == f.First+11 }

// World is what the ledger says beside a record when a version of it is written.
type World struct {
	Calendar   *relief.Calendar
	Parameters programme.Parameters // of the founding
	Programme  *programme.Programme // of the record; nil when there is none
}

// day is the local day of an act.
func (w *World) day(acts []relief.HistoryEntry, i int) relief.Day { return w.Calendar.Day(acts[i].At) }

// Owner is the record whose facts a version of a record changes: a published list changes those of its month.
func Owner(k relief.Key) relief.Key {
	if k.Kind == relief.KindPublication {
		k.Kind = relief.KindMonth
	}
	return k
}

// kinds are the kinds of records that give facts; only looked up, never ranged over.
var kinds = map[string]func(value []byte, before []Fact, w *World) ([]Fact, error){
	relief.KindMonth: ofMonth, relief.KindPublication: ofPublication, relief.KindBatch: ofBatch, relief.KindTranche: ofTranche,
	relief.KindCase: ofCase, relief.KindChange: ofChange, relief.KindNeed: ofNeed, relief.KindOverpayment: ofOverpayment,
}

// Gives reports whether records of a kind give facts.
func Gives(kind string) bool { return kinds[kind] != nil }

// Facts are the facts of a record after a version of it was written. before are those of its Owner until then. The order is by name.
func Facts(kind string, value []byte, before []Fact, w *World) ([]Fact, error) {
	of := kinds[kind]
	if of == nil {
		return before, nil
	}
	facts, err := of(value, before, w)
	if err != nil {
		return nil, fmt.Errorf("its facts: %w", err)
	}
	slices.SortFunc(facts, func(a, b Fact) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return facts, nil
}

// ProgrammeOf is the programme whose terms the facts of a record need; "" for none.
func ProgrammeOf(k relief.Key) relief.ProgrammeID {
	if k.Kind == relief.KindMonth && len(k.Attrs) > 0 {
		return relief.ProgrammeID(k.Attrs[0])
	}
	return ""
}

// NoDay is the day of a transaction whose time nothing can write: it moves no clock.
const NoDay relief.Day = "1970-01-01"
