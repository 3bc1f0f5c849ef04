package rules

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// change checks that a change of a roll entry was decided by another official than the one who proposed it, and that it is
// what the digest says. An erasure takes the tags of a new payee away, and the digest does not fit any more.
func (e *txChanges) change(r Record) {
	c, ok := unpack[roll.Change](e, r)
	if !ok {
		return
	}
	name := "change " + string(c.ID)
	if relief.ChangeKey(c.ID).String() != r.Name || len(c.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	erased := c.Kind.BringsDetails() && !c.Payee.Valid()
	if sum, err := c.Digest(); !erased && (err != nil || sum != c.SHA256) {
		e.report(BadRecord, "%s is not what its digest says", name)
	}
	decided := c.State == roll.ChangeConfirmed || c.State == roll.ChangeRefused
	if decided && (len(c.Acts) != 2 || relief.SameOfficial(c.Acts[0].By, c.Acts[1].By)) {
		e.report(BadRecord, "%s is decided by the official who proposed it", name)
	}
	if c.State == roll.ChangeConfirmed && c.Acts[len(c.Acts)-1].Tx == e.tx.ID {
		e.confirmed = append(e.confirmed, c)
	}
}
