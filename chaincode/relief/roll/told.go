package roll

// Told is what was paid to an entry before this record began; the zero Told for nothing.
func (s Segment) Told(position int) Told {
	for _, span := range s.spansOf(position) {
		if span.class == toldClass {
			return Told{PaidThrough: span.to, PaidSum: span.amount}
		}
	}
	return Told{}
}

// toldClass marks a span that says what was paid before this record began: until the span's last period, the span's amount in
// all. It changes no terms.
const toldClass = 't'
