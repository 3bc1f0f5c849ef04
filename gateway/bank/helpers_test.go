package bank

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// schemas is the folder of the official schemas: beside the checkout, or where RELIEFTRAIL_ISO20022 says.
func schemas(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RELIEFTRAIL_ISO20022")
	if dir == "" {
		for _, up := range []string{"../../../shared", "../../../../shared"} {
			if d := filepath.Join(up, "data", "iso20022"); dir == "" && exists(d) {
				dir = d
			}
		}
	}
	if !exists(dir) {
		t.Skip("the official schemas are not here (../shared/data/iso20022 beside the checkout, or RELIEFTRAIL_ISO20022): not validated")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils; scripts/test-tools installs it): not validated")
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return path != "" && err == nil
}

// validate holds a file against its schema. Where the folder lacks the older of two versions, the newer shows the structure:
// the file is validated with its namespace raised.
func validate(t *testing.T, document []byte) {
	t.Helper()
	dir := schemas(t)
	text := string(document)
	for old, newer := range map[string]string{"pain.001.001.09": "pain.001.001.10", "pain.002.001.10": "pain.002.001.11"} {
		text = strings.ReplaceAll(text, old, newer)
	}
	_, rest, ok := strings.Cut(text, namespace)
	require.True(t, ok)
	version, _, _ := strings.Cut(rest, `"`)
	file := filepath.Join(t.TempDir(), "message.xml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(dir, version+".xsd"), file).CombinedOutput()
	require.NoError(t, err, string(out))
}

func payments(n int) []Payment {
	out := make([]Payment, n)
	for i := range out {
		id, err := relief.ParsePaymentID(fmt.Sprintf("dibao-530181-%07d-202611-1", i+1))
		if err != nil {
			panic(err)
		}
		out[i] = Payment{ID: id, Amount: relief.Fen(62000 + i%7*100), Name: "张某某", Account: fmt.Sprintf("62280000%08d", i), Bank: "云南省农村信用社"}
	}
	return out
}

func order(version string) *Order {
	return &Order{
		Version: version, MessageID: "RT-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0001",
		Created: time.Date(2026, 11, 9, 8, 30, 0, 0, shanghai), Execute: time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC),
		Initiator: Party{"安宁市财政局", "11530181MB0000000X"}, Debtor: Party{"安宁市财政局 <专户> & 国库", ""},
		Account: "5301810100000088", AgentCNAPS: "402731001234", Text: "dibao 2026-11",
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
