package payment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Accounts are the accounts that a batch's payments go to, by the tags of the payees on the roll.
type Accounts struct{ uses []accountUse }

type accountUse struct {
	account relief.Tag
	number  uint32
}

// Add adds the accounts of one value of a batch.
func (a *Accounts) Add(b *Batch, v ValueAddr, s Payments, payees roll.Payees) {
	first := b.SegmentAddr(v.Segment).First()
	s.each(b.ID, func(position int, _ *lineSlot, _ *lineAnswer) {
		a.uses = append(a.uses, accountUse{payees.Payee(position).Account, first + uint32(position)}) //nolint:gosec // < 1000
	})
}

// SharedAccount is an account to which several people of a batch are paid.
type SharedAccount struct {
	Account relief.Tag
	Numbers []uint32 // on the roll, ascending
}

// Shared are the accounts that several people share, in the order of the lowest number of each.
func (a *Accounts) Shared() []SharedAccount {
	slices.SortStableFunc(a.uses, func(x, y accountUse) int { return cmp.Compare(x.number, y.number) })
	first := make(map[relief.Tag]int, len(a.uses)) // where each account is used first; only looked up, never ranged over
	group := make([]int, len(a.uses))              // the place in shared of an account that is used first here, from 1
	var shared []SharedAccount
	for n, use := range a.uses {
		at, known := first[use.account]
		switch {
		case !known:
			first[use.account] = n
			continue
		case a.uses[n-1] == use: // the same person again
			continue
		case group[at] == 0:
			shared = append(shared, SharedAccount{use.account, []uint32{a.uses[at].number}})
			group[at] = len(shared)
		}
		s := &shared[group[at]-1]
		s.Numbers = append(s.Numbers, use.number)
	}
	slices.SortFunc(shared, func(x, y SharedAccount) int { return cmp.Compare(x.Numbers[0], y.Numbers[0]) })
	return shared
}

// RequireDeclared refuses, with SHARED_ACCOUNT, a batch that pays several people to one account, unless a declaration in force
// allows it: an institution's for people of its county, a guardian's for at most roll.MaxWards. The refusal names roll numbers.
// declared are the declarations in force in the order of shared, nil for an account without one.
func RequireDeclared(b *Batch, shared []SharedAccount, declared []*roll.DeclaredAccount) error {
	var refused undeclared
	for i := range shared {
		if why := shared[i].refusal(b, declared[i]); why != nil { //nolint:gosec // as long as shared
			refused.add(shared[i].Numbers, why)
		}
	}
	return refused.err()
}

// bothLanguages is a reason for officials, Chinese and English.
type bothLanguages struct{ zh, en string }

func (s *SharedAccount) refusal(b *Batch, d *roll.DeclaredAccount) *bothLanguages {
	switch {
	case d == nil:
		return &bothLanguages{"共用的账户未经声明", "share an account that is not declared"}
	case d.Kind == roll.AccountInstitution && d.County != b.Region.County():
		return &bothLanguages{
			"共用的机构账户 " + string(d.ID) + " 是为 " + string(d.County) + " 声明的",
			"share the institution's account " + string(d.ID) + ", which is declared for " + string(d.County),
		}
	case d.Kind == roll.AccountGuardian && len(s.Numbers) > roll.MaxWards:
		return &bothLanguages{
			fmt.Sprintf("共用监护人账户 %s，超过 %d 人", d.ID, roll.MaxWards),
			fmt.Sprintf("share the guardian's account %s, which may have at most %d", d.ID, roll.MaxWards),
		}
	}
	return nil
}

// maxNamed is how many roll numbers a refusal names.
const maxNamed = 10

// undeclared gathers what a batch is refused for.
type undeclared struct {
	accounts, people, named int
	zh, en                  []string
}

func (u *undeclared) add(numbers []uint32, why *bothLanguages) {
	u.accounts++
	u.people += len(numbers)
	name := min(len(numbers), maxNamed-u.named)
	if name <= 0 {
		return
	}
	u.named += name
	texts := make([]string, name)
	for i := range texts {
		texts[i] = fmt.Sprintf("%07d", numbers[i])
	}
	u.zh = append(u.zh, "名册序号 "+strings.Join(texts, "、")+" "+why.zh)
	u.en = append(u.en, "roll numbers "+strings.Join(texts, ", ")+" "+why.en)
}

func (u *undeclared) err() error {
	if u.accounts == 0 {
		return nil
	}
	zh, en := strings.Join(u.zh, "；"), strings.Join(u.en, "; ")
	if more := u.people - u.named; more > 0 {
		zh += fmt.Sprintf("；另有 %d 人", more)
		en += fmt.Sprintf("; and %d more", more)
	}
	zh += fmt.Sprintf("（共 %d 个账户）。请更正账户，或先声明共用账户", u.accounts)
	en += fmt.Sprintf(" (%d accounts): correct the accounts, or declare them as shared first", u.accounts)
	return relief.Errorf(relief.CodeSharedAccount, "%s · %s", zh, en)
}
