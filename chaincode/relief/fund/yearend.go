package fund

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// MaxOpenOverpayments bounds the open overpayments of a year's end: the list is one record.
const MaxOpenOverpayments = 2000

// YearEndTranche is a tranche in the list of a year's end.
type YearEndTranche struct {
	ID         relief.TrancheID     `json:"id"`
	Programmes []relief.ProgrammeID `json:"programmes"`
	Region     relief.Region        `json:"region"`
	Origin     Origin               `json:"origin,omitempty"`
	Parent     relief.TrancheID     `json:"parent,omitempty"`
	State      State                `json:"state"`
	CarriedTo  relief.TrancheID     `json:"carried_to,omitempty"`
	Balances   Balances             `json:"balances"`
}

// YearEndOverpayment is an overpayment of which something is outstanding.
type YearEndOverpayment struct {
	ID          relief.OverpaymentID `json:"id"`
	Outstanding relief.Fen           `json:"outstanding"`
}

// YearEndList is how the money of a fiscal year stands in a county (决算): the year's tranches that are for the county or regions
// inside it, and the open overpayments of its people.
type YearEndList struct {
	ID           relief.YearEndID     `json:"id"`
	FiscalYear   int                  `json:"fiscal_year"`
	County       relief.Region        `json:"county"`
	Tranches     []YearEndTranche     `json:"tranches"`     // in the order of their ids
	Overpayments []YearEndOverpayment `json:"overpayments"` // likewise
	Reserved     relief.Fen           `json:"reserved"`     // of all tranches
	InReturn     relief.Fen           `json:"in_return"`    // likewise
	Available    relief.Fen           `json:"available"`    // likewise
	Outstanding  relief.Fen           `json:"outstanding"`  // of all open overpayments
}

// NewYearEndList begins the list of a year's end.
func NewYearEndList(id relief.YearEndID) YearEndList {
	return YearEndList{
		ID: id, FiscalYear: id.Year(), County: id.County(), Tranches: []YearEndTranche{}, Overpayments: []YearEndOverpayment{},
	}
}

// Add adds a tranche to the list if it belongs there.
func (l *YearEndList) Add(t *Tranche) {
	if t.FiscalYear != l.FiscalYear || !l.County.Covers(t.Region) {
		return
	}
	l.Tranches = append(l.Tranches, YearEndTranche{
		ID: t.ID, Programmes: t.Pool(), Region: t.Region, Origin: t.Origin, Parent: t.Parent, State: t.State, CarriedTo: t.CarriedTo,
		Balances: t.Balances,
	})
	l.Reserved += t.Balances.Reserved
	l.InReturn += t.Balances.InReturn
	l.Available += t.Balances.Available
}

// AddOverpayment adds an open overpayment to the list.
func (l *YearEndList) AddOverpayment(id relief.OverpaymentID, outstanding relief.Fen) error {
	if len(l.Overpayments) == MaxOpenOverpayments {
		return relief.Errorf(relief.CodeInvalid, "more than %d overpayments of the county are open: settle some of them first", MaxOpenOverpayments)
	}
	l.Overpayments = append(l.Overpayments, YearEndOverpayment{id, outstanding})
	l.Outstanding += outstanding
	return nil
}

// Digest is the SHA-256 of the list, which the agencies sign.
func (l *YearEndList) Digest() (string, error) {
	b, err := json.Marshal(l)
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the list cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/year-end/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// YearEnd is the list of a year's end as the agencies sign it, each by an official of its own.
type YearEnd struct {
	YearEndList
	SHA256     string                `json:"sha256"`
	State      YearEndState          `json:"state"`
	Signatures []YearEndSignature    `json:"signatures"` // of this digest
	Acts       []relief.HistoryEntry `json:"acts"`       // of this digest and of earlier ones
}

// YearEndSignature is an agency's signature.
type YearEndSignature struct {
	Agency string `json:"agency"`
	Act    int    `json:"act"` // the place in the record's acts
}

// YearEndState is the state of a year's end.
type YearEndState string

// The states of a year's end.
const (
	YearEndBegun  YearEndState = "begun"  // some agencies have signed
	YearEndSigned YearEndState = "signed" // all have
)

// YearEndStates are all states of a year's end.
var YearEndStates = []YearEndState{YearEndBegun, YearEndSigned}

// actLastSigns and actSignsAgain are the act of the last agency to sign, and of the first to sign another list than was signed.
const (
	actLastSigns  relief.Act = "fund.sign_year_end (the last agency)"
	actSignsAgain relief.Act = "fund.sign_year_end (another list)"
)

// YearEndTransitions is the life cycle of a year's end.
var YearEndTransitions = []relief.Transition[YearEndState]{
	{From: YearEndBegun, Act: relief.ActFundSignYearEnd, To: YearEndBegun, Why: "an agency signs the digest of the list as it is now"},
	{From: YearEndBegun, Act: actLastSigns, To: YearEndSigned, Why: "every agency has signed the same digest"},
	{From: YearEndBegun, Act: actSignsAgain, To: YearEndBegun, Why: "the list has changed: what was signed before does not count for the new one"},
	{From: YearEndSigned, Act: actSignsAgain, To: YearEndBegun, Why: "money moved after all had signed: they sign the new list"},
}

// Sign signs the list of a year's end. now is the list as it is; digest is of the list that the official has seen; agencies are all
// that sign; existing is the record, nil for none. CONFLICT when the digest is not that of the list.
func Sign(existing *YearEnd, now YearEndList, digest string, agencies []string, actor relief.Actor) (YearEnd, bool, error) {
	var y YearEnd
	if existing != nil {
		y = *existing
	}
	if err := relief.RequireRegion(actor.By, now.County); err != nil {
		return y, false, err
	}
	sum, err := now.Digest()
	if err != nil {
		return y, false, err
	}
	if digest != sum {
		return y, false, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the list has the digest " + sum + ": read it again"}
	}
	if !slices.Contains(agencies, actor.By.Agency) {
		return y, false, relief.Errorf(relief.CodeForbidden, "%s is no agency that signs the year's end", actor.By.Agency)
	}
	if err := actor.Follows(y.Acts); err != nil {
		return y, false, err
	}
	act := relief.ActFundSignYearEnd
	switch {
	case existing == nil:
		y.State = YearEndBegun
	case y.SHA256 != sum:
		act = actSignsAgain
		y.Signatures = nil
	default:
		if i := slices.IndexFunc(y.Signatures, func(s YearEndSignature) bool { return s.Agency == actor.By.Agency }); i >= 0 {
			return y.signedBefore(y.Signatures[i], actor)
		}
	}
	y.Signatures = append(slices.Clip(y.Signatures), YearEndSignature{actor.By.Agency, len(y.Acts)})
	if act == relief.ActFundSignYearEnd && y.signedByAll(agencies) {
		act = actLastSigns
	}
	if y.State, err = relief.Next(YearEndTransitions, y.State, act); err != nil {
		return y, false, err
	}
	y.YearEndList, y.SHA256 = now, sum
	y.Acts = append(slices.Clip(y.Acts), actor.Entry(relief.ActFundSignYearEnd))
	return y, true, nil
}

func (y YearEnd) signedBefore(s YearEndSignature, actor relief.Actor) (YearEnd, bool, error) {
	if by := y.Acts[s.Act].By; !relief.SameOfficial(by, actor.By) {
		return y, false, relief.Errorf(relief.CodeConflict, "%s has signed this list for %s", by.Name, by.Agency)
	}
	return y, false, nil
}

func (y *YearEnd) signedByAll(agencies []string) bool {
	return !slices.ContainsFunc(agencies, func(agency string) bool { return !y.SignedBy(agency) })
}

// SignedBy reports whether an agency has signed the list.
func (y *YearEnd) SignedBy(agency string) bool {
	return slices.ContainsFunc(y.Signatures, func(s YearEndSignature) bool { return s.Agency == agency })
}
