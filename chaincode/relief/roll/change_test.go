package roll

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// The officials of the tests of changes; they work in the county of testPlace.
var (
	changeProposer = actorOf("lin", "530181", 0)
	changeApprover = actorOf("zhao", "530181", time.Hour)
	changeAway     = actorOf("he", "530129", time.Hour)
)

func actorOf(name string, region relief.Region, after time.Duration) relief.Actor {
	return relief.Actor{
		By: relief.Official{Agency: "CivilAffairsMSP", ID: name, Name: name, Role: "approver", Region: region},
		At: time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC).Add(after), Tx: "tx-" + name,
	}
}

// changePart is the golden roll with its payees: entry 0 is in force, entry 2 has exited.
func changePart(t testing.TB) *Part {
	seg := goldenRoll()
	return &Part{At: testPlace, Segment: seg, Payees: payeesOf(t, seg)}
}

var (
	zeroHash  = strings.Repeat("0", 64)
	newPayee  = Payee{Name: payeeOf(1).Name, Account: payeeOf(9).Account}
	payeeOnly = ChangeTerms{Kind: ChangePayee, Payee: newPayee, EvidenceSHA256: zeroHash, DetailsSHA256: zeroHash}
	exitOnly  = ChangeTerms{Kind: ChangeExit, Reason: "moved", LastPeriod: monthOf(2026, 11)}
)

func proposed(t testing.TB, part *Part, terms ChangeTerms) Change {
	t.Helper()
	c, changed, err := ProposeChange(part, 0, terms, nil, &relief.DefaultCalendar, changeProposer)
	require.NoError(t, err)
	require.True(t, changed)
	return c
}

func TestProposals(t *testing.T) {
	part := changePart(t)
	suspended, err := Suspend(part.Segment, 0, monthOf(2026, 12))
	require.NoError(t, err)
	paused := &Part{At: part.At, Segment: suspended, Payees: part.Payees}
	erased := &Part{At: part.At, Segment: part.Segment, Payees: part.Payees.Erased(0)}
	with := func(t ChangeTerms, edit func(*ChangeTerms)) ChangeTerms {
		edit(&t)
		return t
	}
	suspend := ChangeTerms{Kind: ChangeSuspend, Reason: "核查", From: monthOf(2026, 12)}
	resume := ChangeTerms{Kind: ChangeResume, From: monthOf(2026, 12)}
	for name, c := range map[string]struct {
		part  *Part
		slot  int
		terms ChangeTerms
		code  relief.Code // "" for a proposal that is taken
		field string
	}{
		"another card":                      {part, 0, payeeOnly, "", ""},
		"another card after the exit":       {part, 2, payeeOnly, "", ""},
		"the card that the entry has":       {part, 0, with(payeeOnly, func(t *ChangeTerms) { t.Payee = payeeOf(1) }), relief.CodeInvalid, "account"},
		"a card without evidence":           {part, 0, with(payeeOnly, func(t *ChangeTerms) { t.EvidenceSHA256 = "" }), relief.CodeInvalid, "evidence_sha256"},
		"a card without details":            {part, 0, with(payeeOnly, func(t *ChangeTerms) { t.DetailsSHA256 = "" }), relief.CodeInvalid, "details_sha256"},
		"a card without a name":             {part, 0, with(payeeOnly, func(t *ChangeTerms) { t.Payee.Name = relief.Tag{} }), relief.CodeInvalid, "name_tag"},
		"a name without a card":             {part, 0, with(payeeOnly, func(t *ChangeTerms) { t.Payee.Account = relief.Tag{} }), relief.CodeInvalid, "account_tag"},
		"a card of somebody who was erased": {erased, 0, payeeOnly, relief.CodeWrongState, ""},
		"an exit":                           {part, 0, exitOnly, "", ""},
		"an exit by death":                  {part, 0, ChangeTerms{Kind: ChangeExit, Reason: "death", DiedOn: "2026-10-31"}, "", ""},
		"a death in the future":             {part, 0, ChangeTerms{Kind: ChangeExit, Reason: "death", DiedOn: "2026-11-03"}, relief.CodeInvalid, "died_on"},
		"an exit without a last period":     {part, 0, ChangeTerms{Kind: ChangeExit, Reason: "moved"}, relief.CodeInvalid, "last_period"},
		"an exit for no known reason":       {part, 0, ChangeTerms{Kind: ChangeExit, Reason: "mood", LastPeriod: monthOf(2026, 11)}, relief.CodeInvalid, "reason"},
		"a second exit":                     {part, 2, exitOnly, relief.CodeWrongState, ""},
		"a suspension":                      {part, 0, suspend, "", ""},
		"a suspension without a reason":     {part, 0, with(suspend, func(t *ChangeTerms) { t.Reason = "" }), relief.CodeInvalid, "reason"},
		"a suspension of the past":          {part, 0, with(suspend, func(t *ChangeTerms) { t.From = monthOf(2026, 10) }), relief.CodeInvalid, "from"},
		"a suspension by the quarter":       {part, 0, with(suspend, func(t *ChangeTerms) { t.From = relief.QuarterOf(2026*12 + 9) }), relief.CodeInvalid, "from"},
		"a second suspension":               {paused, 0, suspend, relief.CodeWrongState, ""},
		"a suspension after the exit":       {part, 2, suspend, relief.CodeWrongState, ""},
		"the end of a suspension":           {paused, 0, resume, "", ""},
		"the end of no suspension":          {part, 0, resume, relief.CodeWrongState, ""},
		"no kind":                           {part, 0, ChangeTerms{}, relief.CodeInvalid, "kind"},
	} {
		t.Run(name, func(t *testing.T) {
			before := string(c.part.Segment.Bytes()) + string(c.part.Payees.Bytes())
			got, changed, err := ProposeChange(c.part, c.slot, c.terms, nil, &relief.DefaultCalendar, changeProposer)
			require.Equal(t, before, string(c.part.Segment.Bytes())+string(c.part.Payees.Bytes()))
			if c.code == "" {
				require.NoError(t, err)
				require.True(t, changed)
				require.Equal(t, ChangeProposed, got.State)
				require.Len(t, got.SHA256, 64)
				require.Equal(t, c.terms.Kind.act(), got.Acts[0].Act)
				require.NoError(t, got.CheckBase(c.part, c.slot, &relief.DefaultCalendar, changeApprover))
				return
			}
			var refused *relief.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.code, refused.Code)
			require.Equal(t, c.field, refused.Field)
		})
	}
	_, _, err = ProposeChange(part, 0, exitOnly, nil, &relief.DefaultCalendar, changeAway)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeRegion})
}

func TestProposedAgain(t *testing.T) {
	part := changePart(t)
	c := proposed(t, part, payeeOnly)
	require.Equal(t, relief.ChangeID("dibao-530181-0001000-c1"), c.ID)
	again := func(last Change, by relief.Actor) (Change, bool, error) {
		return ProposeChange(part, 0, payeeOnly, &last, &relief.DefaultCalendar, by)
	}
	same, changed, err := again(c, changeProposer)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, c, same)
	_, _, err = again(c, changeApprover)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending})
	withdrawn, _, err := WithdrawChange(c, changeProposer)
	require.NoError(t, err)
	next, changed, err := again(withdrawn, changeProposer)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, relief.ChangeID("dibao-530181-0001000-c2"), next.ID)
	require.NotEqual(t, c.SHA256, next.SHA256)
}

// Everything that takes effect is in the digest.
func TestDigestsOfChanges(t *testing.T) {
	seen := map[string]bool{}
	for _, edit := range []func(*Change){
		func(*Change) {},
		func(c *Change) { c.ID = relief.NewChangeID("dibao", "530181", 1000, 2) },
		func(c *Change) { c.Number++ },
		func(c *Change) { c.Subject = ref(7) },
		func(c *Change) { c.County = "530129" },
		func(c *Change) { c.Programme = "tekun" },
		func(c *Change) { c.Kind = ChangeExit },
		func(c *Change) { c.Payee.Account = payeeOf(3).Account },
		func(c *Change) { c.Payee.Name = payeeOf(3).Name },
		func(c *Change) { c.DetailsSHA256 = strings.Repeat("1", 64) },
		func(c *Change) { c.EvidenceSHA256 = strings.Repeat("1", 64) },
		func(c *Change) { c.Version++ },
		func(c *Change) { c.Entry = zeroHash },
		func(c *Change) { c.Reason = "other" },
		func(c *Change) { c.DiedOn = "2026-10-31" },
		func(c *Change) { c.LastPeriod = monthOf(2026, 10) },
		func(c *Change) { c.From = monthOf(2026, 12) },
	} {
		c := proposed(t, changePart(t), payeeOnly)
		edit(&c)
		sum, err := c.Digest()
		require.NoError(t, err)
		require.False(t, seen[sum])
		seen[sum] = true
	}
}

func TestDecisionsOnChanges(t *testing.T) {
	c := proposed(t, changePart(t), exitOnly)
	agree := ChangeDecision{SHA256: c.SHA256, Agree: true}
	refuse := ChangeDecision{SHA256: c.SHA256, Reason: "凭证不清"}
	code := func(d ChangeDecision, by relief.Actor) relief.Code {
		_, _, err := DecideChange(c, d, by)
		var refused *relief.Error
		require.ErrorAs(t, err, &refused)
		return refused.Code
	}
	require.Equal(t, relief.CodeSamePerson, code(agree, changeProposer))
	require.Equal(t, relief.CodeSamePerson, code(refuse, changeProposer))
	require.Equal(t, relief.CodeRegion, code(agree, changeAway))
	require.Equal(t, relief.CodeConflict, code(ChangeDecision{SHA256: zeroHash, Agree: true}, changeApprover))
	require.Equal(t, relief.CodeInvalid, code(ChangeDecision{SHA256: c.SHA256}, changeApprover))
	require.Equal(t, relief.CodeInvalid, code(ChangeDecision{SHA256: c.SHA256, Agree: true, Reason: "x"}, changeApprover))
	require.Equal(t, relief.CodeInvalid, code(agree, actorOf("zhao", "530181", -time.Hour)))
	for decision, state := range map[ChangeDecision]ChangeState{agree: ChangeConfirmed, refuse: ChangeRefused} {
		out, changed, err := DecideChange(c, decision, changeApprover)
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, state, out.State)
		require.Equal(t, decision.Reason, out.Refusal)
		require.Len(t, c.Acts, 1)
		again, changed, err := DecideChange(out, decision, changeApprover)
		require.NoError(t, err)
		require.False(t, changed)
		require.Equal(t, out, again)
		_, _, err = DecideChange(out, decision, actorOf("qian", "530181", time.Hour))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
		_, _, err = WithdrawChange(out, changeProposer)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	}
	_, _, err := WithdrawChange(c, changeAway)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeRegion})
}

// A change is held against the entry as the proposal found it: the payee's by the version of the details, any other by the
// terms.
func TestBasesOfChanges(t *testing.T) {
	part := changePart(t)
	payee, exit := proposed(t, part, payeeOnly), proposed(t, part, exitOnly)
	check := func(c Change, p *Part, slot int) error {
		return c.CheckBase(p, slot, &relief.DefaultCalendar, changeApprover)
	}
	changed, ok := part.WithPayee(0, payeeOf(5))
	require.True(t, ok)
	require.NoError(t, changed.Check())
	require.Equal(t, uint16(2), changed.Payees.Version(0))
	require.Equal(t, payeeOf(1), part.Payees.Payee(0), "part does not change")
	otherPayee := &changed
	seg, err := SetTerms(part.Segment, 0, Terms{Class: "C", Persons: 1, Amount: 33000}, monthOf(2026, 12))
	require.NoError(t, err)
	otherTerms := &Part{At: part.At, Segment: seg, Payees: part.Payees}
	conflict := &relief.Error{Code: relief.CodeConflict}
	require.NoError(t, check(payee, part, 0))
	require.NoError(t, check(exit, part, 0))
	require.ErrorIs(t, check(payee, otherPayee, 0), conflict)
	require.NoError(t, check(exit, otherPayee, 0))
	require.NoError(t, check(payee, otherTerms, 0))
	require.ErrorIs(t, check(exit, otherTerms, 0), conflict)
	require.ErrorIs(t, check(payee, part, 1), conflict, "somebody else's entry")
	elsewhere := &Part{At: SegmentAddr{"dibao", "530129", 1, 1000}, Segment: part.Segment, Payees: part.Payees}
	require.ErrorIs(t, check(exit, elsewhere, 0), conflict)
}
