package bankfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/unicode"

	"relieftrail/chaincode/relief"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func transfers(n int) []Transfer {
	out := make([]Transfer, n)
	for i := range out {
		id, err := relief.ParsePaymentID(fmt.Sprintf("dibao-530181-%07d-202611-1", i+1))
		if err != nil {
			panic(err)
		}
		out[i] = Transfer{ID: id, Amount: relief.Fen(62000 + i%7*100), Name: "张某某", Account: fmt.Sprintf("62280000%08d", i), Bank: "云南省农村信用社", Text: "dibao 2026-11"}
	}
	return out
}

func order(version string) *Order {
	return &Order{
		Version: version, MessageID: "RT-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0001",
		Created: time.Date(2026, 11, 9, 8, 30, 0, 0, shanghai), Execute: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC),
		Initiator: Party{"安宁市财政局", "11530181MB0000000X"}, Debtor: Party{"安宁市财政局 <专户> & 国库", ""},
		Account: "5301810100000088", AgentCNAPS: "402731001234",
	}
}

func fen(s string) *Balance {
	var b Balance
	if err := b.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return &b
}

// collect reads a message whole.
func collect(document []byte) (Message, []Entry, error) {
	var entries []Entry
	m, err := Read(strings.NewReader(string(document)), Options{Location: shanghai}, func(e *Entry) error {
		entries = append(entries, *e)
		return nil
	})
	return m, entries, err
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// inUTF16 is a text in UTF-16 with a byte order mark, as Windows writes it.
func inUTF16(t testing.TB, s string) []byte {
	t.Helper()
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
