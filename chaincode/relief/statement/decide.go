package statement

import "relieftrail/chaincode/relief"

// Decision confirms what was proposed for a statement, or refuses it. SHA256 is the digest that the official has seen.
type Decision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

func (d *Decision) check() error {
	if d.Agree && d.Reason != "" {
		return relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if d.Agree {
		return nil
	}
	return relief.CheckText("reason", d.Reason, 1, maxReason)
}

// Confirm confirms a classification or refuses it, by another official than the one who proposed it. What was confirmed before
// counts until then, and after a refusal.
func Confirm(s Statement, d Decision, actor relief.Actor) (Statement, bool, error) {
	if err := d.check(); err != nil {
		return s, false, err
	}
	if s.decidedAgain(&d, actor) {
		return s, false, nil
	}
	act := actAgreed
	if !d.Agree {
		act = actRefused
	}
	next, err := s.step(act, actor)
	if err != nil {
		return s, false, err
	}
	switch {
	case s.Withdrawal != nil:
		return s, false, relief.Errorf(relief.CodePending, "it is proposed to withdraw statement %s: confirm or refuse that first", s.ID)
	case d.SHA256 != s.Proposed.SHA256:
		return s, false, s.otherDigest(s.Proposed.SHA256)
	}
	if err := s.requireAnother(s.Proposed.Act, actor); err != nil {
		return s, false, err
	}
	if d.Agree {
		confirmed := s.Proposed.Classification
		s.Confirmed = &confirmed
	}
	s.State, s.Proposed = next, nil
	s, err = s.act(relief.ActStatementConfirm, actor)
	return s, err == nil, err
}

// decidedAgain reports whether the record's last act is the same decision by the same official.
func (s *Statement) decidedAgain(d *Decision, actor relief.Actor) bool {
	if !actor.Repeats(s.Acts, relief.ActStatementConfirm) || s.Proposed != nil {
		return false
	}
	if !d.Agree {
		return s.State == Refused
	}
	return s.State == Confirmed && s.confirms(&Proposal{SHA256: d.SHA256})
}

// Withdraw proposes to withdraw a statement that is wrong, so that a corrected one takes its place.
func Withdraw(s Statement, reason string, actor relief.Actor) (Statement, bool, error) {
	if err := relief.CheckText("reason", reason, 1, maxReason); err != nil {
		return s, false, err
	}
	if w := s.Withdrawal; w != nil && w.Reason == reason && relief.SameOfficial(s.Acts[w.Act].By, actor.By) {
		return s, false, nil
	}
	if s.Withdrawal != nil {
		return s, false, relief.Errorf(relief.CodePending, "it is proposed already to withdraw statement %s", s.ID)
	}
	next, err := s.step(relief.ActStatementWithdraw, actor)
	if err != nil {
		return s, false, err
	}
	s.State, s.Withdrawal = next, &Withdrawal{Reason: reason, Act: len(s.Acts)}
	s, err = s.act(relief.ActStatementWithdraw, actor)
	return s, err == nil, err
}

// ConfirmWithdrawal withdraws a statement, or refuses to, by another official than the one who proposed it. The digest is the
// statement's hash.
func ConfirmWithdrawal(s Statement, d Decision, actor relief.Actor) (Statement, bool, error) {
	if err := d.check(); err != nil {
		return s, false, err
	}
	again := actor.Repeats(s.Acts, relief.ActStatementConfirmWithdrawal) && s.Withdrawal == nil
	if again && d.Agree == (s.State == Withdrawn) && d.SHA256 == s.SHA256 {
		return s, false, nil
	}
	if s.Withdrawal == nil {
		return s, false, relief.Errorf(relief.CodeWrongState, "nobody has proposed to withdraw statement %s", s.ID)
	}
	act := actWithdrawn
	if !d.Agree {
		act = actNotWithdrawn
	}
	next, err := s.step(act, actor)
	if err != nil {
		return s, false, err
	}
	if d.SHA256 != s.SHA256 {
		return s, false, s.otherDigest(s.SHA256)
	}
	if err := s.requireAnother(s.Withdrawal.Act, actor); err != nil {
		return s, false, err
	}
	s.State, s.Withdrawal = next, nil
	if d.Agree {
		s.Confirmed, s.Proposed = nil, nil
	}
	s, err = s.act(relief.ActStatementConfirmWithdrawal, actor)
	return s, err == nil, err
}

func (s *Statement) otherDigest(has string) error {
	e := relief.Errorf(relief.CodeConflict, "statement %s has the digest %s: read it again", s.ID, has)
	e.Field = "sha256"
	return e
}

// requireAnother refuses, with SAME_PERSON, the official of an act.
func (s *Statement) requireAnother(act int, actor relief.Actor) error {
	if relief.SameOfficial(s.Acts[act].By, actor.By) {
		return relief.Errorf(relief.CodeSamePerson, "%s proposed it: another official confirms or refuses it", actor.By.Name)
	}
	return nil
}

// step is the state to which an act leads.
func (s *Statement) step(act relief.Act, actor relief.Actor) (State, error) {
	if err := relief.RequireRegion(actor.By, s.Region); err != nil {
		return s.State, err
	}
	return relief.Next(Transitions, s.State, act)
}
