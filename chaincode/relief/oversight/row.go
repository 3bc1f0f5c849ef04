package oversight

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"relieftrail/chaincode/relief"
)

// RowSchema names the form of a row and is its member "schema". A changed form gets a new name.
const RowSchema = "relieftrail/row/v1"

// Row is what a list of a month says of one credited payment (R26). Its bytes are canonical JSON (RFC 8785), always with all
// members; its hash is the leaf hash of RFC 6962. It names nobody: the leaf leads to the receipt of whoever was paid.
type Row struct {
	Amount   relief.Fen         `json:"amount"`   // what counts against what is owed
	Class    string             `json:"class"`    // of the household in the period
	Deducted relief.Fen         `json:"deducted"` // of the amount; the rest was transferred
	Kind     relief.PaymentKind `json:"kind"`
	Leaf     string             `json:"leaf"`    // hash of the receipt's leaf, 64 hexadecimal digits
	PaidOn   relief.Day         `json:"paid_on"` // the bank's value date
	Period   relief.Period      `json:"period"`  // that the payment is for; the accounting period is the month's
	Persons  uint8              `json:"persons"` // of the household in the period
	Schema   string             `json:"schema"`
}

// AppendJSON appends the row as canonical JSON: the members in the order of their names, without white space. No value of a row
// has a character that JSON escapes.
func (r *Row) AppendJSON(b []byte) []byte {
	b = append(b, `{"amount":"`...)
	b = append(b, r.Amount.String()...)
	b = append(b, `","class":"`...)
	b = append(b, r.Class...)
	b = append(b, `","deducted":"`...)
	b = append(b, r.Deducted.String()...)
	b = append(b, `","kind":"`...)
	b = append(b, r.Kind.String()...)
	b = append(b, `","leaf":"`...)
	b = append(b, r.Leaf...)
	b = append(b, `","paid_on":"`...)
	b = append(b, r.PaidOn...)
	b = append(b, `","period":"`...)
	b = append(b, r.Period.String()...)
	b = append(b, `","persons":`...)
	b = strconv.AppendUint(b, uint64(r.Persons), 10)
	return append(b, `,"schema":"`+RowSchema+`"}`...)
}

// Hash is the leaf hash of RFC 6962: SHA-256 of a zero byte and the canonical JSON.
func (r *Row) Hash() [32]byte { return sha256.Sum256(r.AppendJSON(append(make([]byte, 0, 320), 0))) }

// hexOf writes a hash as rows and villages have it.
func hexOf(hash [32]byte) string { return hex.EncodeToString(hash[:]) }
