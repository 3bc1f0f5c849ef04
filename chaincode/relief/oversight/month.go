package oversight

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Month is one version of the close of an accounting period (月度结账) of a programme in a county: what was credited in batches of
// the period, village by village, and how the payments for the period stand. The ledger has the last version; each names the one
// before by its hash.
type Month struct {
	Programme        relief.ProgrammeID `json:"programme"`
	County           relief.Region      `json:"county"`
	Period           relief.Period      `json:"period"` // the accounting period: a month or a quarter
	Version          int                `json:"version"`
	Before           string             `json:"before_sha256,omitempty"` // of the version before, as the ledger had it
	ProgrammeVersion int                `json:"programme_version"`       // whose pay-by day holds
	PayBy            relief.Day         `json:"pay_by"`
	Facts
	Classes  []ClassFacts          `json:"classes"`  // in the order of the classes
	Villages []Village             `json:"villages"` // in the order of the codes, those without a row left out
	Acts     []relief.HistoryEntry `json:"acts"`     // one a version
}

// Facts are the sums of a month. Payments that are due are counted, whether anybody listed them or not: what the roll owes for
// the period as it stands at the close, and what decisions granted for it.
type Facts struct {
	Due       int        `json:"due"`
	DueSum    relief.Fen `json:"due_sum"`
	OnTime    int        `json:"on_time"`     // credited by the pay-by day
	OnTimeSum relief.Fen `json:"on_time_sum"` // credited by the pay-by day, top-ups among it; never more than is due to somebody
	Late5     int        `json:"late_5"`      // credited 1 to 5 days late
	Late10    int        `json:"late_10"`     // 6 to 10
	Late30    int        `json:"late_30"`     // 11 to 30
	Later     int        `json:"late_more"`   // more than 30
	PaidSum   relief.Fen `json:"paid_sum"`    // credited on whichever day; as OnTimeSum
	Unpaid    int        `json:"unpaid"`      // due and not credited
	Returned  int        `json:"returned"`    // of them: came back and was not paid again
	PaidAgain int        `json:"paid_again"`  // credited after it came back

	Rows       int        `json:"rows"` // credited payments of batches of the accounting period
	Sum        relief.Fen `json:"sum"`  // of the rows' amounts
	Deducted   relief.Fen `json:"deducted"`
	Households int        `json:"households"` // that have rows; of a programme that pays by the person, people
	Persons    int        `json:"persons"`    // of those households

	Entered   int `json:"entered"`   // on the roll in the period and not in the one before; single grants are nobody's roll
	Left      int `json:"left"`      // the other way round
	Suspended int `json:"suspended"` // in a month of the period
	Deaths    int `json:"deaths"`    // in a month of the period
}

// ClassFacts are the rows of the households of one class. A household counts in the class of its last row.
type ClassFacts struct {
	Class      string     `json:"class"`
	Households int        `json:"households"`
	Persons    int        `json:"persons"`
	Sum        relief.Fen `json:"sum"`
}

// Village is what the rows of one region add up to: of a village, or of a township or county where the roll knows no village.
type Village struct {
	Code       relief.Region `json:"code"`
	Rows       int           `json:"rows"`
	Households int           `json:"households"`
	Persons    int           `json:"persons"`
	Sum        relief.Fen    `json:"sum"`
	Deducted   relief.Fen    `json:"deducted"`
	Root       string        `json:"root"` // RFC 6962, 64 hexadecimal digits
}

// PayBy is the day by which a programme's payments of a period are due, and the version that says so: the pay-by day of the
// period's last month, or of the month of the quarter that the programme names; of single grants that of the month after.
func PayBy(p *programme.Programme, period relief.Period) (relief.Day, *programme.Version, error) {
	v, err := p.VersionFor(period.End())
	if err != nil {
		return "", nil, err //nolint:wrapcheck // of this module
	}
	month := period.End()
	switch {
	case v.Cycle == programme.CycleGrant:
		month = month.Next()
	case v.PayByMonth > 0:
		month = relief.MonthPeriod(period.FirstMonth() + v.PayByMonth - 1)
	}
	first, err := relief.ParseDay(month.String() + "-01")
	if err != nil {
		return "", nil, relief.FieldErrorf("period", "the period lies outside the years of days")
	}
	return first.Add(v.PayByDay - 1), v, nil
}

// Check refuses to close a period that the programme does not have, or whose payments may still come in time: then nobody could
// say who was late.
func Check(p *programme.Programme, county relief.Region, period relief.Period, today relief.Day, by relief.Official) error {
	if county == "" || county.County() != county {
		return relief.FieldErrorf("county", "a county is written with six digits")
	}
	if err := relief.RequireRegion(by, county); err != nil {
		return err
	}
	if period.IsZero() {
		return relief.FieldErrorf("period", "the period is missing")
	}
	payBy, v, err := PayBy(p, period)
	switch {
	case err != nil:
		return err
	case !v.Region.Covers(county):
		return &relief.Error{Code: relief.CodeRegion, Field: "county", Detail: "the county lies outside the programme's region " + string(v.Region)}
	case period.Quarterly() != (v.Cycle == programme.CycleQuarterly):
		return relief.FieldErrorf("period", "programme %s pays %s", v.ID, v.Cycle)
	case period.Before(p.Versions[0].Starts):
		return relief.FieldErrorf("period", "programme %s starts with %s", v.ID, p.Versions[0].Starts)
	case today <= payBy:
		return relief.Errorf(relief.CodePending, "%s 的应发日为 %s，次日起方可结账 · payments of %s are due by %s: it can be closed from the day after on",
			period, payBy, period, payBy)
	}
	return nil
}

// Close is the next version of a month. now has no acts yet; before is the last version, nil for none. CONFLICT when nothing has
// changed since.
func Close(before *Month, now Month, actor relief.Actor) (Month, error) {
	now.Version = 1
	if before != nil {
		if before.same(now) {
			return now, relief.Errorf(relief.CodeConflict, "%s 第 %d 版结账后没有变化 · nothing has changed since version %d of %s was closed",
				now.Period, before.Version, before.Version, now.Period)
		}
		if err := actor.Follows(before.Acts); err != nil {
			return now, err //nolint:wrapcheck // of this module
		}
		packed, err := before.MarshalBinary()
		if err != nil {
			return now, err
		}
		sum := sha256.Sum256(packed)
		now.Before, now.Version, now.Acts = hex.EncodeToString(sum[:]), before.Version+1, slices.Clone(before.Acts)
	}
	now.Acts = append(now.Acts, actor.Entry(relief.ActOversightCloseMonth))
	if _, err := now.MarshalBinary(); err != nil {
		return now, relief.Errorf(relief.CodeTotals, "the sums of the month are larger than the ledger can hold")
	}
	return now, nil
}

// same reports whether two versions say the same of the month.
func (m *Month) same(now Month) bool {
	was := *m
	for _, v := range []*Month{&was, &now} {
		v.Version, v.Before, v.Acts = 0, "", nil
	}
	return reflect.DeepEqual(was, now)
}

// Village finds the rows of a region; false when it has none.
func (m *Month) Village(code relief.Region) (Village, bool) {
	i, ok := slices.BinarySearchFunc(m.Villages, code, func(v Village, code relief.Region) int { return compareRegions(v.Code, code) })
	if !ok {
		return Village{}, false
	}
	return m.Villages[i], true
}

// Is refuses, with CONFLICT, rows that are not those of the village: they have changed since the month was closed.
func (v *Village) Is(rows []Row) error {
	if len(rows) != v.Rows || hexOf(Root(rows)) != v.Root {
		return relief.Errorf(relief.CodeConflict, "结账后明细已变化，请重新结账 · the rows have changed since the month was closed: close it again")
	}
	return nil
}
