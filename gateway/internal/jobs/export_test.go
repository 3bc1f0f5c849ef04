package jobs

// SortAtOne has so many new people of a roll put in order at a time.
func SortAtOne(people int) (back func()) {
	before := sortedEntries
	sortedEntries = people
	return func() { sortedEntries = before }
}
