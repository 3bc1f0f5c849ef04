package payee

import (
	"fmt"
	"log/slog"
)

// private is personal data in memory: it does not print, log or marshal.
type private struct{ text string }

const withheld = "[withheld]"

// Reveal gives the text.
func (p private) Reveal() string { return p.text }

// IsZero reports whether there is no value.
func (p private) IsZero() bool { return p.text == "" }

// String keeps the text from being printed.
func (p private) String() string { return withheld }

// Format keeps every verb of fmt from printing the text.
func (p private) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(withheld)) }

// LogValue keeps slog from printing the text.
func (p private) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalJSON keeps encoding/json from writing the text.
func (p private) MarshalJSON() ([]byte, error) { return []byte(`"` + withheld + `"`), nil }

// MarshalText keeps other encoders, and map keys, from writing the text.
func (p private) MarshalText() ([]byte, error) { return []byte(withheld), nil }
