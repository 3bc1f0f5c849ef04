package public

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/casework"
)

func TestANoticeIsPublicOnlyWhileItRuns(t *testing.T) {
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	notice := func(from, to int) casework.Notice {
		return casework.Notice{Opened: now.Add(time.Duration(from) * time.Hour), Closes: now.Add(time.Duration(to) * time.Hour)}
	}
	for name, c := range map[string]struct {
		state   casework.CaseState
		notices []casework.Notice
		runs    bool
	}{
		"runs":                      {casework.CaseNoticed, []casework.Notice{notice(-1, 1)}, true},
		"begins this moment":        {casework.CaseNoticed, []casework.Notice{notice(0, 1)}, true},
		"ends this moment":          {casework.CaseNoticed, []casework.Notice{notice(-1, 0)}, false},
		"over, not decided":         {casework.CaseNoticed, []casework.Notice{notice(-3, -1)}, false},
		"objected":                  {casework.CaseObjected, []casework.Notice{notice(-1, 1)}, true},
		"answered":                  {casework.CaseAnswered, []casework.Notice{notice(-1, 1)}, false},
		"repeated":                  {casework.CaseNoticed, []casework.Notice{notice(-9, -5), notice(-1, 1)}, true},
		"the repetition is over":    {casework.CaseNoticed, []casework.Notice{notice(-9, 5), notice(-2, -1)}, false},
		"refused while it ran":      {casework.CaseRefused, []casework.Notice{notice(-1, 1)}, false},
		"withdrawn while it ran":    {casework.CaseWithdrawn, []casework.Notice{notice(-1, 1)}, false},
		"examined again, no notice": {casework.CaseApplied, []casework.Notice{notice(-1, 1)}, false},
		"none":                      {casework.CaseNoticed, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := running(&casework.Case{State: c.state, Notices: c.notices}, now)
			require.Equal(t, c.runs, ok)
		})
	}
}

func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{
		"王强": "王*", "欧阳试例": "欧阳*", "欧阳": "欧*", " 李 ": "李*", "A·B": "A*", "": "", " ": "", "\xff": "", "𠀀一": "𠀀*",
	} {
		require.Equal(t, want, maskName(name))
	}
}
