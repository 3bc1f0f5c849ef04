package public

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

const (
	// villagesKept bounds how many villages' masked names are remembered.
	villagesKept = 1000
	// listNamesTime is how long masked names are shown before they are read again: so long does one outlive its erasure at most.
	listNamesTime = time.Hour
	// Whatever the public asks, so many villages' names are read a second, and so many at once.
	villagesPerSecond = 1
	villagesAtOnce    = 10
	// adult is the age in years from which a payee's name is shown, masked (浙江省社会救助条例 §55 protects minors).
	adult = 18
)

// listNames are the masked names on published lists, by village and version.
type listNames struct {
	known *lru.Cache[string, villageNames]
	asks  *rate.Limiter
}

// villageNames are the masks of a village's rows; nil when they could not be had at a time.
type villageNames struct {
	masked []string
	at     time.Time
}

func newListNames() *listNames {
	known, _ := lru.New[string, villageNames](villagesKept) // fails for a size of 0 only
	return &listNames{known: known, asks: rate.NewLimiter(villagesPerSecond, villagesAtOnce)}
}

// maskedNames are the names of a village's rows as anybody may see them: the ledger has none, so they are opened in the name of the official
// of the setting public.notices_as, which is recorded as a reading. nil where there is no such official, and while the names cannot be
// had: the list is shown all the same. Only the masks leave this function.
func (h *Handlers) maskedNames(ctx context.Context, l *publishedList, village relief.Region, numbers []uint32) []string {
	if h.Payees == nil || h.Settings.NoticesAs == "" {
		return nil
	}
	by, ok := h.core.Ledger.Identity(h.Settings.NoticesAs)
	if !ok || !by.Official().Region.Covers(l.county) {
		return nil
	}
	key := fmt.Sprintf("%s/%s %d", l.path(), village, l.month.Version)
	known, there := h.listNames.known.Get(key)
	if age := time.Since(known.at); there && (known.masked != nil && age < listNamesTime || age < namelessTime) {
		return known.masked
	}
	if !h.listNames.asks.Allow() {
		return nil // the next answer may have them
	}
	people, err := h.payeesOf(ctx, l, numbers, reading.Access{
		Principal: h.Settings.NoticesAs, Purpose: reading.Notice, Route: ListsPath, Record: l.record(village),
	})
	if err != nil {
		h.core.Log.WarnContext(ctx, "a published list goes without names", "error", err)
		h.listNames.known.Add(key, villageNames{nil, time.Now()})
		return nil
	}
	today := relief.DefaultCalendar.Day(time.Now())
	masked := make([]string, len(numbers))
	for i, n := range numbers {
		masked[i] = maskPayee(people[n], today)
	}
	h.listNames.known.Add(key, villageNames{masked, time.Now()})
	return masked
}

// payeesOf opens who the people of some roll numbers are.
func (h *Handlers) payeesOf(ctx context.Context, l *publishedList, numbers []uint32, a reading.Access) (map[uint32]seal.Person, error) {
	var p programme.Programme
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(l.programme), &p); err != nil {
		return nil, err
	}
	size := uint32(p.Versions[0].SegmentSize) //nolint:gosec // 1 to 1000
	people, err := h.Payees.Named(ctx, a, payeecheck.Roll{Programme: l.programme, County: l.county, SegmentSize: size}, numbers)
	return people, rest.Unavailable(err)
}

// unnamed stands for a name of which nothing is shown.
const unnamed = "*"

// maskPayee masks a name. Of a minor, of who is not known and of a name that is none nothing is shown.
func maskPayee(person seal.Person, today relief.Day) string {
	id, bad := relief.ParseIDNumber(person.IDNumber.Reveal())
	if bad != "" || payee.BornOn(id).AddMonths(12*adult) > today {
		return unnamed
	}
	if masked := maskName(person.Name.Reveal()); masked != "" {
		return masked
	}
	return unnamed
}
