package relief

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// LeafSchema names the form of a leaf and is its member "schema". A changed form gets a new name.
const LeafSchema = "relieftrail/receipt/v2"

// Leaf is what the transparency log and a receipt say about one credited payment. Its bytes are canonical JSON (RFC
// 8785); its hash is the leaf hash of RFC 6962. Because of the salt nobody can find a leaf's content by hashing
// guesses. A leaf has the members "kind" and "deducted" only when the payment is not a regular one and when something
// was deducted.
type Leaf struct {
	Payment  PaymentID // the receipt's id; it holds programme, county, period and attempt
	Region   Region
	Subject  SubjectRef
	Kind     PaymentKind
	Amount   Fen    // what counts against what is owed
	Deducted Fen    // of the amount; the rest was transferred
	Day      uint32 // days since 1970-01-01 of the bank's value date
	Batch    BatchID
	Tx       [32]byte // the transaction that recorded the credit
	BankRef  BankRefHash
	Salt     [16]byte // see LeafSalt
}

// MaxDay is the latest value date, 9999-12-31, in days since 1970-01-01.
const MaxDay = 2932896

// LeafSalt is the salt of a payment's leaf: HMAC-SHA-256 of the payment's id under a key of the finance agency, cut to
// 128 bits.
func LeafSalt(key []byte, id PaymentID) (salt [16]byte) {
	mac := hmac.New(sha256.New, key)
	mac.Write(id.appendTo(append(make([]byte, 0, 64), "relieftrail/receipt-salt/v1\x00"...)))
	copy(salt[:], mac.Sum(nil))
	return salt
}

// ParseTx reads a transaction's id, 64 hexadecimal digits in small letters.
func ParseTx(s string) (tx [32]byte, err error) {
	if n, err := hex.Decode(tx[:], []byte(s[:min(len(s), 64)])); err != nil || n != 32 || len(s) != 64 || hex.EncodeToString(tx[:]) != s {
		return [32]byte{}, FieldErrorf("transaction", "a transaction id has 64 hexadecimal digits")
	}
	return tx, nil
}

// AppendJSON appends the leaf as canonical JSON: the members in the order of their names, without white space. No value
// of a leaf has a character that JSON escapes.
func (l *Leaf) AppendJSON(b []byte) []byte {
	var f leafFrame
	f.set(l)
	return f.appendJSON(b, l)
}

// leafFrame is the text that leaves have in common when they share transaction and value date. Nearly all leaves of a
// transaction do, so the text is written once. The zero value is no frame.
type leafFrame struct {
	of          leafCommon
	middle, end []byte
}

// leafCommon holds the values in a frame's text.
type leafCommon struct {
	programme ProgrammeID
	period    Period
	batch     BatchID
	kind      PaymentKind
	deducted  Fen
	day       uint32
	tx        [32]byte
}

// set writes the frame of a leaf, unless it is the frame that f has already.
func (f *leafFrame) set(l *Leaf) {
	of := leafCommon{l.Payment.Programme, l.Payment.Period, l.Batch, l.Kind, l.Deducted, l.Day, l.Tx}
	if f.end != nil && f.of == of {
		return
	}
	f.of = of
	b := append(f.middle[:0], `","batch":"`...)
	b = append(b, l.Batch...)
	if l.Deducted != 0 {
		b = append(b, `","deducted":"`...)
		b = l.Deducted.appendTo(b)
	}
	if l.Kind != PaymentRegular {
		b = append(b, `","kind":"`...)
		b = append(b, l.Kind.String()...)
	}
	b = append(b, `","paid_at":"`...)
	b = DayTime(l.Day).AppendFormat(b, time.DateOnly)
	b = append(b, `","period":"`...)
	b = l.Payment.Period.appendTo(b)
	b = append(b, `","programme":"`...)
	b = append(b, l.Payment.Programme...)
	f.middle = append(b, `","receipt_id":"`...)
	b = hex.AppendEncode(append(f.end[:0], `","transaction":"`...), l.Tx[:])
	f.end = append(b, `"}`...)
}

// appendJSON does what AppendJSON does, with the frame that set has written for the leaf.
func (f *leafFrame) appendJSON(b []byte, l *Leaf) []byte {
	b = append(b, `{"amount":"`...)
	b = l.Amount.appendTo(b)
	b = append(b, `","bank_ref_sha256_128":"`...)
	b = hex.AppendEncode(b, l.BankRef[:])
	b = append(b, f.middle...)
	b = l.Payment.appendTo(b)
	b = append(b, `","region":"`...)
	b = append(b, l.Region...)
	b = append(b, `","salt":"`...)
	b = hex.AppendEncode(b, l.Salt[:])
	b = append(b, `","schema":"`+LeafSchema+`","subject":"`...)
	b = l.Subject.appendTo(b)
	return append(b, f.end...)
}

// PaidAt is the bank's value date, written 2026-11-10.
func (l *Leaf) PaidAt() string { return DayTime(l.Day).Format(time.DateOnly) }

// Hash is the leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical JSON.
func (l *Leaf) Hash() [32]byte { return sha256.Sum256(l.AppendJSON(append(make([]byte, 0, 512), 0))) }

// LeafHasher hashes many leaves. It writes the text that they have in common once, and it reuses its memory.
type LeafHasher struct {
	frame  leafFrame
	buffer []byte
}

func (h *LeafHasher) Hash(l *Leaf) [32]byte {
	h.frame.set(l)
	h.buffer = h.frame.appendJSON(append(h.buffer[:0], 0), l)
	return sha256.Sum256(h.buffer)
}

// DayTime is the midnight (UTC) of a day counted from 1970-01-01.
func DayTime(day uint32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }
