package payment

import "relieftrail/chaincode/relief"

// Visit visits the payments of a value in the order of the roll, an earlier attempt before a later one. The line is the same
// variable each time.
func Visit(p Payments, visit func(*Line)) {
	further, _ := p.(*Further)
	var line Line
	p.visit(func(position int, slot *lineSlot, answer *lineAnswer) {
		var holder relief.BatchID // none of a grant that no batch has
		if slot.state != slotGranted {
			holder = p.holder(slot)
		}
		line = lineOf(position, slot, answer, holder)
		if further != nil {
			line.Again = further.againOf(position, slot.attempt)
		}
		visit(&line)
	})
}
