package payment

// Changes lists the payments that differ from an earlier version, in the order of positions and numbers. A grant is a payment
// from the batch on that lists it: one that no batch holds is not listed.
func (f *Further) Changes(before *Further) (changes []LineChange) {
	f.beside(before, func(was, is *Line) {
		if is.Attempt != 0 && *is != *was {
			changes = append(changes, LineChange{*was, *is})
		}
	})
	return changes
}

// Removed lists the payments of an earlier version that are in no batch any more.
func (f *Further) Removed(before *Further) (lines []Line) {
	f.beside(before, func(was, is *Line) {
		if was.Attempt != 0 && is.Attempt == 0 {
			lines = append(lines, *was)
		}
	})
	return lines
}

// beside visits the payments of two versions in their order. A payment that a version lacks, or has in no batch, is the zero
// value there.
func (f *Further) beside(before *Further, visit func(was, is *Line)) {
	i, k := 0, 0
	for i < len(f.entries) || k < len(before.entries) {
		order := 0
		switch {
		case i == len(f.entries):
			order = 1
		case k == len(before.entries):
			order = -1
		default:
			b := &before.entries[k]
			order = f.entries[i].compare(int(b.position), b.attempt)
		}
		var was, is Line
		if order <= 0 {
			is = f.line(&f.entries[i])
			i++
		}
		if order >= 0 {
			was = before.line(&before.entries[k])
			k++
		}
		visit(&was, &is)
	}
}

// line is a payment; the zero value for a grant that no batch holds.
func (f *Further) line(e *furtherEntry) Line {
	if e.state == slotGranted {
		return Line{}
	}
	l := lineOf(int(e.position), &e.lineSlot, &e.lineAnswer, f.batches[e.batch])
	l.Again = e.again
	return l
}
