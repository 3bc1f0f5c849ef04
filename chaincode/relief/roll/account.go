package roll

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// AccountKind says whose account several people share.
type AccountKind string

// The kinds of shared accounts.
const (
	AccountInstitution AccountKind = "institution" // of a home that cares for its residents (集中供养机构)
	AccountGuardian    AccountKind = "guardian"    // of somebody who receives the money of others (监护人)
)

// MaxWards is how many people of a batch may be paid to a guardian's account.
const MaxWards = 10

// maxHolder bounds the name of an institution, in characters; the payment file carries as many (pain.001: Max140Text).
const maxHolder = 140

// AccountTerms is the input of a declaration. The number of the account stays with the agencies: its tag is what the
// chaincode compares.
type AccountTerms struct {
	ID       relief.AccountID `json:"id"`
	Kind     AccountKind      `json:"kind"`
	Holder   string           `json:"holder,omitempty"` // the institution's name; a guardian is not named on the ledger
	County   relief.Region    `json:"county"`
	Account  relief.Tag       `json:"account_tag"`
	Evidence string           `json:"evidence_sha256"` // salted, of the papers that show whose account it is
}

// SharedAccount is an account to which the money of several people may go (声明共用账户), because an institution cares for them
// or a guardian receives it. One official proposes the declaration, another confirms it.
type SharedAccount struct {
	AccountTerms
	SHA256 string                `json:"sha256"` // of the terms: a confirmation names it
	State  AccountState          `json:"state"`
	Reason string                `json:"reason,omitempty"` // why it was refused or ended
	Acts   []relief.HistoryEntry `json:"acts"`
}

// DeclaredAccount is what a declaration in force says of an account. It is found by the account's tag.
type DeclaredAccount struct {
	ID      relief.AccountID `json:"id"`
	Kind    AccountKind      `json:"kind"`
	Holder  string           `json:"holder,omitempty"`
	County  relief.Region    `json:"county"`
	Account relief.Tag       `json:"account_tag"`
}

// AccountDecision is the input of a confirmation.
type AccountDecision struct {
	ID     relief.AccountID `json:"id"`
	SHA256 string           `json:"sha256"` // of the terms that are confirmed
	Agree  bool             `json:"agree"`
	Reason string           `json:"reason,omitempty"` // of a refusal
}

// DeclareAccount proposes a declaration. existing is the record that already has its id, declared the declaration in force of
// the same account; both are nil for none.
func DeclareAccount(t AccountTerms, existing *SharedAccount, declared *DeclaredAccount, actor relief.Actor) (SharedAccount, bool, error) {
	if err := t.validate(); err != nil {
		return SharedAccount{}, false, err
	}
	if err := relief.RequireRegion(actor.By, t.County); err != nil {
		return SharedAccount{}, false, err
	}
	if existing != nil {
		if existing.AccountTerms == t && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return SharedAccount{}, false, relief.Errorf(relief.CodeConflict, "shared account %s exists with other content", t.ID)
	}
	if err := t.requireFree(declared); err != nil {
		return SharedAccount{}, false, err
	}
	return SharedAccount{
		AccountTerms: t, SHA256: t.digest(), State: AccountProposed,
		Acts: []relief.HistoryEntry{actor.Entry(relief.ActRollDeclareAccount)},
	}, true, nil
}

func (t *AccountTerms) validate() error {
	if _, err := relief.ParseAccountID(string(t.ID)); err != nil {
		return err
	}
	switch {
	case t.County == "" || t.County.County() != t.County:
		return relief.FieldErrorf("county", "a county has six digits")
	case !t.Account.Valid():
		return relief.FieldErrorf("account_tag", "the tag of the account is missing")
	case !form.IsSHA256(t.Evidence):
		return relief.FieldErrorf("evidence_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	switch t.Kind {
	case AccountInstitution:
		return relief.CheckText("holder", t.Holder, 2, maxHolder)
	case AccountGuardian:
		if t.Holder != "" {
			return relief.FieldErrorf("holder", "a guardian is not named on the ledger: leave holder out")
		}
		return nil
	default:
		return relief.FieldErrorf("kind", "the kind must be institution or guardian")
	}
}

// requireFree refuses, with CONFLICT, an account that another declaration in force names.
func (t *AccountTerms) requireFree(declared *DeclaredAccount) error {
	if declared == nil {
		return nil
	}
	return &relief.Error{
		Code: relief.CodeConflict, Field: "account_tag",
		Detail: "the account is declared as " + string(declared.ID) + " already: end that declaration first",
	}
}

// digest is the SHA-256 of the terms. No term holds a zero byte.
func (t *AccountTerms) digest() string {
	h := sha256.New()
	for _, term := range []string{
		"relieftrail/shared-account/v1", string(t.ID), string(t.Kind), t.Holder, string(t.County), t.Account.String(), t.Evidence,
	} {
		h.Write([]byte(term + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ConfirmAccount puts a declaration in force, or refuses it. The official who proposed it may not. declared is the declaration
// in force of the same account, nil for none.
func ConfirmAccount(a SharedAccount, d AccountDecision, declared *DeclaredAccount, actor relief.Actor) (SharedAccount, bool, error) {
	act := actConfirmAccount
	if !d.Agree {
		act = actRefuseAccount
		if err := relief.CheckText("reason", d.Reason, 0, maxReason); err != nil {
			return a, false, err
		}
	} else if d.Reason != "" {
		return a, false, relief.FieldErrorf("reason", "only a refusal has a reason; leave it out")
	}
	if d.SHA256 != a.SHA256 {
		return a, false, &relief.Error{
			Code: relief.CodeConflict, Field: "sha256", Detail: "the declaration's sha256 is " + a.SHA256 + ": read it before you confirm it",
		}
	}
	same := func() bool { return d.Agree == (a.State == AccountDeclared) && a.Reason == d.Reason }
	next, repeated, err := a.step(act, relief.ActRollConfirmAccount, actor, same)
	if err != nil || repeated {
		return a, false, err
	}
	if proposer := a.Acts[0]; relief.SameOfficial(proposer.By, actor.By) {
		return a, false, relief.Errorf(relief.CodeSamePerson, "%s did %s and may not do %s: two officials declare an account",
			actor.By.Name, proposer.Act, relief.ActRollConfirmAccount)
	}
	if d.Agree {
		if err := a.requireFree(declared); err != nil {
			return a, false, err
		}
	}
	a.Reason = d.Reason
	a.record(next, relief.ActRollConfirmAccount, actor)
	return a, true, nil
}

// EndAccount ends a declaration. What was sealed before is paid; the next seal refuses the account again.
func EndAccount(a SharedAccount, reason string, actor relief.Actor) (SharedAccount, bool, error) {
	if err := relief.CheckText("reason", reason, 1, maxReason); err != nil {
		return a, false, err
	}
	next, repeated, err := a.step(relief.ActRollEndAccount, relief.ActRollEndAccount, actor, func() bool { return a.Reason == reason })
	if err != nil || repeated {
		return a, false, err
	}
	a.Reason = reason
	a.record(next, relief.ActRollEndAccount, actor)
	return a, true, nil
}

// maxReason bounds a reason, in characters.
const maxReason = 200

// step checks region, state and time. repeated is true when the same official has done the same already; then nothing
// changes.
func (a *SharedAccount) step(act, duty relief.Act, actor relief.Actor, same func() bool) (next AccountState, repeated bool, err error) {
	if err := relief.RequireRegion(actor.By, a.County); err != nil {
		return "", false, err
	}
	if actor.Repeats(a.Acts, duty) && same() {
		return a.State, true, nil
	}
	if next, err = relief.Next(AccountTransitions, a.State, act); err != nil {
		return "", false, err
	}
	return next, false, actor.Follows(a.Acts)
}

func (a *SharedAccount) record(next AccountState, act relief.Act, actor relief.Actor) {
	a.State = next
	a.Acts = append(slices.Clip(a.Acts), actor.Entry(act))
}

// Declared is what the record says while it is in force; nil otherwise.
func (a *SharedAccount) Declared() *DeclaredAccount {
	if a.State != AccountDeclared {
		return nil
	}
	return &DeclaredAccount{ID: a.ID, Kind: a.Kind, Holder: a.Holder, County: a.County, Account: a.Account}
}
