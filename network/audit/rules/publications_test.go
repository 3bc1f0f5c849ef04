package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
)

// A list is late when its day has passed and nobody has published it by then, whether or not the month was closed; working days are those
// of the calendar.
func TestLateLists(t *testing.T) {
	period := relief.MonthPeriod(2026*12 + 10)
	version := programme.Version{
		ID: "dibao", Version: 1, Region: "530181", Cycle: programme.CycleMonthly, Starts: relief.MonthPeriod(2026 * 12), PayByDay: 10, SegmentSize: 1000,
		PublicationRules: programme.PublicationRules{PublishWorkdays: 2},
	}
	acts := []relief.HistoryEntry{{Act: relief.ActProgrammeDraft, By: relief.Official{Agency: "CivilAffairsMSP", Name: "one"}}}
	record := programme.Programme{ID: "dibao", State: programme.VersionInForce, InForce: 1, Acts: acts, Versions: []programme.VersionRecord{
		{Version: version, State: programme.VersionInForce, Acts: acts},
	}}
	b := NewState()
	b.Segments[relief.ProgrammeKey("dibao").String()] = []byte(text(t, record))
	b.Batches["b1"] = &payment.Batch{ID: "b1", Programme: "dibao", Region: "530181", Period: period}
	b.Counted["b1"] = &payment.Totals{}
	require.Empty(t, b.LateLists("2026-12-31"), "nothing was credited")
	b.Counted["b1"].Credited = 1
	require.Empty(t, b.LateLists("2026-11-12")) // a Thursday, the second working day after Tuesday the 10th
	late := LateList{Programme: "dibao", County: "530181", Period: period, Due: "2026-11-12"}
	require.Equal(t, []LateList{late}, b.LateLists("2026-11-13"))
	b.Segments[relief.CalendarKey().String()] = []byte(text(t, relief.Calendar{Holidays: []relief.Day{"2026-11-11"}, UTCOffset: 480}))
	require.Empty(t, b.LateLists("2026-11-13"))
	b.Segments[relief.ParametersKey().String()] = []byte(`{"min_notice_days":7,"max_publish_workdays":1}`)
	require.Equal(t, relief.Day("2026-11-12"), b.LateLists("2026-11-13")[0].Due, "the founding allows a day")
	delete(b.Segments, relief.ParametersKey().String())

	list := oversight.Publication{
		Programme: "dibao", County: "530181", Period: period, State: oversight.PublicationShown, Due: "2026-11-13", First: "2026-11-13",
		Shown: &oversight.ShownList{Month: 1, Version: 1, PublishedOn: "2026-11-13", OnlineUntil: "2027-02-10"}, Acts: acts,
	}
	key := relief.PublicationKey("dibao", "530181", period).String()
	b.Segments[key] = []byte(text(t, list))
	require.Empty(t, b.LateLists("2026-12-31"))
	list.First = "2026-11-16"
	b.Segments[key] = []byte(text(t, list))
	late.Due, late.PublishedOn = "2026-11-13", "2026-11-16"
	require.Equal(t, []LateList{late}, b.LateLists("2026-12-31"))
}
