package bankdesk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
)

// Rule says of what kind the entries are that all of its conditions hold for; an empty condition holds for every entry.
type Rule struct {
	Name         string
	Kind         statement.Kind
	Side         Side   // in or out
	Code         string // a transaction code, or how one begins
	Counterparty string // of the entry, whole
	Text         string // a regular expression for the remittance information

	text *regexp.Regexp
}

// Side says whether money came in or went out.
type Side string

// The sides.
const (
	EitherSide Side = ""
	SideIn     Side = "in"
	SideOut    Side = "out"
)

func (s Side) keeps(in bool) bool { return s == EitherSide || (s == SideIn) == in }

// Rules are the rules by which entries are classified, in their order, with the version that the ledger has of them.
type Rules struct {
	Version string
	List    []Rule
}

// maxRuleName leaves room for the version in what the ledger has, 60 characters.
const maxRuleName = 30

// NewRules checks rules.
func NewRules(version string, list []Rule) (Rules, error) {
	if len(list) > 0 && (version == "" || len(version) > maxRuleName-1) {
		return Rules{}, fmt.Errorf("version: must have 1 to %d characters: the ledger says by which rules an entry was classified", maxRuleName-1)
	}
	names := map[string]bool{}
	for i := range list {
		r := &list[i]
		var err error
		switch r.text, err = regexp.Compile(r.Text); {
		case r.Name == "" || len(r.Name) > maxRuleName || names[r.Name]:
			return Rules{}, fmt.Errorf("list[%d].name: must have 1 to %d characters and be no other rule's, not %q", i, maxRuleName, r.Name)
		case !slices.Contains(statement.Kinds, r.Kind) || r.Kind == statement.Payment:
			return Rules{}, fmt.Errorf("list[%d].kind: must be one of %q without payment, not %q", i, statement.Kinds, r.Kind)
		case !slices.Contains([]Side{EitherSide, SideIn, SideOut}, r.Side):
			return Rules{}, fmt.Errorf("list[%d].side: must be in or out, not %q", i, r.Side)
		case err != nil:
			return Rules{}, fmt.Errorf("list[%d].text: %w", i, err)
		case r.Code == "" && r.Counterparty == "" && r.Text == "":
			return Rules{}, fmt.Errorf("list[%d]: must have a code, a counterparty or a text", i)
		}
		names[r.Name] = true
	}
	return Rules{version, list}, nil
}

// classify is the first rule that holds for an entry, with its version; "" for none. Entries of payments have none.
func (r *Rules) classify(e *bankfile.Entry) (statement.Kind, string) {
	if !slices.Contains(unexplained, Reason(e.Problem)) || e.NoAmount {
		return "", ""
	}
	for i := range r.List {
		if rule := &r.List[i]; rule.holds(e) {
			return rule.Kind, rule.Name + "@" + r.Version
		}
	}
	return "", ""
}

func (r *Rule) holds(e *bankfile.Entry) bool {
	if r.Kind == statement.Recovery && (!e.Credit || strings.TrimSpace(e.BankRef) == "") {
		return false
	}
	return r.Side.keeps(e.Credit) && strings.HasPrefix(e.Code, r.Code) &&
		(r.Counterparty == "" || r.Counterparty == e.Counterparty) && r.text.MatchString(e.Text)
}

// unexplained are the reasons of entries that name no payment: rules say what they are.
var unexplained = []Reason{Reason(bankfile.OtherBooking), Reason(bankfile.MissingID), Reason(bankfile.UnknownID)}
