// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Official is somebody who acts.
type Official struct {
	Agency, Name, Role string
	Region             relief.Region
}

// The agencies.
const (
	civil   = "CivilAffairsMSP"
	finance = "FinanceMSP"
	audit   = "AuditMSP"
)

// The county in which nearly everybody lives, one that some move to, and townships of the first. The third township ends and the
// second is its successor.
const (
	County      = relief.Region("530181")
	otherCounty = relief.Region("530129")
	firstTown   = County + "001"
	secondTown  = County + "002"
	thirdTown   = County + "003"
	otherTown   = otherCounty + "001"
)

// The officials who act.
var (
	civilPreparer   = Official{civil, "civil-preparer", "preparer", County}
	secondPreparer  = Official{civil, "civil-second-preparer", "preparer", County}
	civilApprover   = Official{civil, "civil-approver", "approver", County}
	civilChief      = Official{civil, "civil-second-approver", "approver", County}
	township        = Official{civil, "civil-township", "township", firstTown}
	secondTownship  = Official{civil, "civil-second-township", "township", firstTown}
	village         = Official{civil, "civil-village", "village", firstTown + "001"}
	otherPreparer   = Official{civil, "civil-other-county", "preparer", otherCounty}
	otherApprover   = Official{civil, "civil-other-approver", "approver", otherCounty}
	province        = Official{civil, "province-preparer", "preparer", "53"}
	provinceChief   = Official{civil, "province-approver", "approver", "53"}
	civilRegistrar  = Official{civil, "civil-registrar", "registrar", "53"}
	financePreparer = Official{finance, "finance-preparer", "preparer", "53"}
	financeApprover = Official{finance, "finance-approver", "approver", "53"}
	financeReg      = Official{finance, "finance-registrar", "registrar", "53"}
	auditReader     = Official{audit, "audit-reader", "reader", "53"}
	auditApprover   = Official{audit, "audit-approver", "approver", "53"}
	auditPreparer   = Official{audit, "audit-preparer", "preparer", "53"}
	auditRegistrar  = Official{audit, "audit-registrar", "registrar", "53"}

	// Officials are all who act.
	Officials = []Official{
		civilPreparer, secondPreparer, civilApprover, civilChief, township, secondTownship, village, otherPreparer, otherApprover, province,
		provinceChief, civilRegistrar, financePreparer, financeApprover, financeReg, auditReader, auditApprover, auditPreparer, auditRegistrar,
	}
)

// named is the official who has a name.
func named(name string) Official {
	for _, o := range Officials {
		if o.Name == name {
			return o
		}
	}
	return civilPreparer
}

// of is somebody at random.
func (a *Acts) of(officials ...Official) Official { return officials[a.rand.IntN(len(officials))] }

// preparerOf and approverOf are officials of civil affairs for a region.
func (a *Acts) preparerOf(r relief.Region) Official {
	if otherCounty.Covers(r) {
		return a.of(otherPreparer, otherPreparer, province)
	}
	return a.of(civilPreparer, civilPreparer, secondPreparer, province)
}

func (a *Acts) approverOf(r relief.Region) Official {
	if otherCounty.Covers(r) {
		return a.of(otherApprover, otherApprover, provinceChief)
	}
	return a.of(civilApprover, civilApprover, civilChief, provinceChief)
}

// clerkOf is one of some officials, or the other county's for its regions.
func (a *Acts) clerkOf(r relief.Region, officials ...Official) Official {
	if otherCounty.Covers(r) {
		return otherPreparer
	}
	return a.of(officials...)
}

// chiefOf is somebody who decides cases of a region.
func (a *Acts) chiefOf(r relief.Region) Official {
	if otherCounty.Covers(r) {
		return otherApprover
	}
	return a.of(civilApprover, civilChief)
}

// people are those who may be on a roll from the first on. A person's member is the one with a number 1000 higher, another reference
// of theirs that with a number 2000 higher.
const people = 48

func ref(n int) relief.SubjectRef {
	return relief.NewSubjectRef(1, []byte("a key of the tests"), relief.IDNumber(fmt.Sprint("person ", n)))
}

// payee is a person's payee by the card that they have at first.
func payee(n int) roll.Payee { return card(n, 0) }

// card is a person's payee by another card.
func card(n, another int) roll.Payee {
	high, low := byte(n>>8), byte(n) //nolint:gosec // both bytes
	return roll.Payee{
		Name: relief.Tag{1, 'n', high, low}, Account: relief.Tag{1, 'a', high, low, byte(another)}, //nolint:gosec // small
	}
}

// numberOf is the number of the person who has a reference, and false for a stranger.
func (a *Acts) numberOf(s relief.SubjectRef) (int, bool) {
	if a.numbers == nil {
		a.numbers = map[relief.SubjectRef]int{}
		for n := range people {
			for more := 0; more < 4000; more += 1000 {
				a.numbers[ref(n+more)] = n + more
			}
		}
	}
	n, ok := a.numbers[s]
	return n, ok
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func (a *Acts) paper() string { return digest(fmt.Sprint("paper ", a.rand.Uint64())) }

// sealed are private details of so many people, which nobody here can open.
func sealed(count int) transient {
	documents := make([][]byte, count)
	for i := range documents {
		documents[i] = []byte("\x83sealed")
	}
	return transient{wire.TransientPersons: roll.AppendDetails(nil, documents)}
}
