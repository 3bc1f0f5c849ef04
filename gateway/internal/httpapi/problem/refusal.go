package problem

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
)

// refusals is the one map from the contracts' refusals to HTTP.
var refusals = map[relief.Code]*Kind{
	relief.CodeInvalid:    Invalid,
	relief.CodeNotFound:   NotFound,
	relief.CodeConflict:   Conflict,
	relief.CodeWrongState: WrongState,
	relief.CodeForbidden:  Forbidden,
	relief.CodeRegion:     Region,
	relief.CodeSamePerson: SamePerson,
	relief.CodeFunds:      Funds,
	relief.CodeTotals:     Totals,
	relief.CodePending:    Pending,
	relief.CodeDuplicate:  Duplicate,
	relief.CodeNotice:     NoticeNotOver,
	relief.CodeEvidence:   EvidenceMissing,
	relief.CodeMatch:      MatchMissing,
	relief.CodeLate:       Late,
	relief.CodeCorrupt:    RecordUnreadable,

	relief.CodeSharedAccount: SharedAccount,
}

// OfContracts lists the kinds that a refusal of the contracts may be, in the order of Kinds.
func OfContracts() []*Kind {
	var list []*Kind
	for _, k := range kinds {
		for _, r := range refusals {
			if r == k && k != Internal {
				list = append(list, k)
				break
			}
		}
	}
	return list
}

func ofRefusal(e *relief.Error) Document {
	kind, ok := refusals[e.Code]
	if !ok || kind == Internal {
		d := Internal.Bare()
		d.Field = e.Field
		return d
	}
	d := kind.Bare()
	d.Field = e.Field
	if d.Detail = bilingual.Refusal(e); kind == RecordUnreadable {
		d.Detail = kind.Help.String() // what is wrong with the value is for the log
	}
	return d
}
