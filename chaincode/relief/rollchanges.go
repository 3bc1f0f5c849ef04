package relief

// Packed is entry i as the segment holds it; UnpackEntry reads it back.
func (s RollSegment) Packed(i int) []byte { return s.slot(i) }

// UnpackEntry reads one packed entry of a roll.
func UnpackEntry(b []byte, programme ProgrammeID, county Region, number uint32) (RollEntry, error) {
	seg, err := ParseRollSegment(append([]byte{rollKind, rollVersion, 0, 1}, b...))
	if err != nil {
		return RollEntry{}, err
	}
	return seg.Entry(0, RollPlace{Programme: programme, County: county, Segment: number, Size: 1}), nil
}
