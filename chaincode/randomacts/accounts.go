// SPDX-License-Identifier: Apache-2.0

package randomacts

// onAccount declares a shared account or ends a declaration, or finds a need.
func (a *Acts) onAccount() []act {
	switch a.rand.IntN(4) {
	case 0:
		id := a.next("n")
		return []act{
			{civilPreparer, "need:Find", object{
				"id": id, "subject": ref(a.rand.IntN(people)).String(), "region": firstTown, "programme": monthly, "source": "civil-registry", "sha256": digest(id),
			}, nil},
			{township, "need:Dismiss", object{"need": id, "reason": "不符"}, nil},
		}
	case 1:
		return []act{{civilApprover, "roll:EndAccount", object{"id": a.recent("d"), "reason": "期满"}, nil}}
	}
	return []act{{civilPreparer, "roll:DeclareAccount", object{
		"id": a.next("d"), "kind": "guardian", "county": County, "account_tag": payee(a.rand.IntN(people)).Account, "evidence_sha256": a.paper(),
	}, nil}}
}
