package problem

// Fault is an error that knows its problem. Its detail is shown to the caller.
type Fault struct {
	kind   *Kind
	detail Text
	field  string
	line   int
}

// Because makes a fault with its reason in both languages.
func (k *Kind) Because(zh, en string) *Fault { return &Fault{kind: k, detail: Text{zh, en}} }

// Fault makes a fault whose detail is what the caller can do.
func (k *Kind) Fault() *Fault { return &Fault{kind: k, detail: k.Help} }

// OfField makes a fault of one field of the input, in both languages.
func OfField(field, zh, en string) *Fault {
	return &Fault{kind: Invalid, field: field, detail: Text{zh, en}}
}

// InField names the field of the input that is at fault.
func (f *Fault) InField(field string) *Fault {
	f.field = field
	return f
}

// OnLine names the line of the file that is at fault, from 1.
func (f *Fault) OnLine(line int) *Fault {
	f.line = line
	return f
}

// Error is for the log.
func (f *Fault) Error() string { return f.kind.Slug + ": " + f.detail.En }
