// SPDX-License-Identifier: Apache-2.0

package randomacts

import "fmt"

// onRegistry has one agency propose a change and the others agree, or has an official begin or end.
func (a *Acts) onRegistry() []act {
	agencies := []Official{civilRegistrar, financeReg, auditRegistrar}
	n := a.rand.IntN(3)
	by := agencies[n]
	id := a.next("p")
	switch a.rand.IntN(4) {
	case 0:
		name := "clerk-" + id
		of := object{"agency": by.Agency, "name": name, "reason": "离岗"}
		return []act{
			{by, "official:Register", object{"agency": by.Agency, "name": name, "id": "no-" + id}, nil},
			{by, "official:Revoke", object{"agency": by.Agency, "name": name, "serials": []string{fmt.Sprintf("%x", 1000+a.rand.IntN(1000))}, "reason": "换证"}, nil},
			{by, "official:Retire", of, nil},
		}
	case 1:
		return []act{{by, "reading:Anchor", object{"day": a.day(0), "count": a.last, "head": digest(id)}, nil}}
	}
	limit := a.rand.IntN(100)
	change := []object{
		{"thresholds": object{"x": limit, "screen.s39.1.workdays": 1 + limit%9}},
		{"calendar": object{"holidays": []string{"2027-01-01"}, "workdays": []string{}, "utc_offset": 480}},
	}[a.rand.IntN(2)]
	proposal := act{by, "registry:Propose", object{"id": id, "change": change}, nil}
	answer, done, err := a.submit(&proposal)
	if err != nil || !done {
		return nil
	}
	if a.rand.IntN(4) == 0 {
		return []act{{by, "registry:Withdraw", object{"id": id}, nil}}
	}
	agree := object{"id": id, "digest": answer["digest"]}
	return []act{{agencies[(n+1)%3], "registry:Agree", agree, nil}, {agencies[(n+2)%3], "registry:Agree", agree, nil}}
}
