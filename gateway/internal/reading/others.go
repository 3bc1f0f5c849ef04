package reading

// others keeps copies of other agencies' records.
type others struct{}

func (*others) close() error { return nil }

func (*others) alerts() []string { return nil }
