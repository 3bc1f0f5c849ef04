package bilingual

import (
	"fmt"
	"strings"
	"unicode"
)

// Text is one sentence in both languages.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Separator stands between the Chinese and the English half of a text.
const Separator = " · "

// String writes "Chinese · English", the form of titles, details and reasons.
func (t Text) String() string { return t.Zh + Separator + t.En }

// Textf writes both halves with the same values, in fmt's verbs.
func Textf(zh, en string, args ...any) Text {
	return Text{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// Both gives a text in both languages back as it is, and puts the Chinese sentence before one that is English only.
func Both(zh, text string) Text {
	if first, second, ok := cut(text); ok {
		return Text{first, second}
	}
	return Text{zh, text}
}

// Complete reports whether a text has a Chinese half and an English one.
func Complete(text string) bool {
	_, _, ok := cut(text)
	return ok
}

func cut(text string) (zh, en string, ok bool) {
	zh, en, ok = strings.Cut(text, Separator)
	return zh, en, ok && en != "" && strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
