package thirdparty

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// compact reads a compact leaf from its beginning.
type compact struct {
	b   []byte
	err error
}

func (c *compact) take(n int) []byte {
	if c.err != nil || n > len(c.b) {
		c.err = errors.New("the leaf is cut short")
		return make([]byte, n)
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *compact) text() string { return string(c.take(int(c.take(1)[0]))) }

func (c *compact) varint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.err = errors.New("a number cannot be read")
		return 0
	}
	c.b = c.b[n:]
	return v
}

var kinds = []string{"", "arrears", "top_up", "grant"}

func yuan(fen uint64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// leafJSON writes the leaf of a compact leaf: JSON in the form of RFC 8785.
func leafJSON(b []byte) (string, error) {
	c := &compact{b: b}
	if c.take(1)[0] != 'f' {
		return "", errors.New("not a leaf")
	}
	further := c.take(1)[0] == 3
	programme, county, number := c.text(), c.varint(), c.varint()
	code, attempt := binary.BigEndian.Uint16(c.take(2)), c.take(1)[0]
	region, subject, amount := c.varint(), c.take(17), c.varint()
	var kind, deducted uint64
	if further {
		kind, deducted = uint64(c.take(1)[0]), c.varint()
	}
	day, batch, tx, bank, salt := c.varint(), c.text(), c.take(32), c.take(16), c.take(16)
	if c.err != nil || len(c.b) > 0 || kind >= uint64(len(kinds)) {
		return "", errors.Join(c.err, fmt.Errorf("%d bytes are left", len(c.b)))
	}
	year, month := 1999+int(code>>5), int(code&31)
	period := fmt.Sprintf("%04d-%02d", year, month)
	if month > 12 {
		period = fmt.Sprintf("%04d-Q%d", year, month-12)
	}
	leaf := map[string]string{
		"amount": yuan(amount), "bank_ref_sha256_128": hex.EncodeToString(bank), "batch": batch,
		"paid_at": time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly), "period": period, "programme": programme,
		"receipt_id": fmt.Sprintf("%s-%06d-%07d-%s-%d", programme, county, number, strings.ReplaceAll(period, "-", ""), attempt),
		"region":     fmt.Sprint(region), "salt": hex.EncodeToString(salt), "schema": "relieftrail/receipt/v2",
		"subject":     fmt.Sprintf("%d-%s", subject[0], strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(subject[1:]))),
		"transaction": hex.EncodeToString(tx),
	}
	if kind > 0 {
		leaf["kind"] = kinds[kind]
	}
	if deducted > 0 {
		leaf["deducted"] = yuan(deducted)
	}
	out, err := json.Marshal(leaf) // sorted by name, and no value has a character that is escaped
	return string(out), err
}

func leafHash(b []byte) ([32]byte, error) {
	text, err := leafJSON(b)
	return sha256.Sum256(append([]byte{0}, text...)), err
}

// The canonical leaf of the project's test data has the hash that is beside it.
func TestLeafHash(t *testing.T) {
	b, err := os.ReadFile("../../chaincode/relief/testdata/leaf-v2.txt")
	require.NoError(t, err)
	lines := strings.Split(string(b), "\n")
	sum := sha256.Sum256(append([]byte{0}, lines[0]...))
	require.Equal(t, lines[1], hex.EncodeToString(sum[:]))
}
