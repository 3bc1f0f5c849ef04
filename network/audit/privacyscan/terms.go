package privacyscan

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// shortest is the shortest length of a term in bytes; a shorter one would be found by chance.
const shortest = 6

// Terms are the byte strings to look for. Make them with New or NewBytes.
type Terms struct {
	// byStart maps the first four bytes to the terms that begin with them; maybe is a bit set of the first three bytes
	// of all terms, tested first because it is fast.
	byStart map[[4]byte][]term
	maybe   []uint64
}

type term struct {
	value    int // index of the value; reports give it instead of the value
	encoding string
	bytes    []byte
}

// New makes terms of values in all encodings: UTF-8, GB18030, UTF-16, base64 at each of its three offsets, hexadecimal,
// JSON escapes and URL escapes. A value so short that it would be found by chance is an error.
func New(values []string) (*Terms, error) {
	t := &Terms{byStart: map[[4]byte][]term{}, maybe: make([]uint64, 1<<18)}
	for i, v := range values {
		for name, b := range encodings(v) {
			if len(b) < shortest {
				return nil, fmt.Errorf("value %d has only %d bytes in %s and would be found by chance: give longer values", i, len(b), name)
			}
			t.add(term{i, name, b})
		}
	}
	return t, nil
}

// NewBytes makes terms of bytes as they are, and as base64. Each value must have 4 bytes or more.
func NewBytes(values ...[]byte) *Terms {
	t := &Terms{byStart: map[[4]byte][]term{}, maybe: make([]uint64, 1<<18)}
	for i, v := range values {
		t.add(term{i, "bytes", v})
		for offset, text := range base64s(v) {
			t.add(term{i, "base64+" + strconv.Itoa(offset), []byte(text)})
		}
	}
	return t
}

func (t *Terms) add(x term) {
	start := [4]byte(x.bytes)
	t.byStart[start] = append(t.byStart[start], x)
	n := uint(x.bytes[0])<<16 | uint(x.bytes[1])<<8 | uint(x.bytes[2])
	t.maybe[n>>6] |= 1 << (n & 63)
}

func encodings(v string) map[string][]byte {
	all := map[string][]byte{
		"utf-8": []byte(v), "hex": []byte(hex.EncodeToString([]byte(v))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(v)))),
	}
	for offset, text := range base64s([]byte(v)) {
		all["base64+"+strconv.Itoa(offset)] = []byte(text)
		if safe := strings.NewReplacer("+", "-", "/", "_").Replace(text); safe != text {
			all["base64url+"+strconv.Itoa(offset)] = []byte(safe)
		}
	}
	var little, escaped []byte
	for _, u := range utf16.Encode([]rune(v)) {
		little = append(little, byte(u), byte(u>>8)) //nolint:gosec // cut on purpose
		escaped = fmt.Appendf(escaped, `\u%04x`, u)
	}
	all["utf-16"] = little
	if ascii := strings.IndexFunc(v, func(r rune) bool { return r > 0x7f }) < 0; !ascii {
		all["json"] = escaped
		all["url"] = []byte(url.QueryEscape(v))
		if gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(v)); err == nil {
			all["gb18030"] = gb
		}
	}
	return all
}

// base64s are the characters of a base64 text that encode the value and do not depend on the bytes around it, for each
// of the three offsets at which the value may begin in a group of three bytes.
func base64s(v []byte) (texts [3]string) {
	for offset := range texts {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), v...))
		from := []int{0, 2, 3}[offset]
		until := len(text)
		if (offset+len(v))%3 != 0 {
			until--
		}
		texts[offset] = text[from:until]
	}
	return texts
}

// Hit is the place where a value was found. It does not repeat the value.
type Hit struct {
	Path     string
	Where    string // in the file
	Value    int    // index of the value
	Encoding string
}

func (h Hit) String() string {
	return fmt.Sprintf("%s, %s: value %d in %s", h.Path, h.Where, h.Value, h.Encoding)
}

// In searches content and returns the first place of each term.
func (t *Terms) In(path, where string, content []byte) (hits []Hit) {
	seen := map[string]bool{}
	for i := 0; i+shortest <= len(content); i++ {
		n := uint(content[i])<<16 | uint(content[i+1])<<8 | uint(content[i+2])
		if t.maybe[n>>6]&(1<<(n&63)) == 0 {
			continue
		}
		for _, x := range t.byStart[[4]byte(content[i:])] {
			if len(content)-i < len(x.bytes) || string(content[i:i+len(x.bytes)]) != string(x.bytes) || seen[string(x.bytes)] {
				continue
			}
			seen[string(x.bytes)] = true
			hits = append(hits, Hit{path, fmt.Sprintf("%s at byte %d", where, i), x.value, x.encoding})
		}
	}
	return hits
}
