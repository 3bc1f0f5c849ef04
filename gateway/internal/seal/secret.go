package seal

import (
	"fmt"
	"log/slog"
)

// Secret is personal data in memory: it does not print, log or marshal.
type Secret string

const withheld = "[withheld]"

// Reveal gives the text.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string { return withheld }

// GoString keeps %#v from printing the text.
func (s Secret) GoString() string { return withheld }

// Format keeps every verb of fmt from printing the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(withheld)) }

// LogValue keeps slog from printing the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(withheld) }

// MarshalJSON keeps encoding/json from writing the text.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + withheld + `"`), nil }

// MarshalText keeps other encoders, and map keys, from writing the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(withheld), nil }
