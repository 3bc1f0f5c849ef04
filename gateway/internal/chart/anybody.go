package chart

import "slices"

// few is the number of households below which figures could tell of one of them: the published lists show no more of so few either.
const few = 5

// ForAnybody leaves out the rows of fewer than five households, and says how many they were.
func (f *Figures) ForAnybody(code Code) (left int) {
	before := len(f.Rows)
	switch code {
	case Places:
		f.leaveOut(func(r *Row) bool { return r.number("households") < few })
	case Months:
		f.leaveOut(func(r *Row) bool { return r.number("due_payments") < few })
	case Lateness:
		sum := int64(0)
		for i := range f.Rows {
			sum += f.Rows[i].number("people")
		}
		f.leaveOut(func(*Row) bool { return sum < few })
	}
	return before - len(f.Rows)
}

func (f *Figures) leaveOut(which func(*Row) bool) {
	f.Rows = slices.DeleteFunc(f.Rows, func(r Row) bool { return which(&r) })
}

// number is what a row has in a column.
func (r *Row) number(name string) int64 {
	return r.Cells[slices.IndexFunc(r.Columns, func(c Column) bool { return c.Name == name })].Number
}
