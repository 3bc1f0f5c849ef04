package packed

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
)

// Fields writes the fields of a record one after the other, or reads them. After the first fault nothing more is read, and
// Write and Read fail.
//
// Texts and references are kept once: the first use of one writes it, later uses write its place in the order of first uses. The
// empty text has place 0.
type Fields struct {
	reading bool
	out     []byte // what was written
	in      string // what is left to read
	words   []string
	faulty  bool
}

// Write packs a record: its kind, the version of the form, and its fields. CORRUPT for a record that Read could not read.
func Write(kind, version byte, fields func(*Fields)) ([]byte, error) {
	f := &Fields{out: append(make([]byte, 0, 1024), kind, version), words: make([]string, 1, 32)}
	if fields(f); f.faulty {
		return nil, errForm
	}
	return f.out, nil
}

// Read reads what Write wrote, and CORRUPT for any other bytes: there is one way to write a record.
func Read(b []byte, kind, version byte, fields func(*Fields)) error {
	if len(b) < 2 || b[0] != kind || b[1] != version {
		return errForm
	}
	f := &Fields{reading: true, in: string(b[2:]), words: make([]string, 1, 32)}
	if fields(f); f.faulty || f.in != "" {
		return errForm
	}
	return nil
}

var errForm = relief.Errorf(relief.CodeCorrupt, "it is not packed as records of its kind are")

func (f *Fields) fail() { f.faulty, f.in = true, "" }

// take reads n bytes; none after a fault.
func (f *Fields) take(n int) string {
	if n < 0 || n > len(f.in) {
		f.fail()
		return ""
	}
	b := f.in[:n]
	f.in = f.in[n:]
	return b
}

// raw are bytes of a length that is known.
func (f *Fields) raw(b []byte) {
	if f.reading {
		copy(b, f.take(len(b)))
	} else {
		f.out = append(f.out, b...)
	}
}

// varint is a number in its shortest form.
func (f *Fields) varint(v int64) int64 {
	if !f.reading {
		f.out = binary.AppendVarint(f.out, v)
		return v
	}
	u := uint64(0)
	for i := 0; i < len(f.in) && i < binary.MaxVarintLen64; i++ {
		b := f.in[i]
		u |= uint64(b&0x7f) << (7 * i)
		if b >= 0x80 {
			continue
		}
		if b == 0 && i > 0 || b > 1 && i == binary.MaxVarintLen64-1 {
			break // not the shortest form; more than 64 bits
		}
		f.in = f.in[i+1:]
		return int64(u>>1) ^ -int64(u&1) // zigzag, as binary.AppendVarint writes it
	}
	f.fail()
	return 0
}

// count is how many of something follow: as many as bytes are left at the most.
func (f *Fields) count(n int) int {
	n = int(f.varint(int64(n)))
	if n < 0 || f.reading && n > len(f.in) {
		f.fail()
		return 0
	}
	return n
}

// Number is a whole number.
func Number[T ~int | ~int64 | ~uint8 | ~uint16 | ~uint32](f *Fields, v *T) {
	n := f.varint(int64(*v))
	if *v = T(n); int64(*v) != n {
		f.fail()
	}
}

// Amount is an amount of money in fen: 0 to relief.MaxFen.
func (f *Fields) Amount(v *relief.Fen) {
	if Number(f, v); *v < 0 || *v > relief.MaxFen {
		f.fail()
	}
}

// Bool is yes or no.
func (f *Fields) Bool(v *bool) {
	n := int64(0)
	if *v {
		n = 1
	}
	if n = f.varint(n); n != 0 && n != 1 {
		f.fail()
	}
	*v = n == 1
}

// word is a text or the bytes of a reference. One that the record has already is not there a second time.
func (f *Fields) word(w string) string {
	if f.reading {
		return f.readWord()
	}
	place := slices.Index(f.words, w)
	if place >= 0 {
		f.varint(int64(place))
		return w
	}
	f.varint(int64(len(f.words)))
	f.varint(int64(len(w)))
	f.out, f.words = append(f.out, w...), append(f.words, w)
	return w
}

func (f *Fields) readWord() string {
	switch place := f.varint(0); {
	case place >= 0 && place < int64(len(f.words)):
		return f.words[place]
	case place != int64(len(f.words)):
		f.fail()
		return ""
	}
	w := f.take(f.count(0))
	if slices.Contains(f.words, w) {
		f.fail()
	}
	f.words = append(f.words, w)
	return w
}

// Text is a text, such as an id. One of a type that says how it is read has to be read so.
func Text[T ~string](f *Fields, v *T) {
	w := f.word(string(*v))
	if !utf8.ValidString(w) {
		f.fail()
	}
	if !f.reading {
		return
	}
	if of, ok := any(v).(encoding.TextUnmarshaler); !ok {
		*v = T(w)
	} else if of.UnmarshalText([]byte(w)) != nil || string(*v) != w {
		f.fail()
	}
}

// TextOrNone is a Text that may be empty although its type reads no empty text.
func TextOrNone[T ~string](f *Fields, v *T) {
	there := *v != ""
	if f.Bool(&there); !there {
		return
	}
	if Text(f, v); *v == "" {
		f.fail()
	}
}

// Ref is the reference of a person, which must be there.
func (f *Fields) Ref(v *relief.SubjectRef) {
	if w := f.word(string(v[:])); len(w) == len(v) {
		copy(v[:], w)
	}
	if !v.Valid() {
		f.fail()
	}
}

// Tag is a tag; none takes one byte.
func (f *Fields) Tag(v *relief.Tag) {
	switch Number(f, &v[0]); { // the epoch
	case v.Valid():
		f.raw(v[1:])
	case !v.IsZero():
		f.fail()
	}
}

// Period is a month or a quarter, or none.
func (f *Fields) Period(v *relief.Period) {
	code := v.Code()
	Number(f, &code)
	var err error
	if *v, err = relief.PeriodFromCode(code); err != nil {
		f.fail()
	}
}

// Payment is the id of a payment, or none.
func (f *Fields) Payment(v *relief.PaymentID) {
	text := v.String()
	if Text(f, &text); f.reading && text != "" && v.UnmarshalText([]byte(text)) != nil {
		f.fail()
	}
}

// Time is a time of the years 0 to 9999, with its zone in whole minutes: what JSON can write.
func (f *Fields) Time(v *time.Time) {
	_, seconds := v.Zone()
	zone := int64(seconds / 60)
	ms, rest := f.varint(v.UnixMilli()), f.varint(int64(v.Nanosecond())%int64(time.Millisecond))
	if zone = f.varint(zone); zone <= -24*60 || zone >= 24*60 || seconds%60 != 0 || rest < 0 || rest >= int64(time.Millisecond) {
		f.fail()
		return
	}
	if f.reading {
		if *v = time.UnixMilli(ms).Add(time.Duration(rest)).UTC(); zone != 0 {
			*v = v.In(time.FixedZone("", int(zone)*60))
		}
	}
	if year := v.Year(); year < 0 || year > 9999 {
		f.fail()
	}
}

// Hash is a text that mostly is a SHA-256 in hexadecimal, such as a transaction's id.
func (f *Fields) Hash(v *string) { f.digits(v, make([]byte, sha256.Size), fromHex, toHex) }

// Digest is a SHA-256 in hexadecimal, which must be there: 32 bytes.
func (f *Fields) Digest(v *string) {
	raw := make([]byte, sha256.Size)
	if !f.reading && !fromHex(raw, *v) {
		f.fail()
	}
	if f.raw(raw); f.reading {
		*v = toHex(raw)
	}
}

// Entry is one act in a record's history.
func Entry(e *relief.HistoryEntry, f *Fields) {
	Text(f, &e.Act)
	Text(f, &e.By.Agency)
	Text(f, &e.By.ID)
	Text(f, &e.By.Name)
	Text(f, &e.By.Role)
	Text(f, &e.By.Region)
	f.Time(&e.At)
	f.Hash(&e.Tx)
}

// Signature is a text that mostly is 64 bytes in base64.
func (f *Fields) Signature(v *string) {
	f.digits(v, make([]byte, ed25519.SignatureSize), fromBase64, base64.StdEncoding.EncodeToString)
}

// digits is a text that mostly is how encode writes some bytes. Then the bytes are kept, else the text.
func (f *Fields) digits(v *string, raw []byte, decode func(raw []byte, text string) bool, encode func([]byte) string) {
	short := !f.reading && decode(raw, *v)
	if f.Bool(&short); !short {
		if Text(f, v); f.reading && decode(raw, *v) {
			f.fail() // there is a shorter way to write it
		}
		return
	}
	if f.raw(raw); f.reading {
		*v = encode(raw)
	}
}

func fromHex(raw []byte, text string) bool {
	var digits [2 * sha256.Size]byte
	if len(text) != len(digits) || strings.ContainsAny(text, "ABCDEF") {
		return false
	}
	copy(digits[:], text)
	_, err := hex.Decode(raw, digits[:])
	return err == nil
}

func toHex(raw []byte) string {
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], raw)
	return string(digits[:])
}

func fromBase64(raw []byte, text string) bool {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && copy(raw, b) == len(b) && len(b) == len(raw) && len(text) == base64.StdEncoding.EncodedLen(len(raw))
}

// List is a list whose elements have fields of their own. An empty one is read as nil.
func List[T any](f *Fields, v *[]T, fields func(*T, *Fields)) {
	n := f.count(len(*v))
	if f.reading && n > 0 {
		*v = make([]T, 0, min(n, 16)) // more only when they are there
	}
	for i := 0; i < n && !f.faulty; i++ {
		if f.reading {
			*v = append(*v, *new(T))
		}
		fields(&(*v)[i], f)
	}
}

// Optional is something with fields of its own that need not be there.
func Optional[T any](f *Fields, v **T, fields func(*T, *Fields)) {
	there := *v != nil
	if f.Bool(&there); !there || f.faulty {
		return
	}
	if f.reading {
		*v = new(T)
	}
	fields(*v, f)
}
