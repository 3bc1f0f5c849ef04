package bankfile

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leaf is a value of an XML message: its path, and where its text stands.
type leaf struct {
	path       string
	start, end int64
}

// leavesOf are the values of a message, the currencies of amounts among them.
func leavesOf(t *testing.T, document []byte) (leaves []leaf) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(document))
	var path []string
	var text leaf
	for {
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return leaves
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			text = leaf{strings.Join(path[1:], "/"), d.InputOffset(), d.InputOffset()}
			for _, a := range token.Attr {
				if at := bytes.Index(document[before:d.InputOffset()], []byte(`Ccy="`)); a.Name.Local == "Ccy" && at >= 0 {
					from := before + int64(at) + int64(len(`Ccy="`))
					leaves = append(leaves, leaf{text.path + "@Ccy", from, from + int64(len(a.Value))})
				}
			}
		case xml.CharData:
			text.end = d.InputOffset()
		case xml.EndElement:
			if len(path) > 1 && strings.Join(path[1:], "/") == text.path && text.end > text.start {
				leaves = append(leaves, text)
			}
			path, text = path[:len(path)-1], leaf{}
		}
	}
}

// another gives a value of another meaning: the other side, another day, another digit, another code.
func another(value string) string {
	for _, pair := range [][2]string{{"CRDT", "DBIT"}, {"true", "false"}, {"BOOK", "PDNG"}, {"RJCT", "ACSP"}, {"ACCC", "RJCT"}} {
		if value == pair[0] {
			return pair[1]
		}
		if value == pair[1] {
			return pair[0]
		}
	}
	at := strings.LastIndexAny(value, "0123456789")
	if len(value) > len("2026-11-09T") && value[len("2026-11-09")] == 'T' {
		at = len("2026-11-0")
	}
	switch {
	case at < 0:
		return value[:len(value)-1] + "X"
	case value[at] == '1':
		return value[:at] + "2" + value[at+1:]
	}
	return value[:at] + "1" + value[at+1:]
}

// unread are the values that may change without another reading, and why.
var unread = map[string]string{
	"BkToCstmrStmt/GrpHdr/CreDtTm":                      "the statement says its day",
	"BkToCstmrStmt/Stmt/CreDtTm":                        "the closing balance's day is the statement's",
	"BkToCstmrStmt/Stmt/Bal/Dt/Dt":                      "of an only opening balance: the day orders several",
	"BkToCstmrStmt/Stmt/Ntry/NtryDtls/Btch/NbOfTxs":     "the transactions must give the entry's amount",
	"BkToCstmrDbtCdtNtfctn/GrpHdr/CreDtTm":              "each entry has its day",
	"BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Amt":             "of an entry in another currency, and with a part of a fen",
	"BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Amt@Ccy":         "one other currency for another",
	"CstmrPmtStsRpt/OrgnlGrpInfAndSts/OrgnlMsgNmId":     "the message id says which file",
	"CstmrPmtStsRpt/OrgnlPmtInfAndSts/OrgnlPmtInfId":    "the message id says which file",
	"CstmrPmtStsRpt/OrgnlPmtInfAndSts/StsRsnInf/Rsn/Cd": "of a block that names no payment",
}

// wholeReading is all that a file says.
func wholeReading(t *testing.T, document []byte) string {
	t.Helper()
	m, entries, err := collect(document)
	if err != nil {
		return "refused: " + err.Error()
	}
	b, err := json.Marshal(struct {
		Message Message
		Entries []Entry
	}{m, entries})
	require.NoError(t, err)
	return string(b)
}

// TestAnotherValueIsAnotherReading changes each value of the messages, one after another. The reading is another one, or the file is refused: no
// value that the bank states is passed over, but those that are named above.
func TestAnotherValueIsAnotherReading(t *testing.T) {
	for _, name := range []string{"camt053.xml", "camt054.xml", "pain002.xml"} {
		document := file(t, name)
		before := wholeReading(t, document)
		leaves := leavesOf(t, document)
		require.Greater(t, len(leaves), 20)
		for _, l := range leaves {
			value := another(string(document[l.start:l.end]))
			changed := slices.Concat(document[:l.start], []byte(value), document[l.end:])
			if unread[l.path] == "" && wholeReading(t, changed) == before {
				t.Errorf("%s: %s reads %s for %s as if it were the same", name, l.path, value, document[l.start:l.end])
			}
		}
	}
}

// TestAnotherDigitIsAnotherReading does so for each digit of an MT940 but those of the available balance, and the first of a booking's month, without
// which there is no such day.
func TestAnotherDigitIsAnotherReading(t *testing.T) {
	document := file(t, "corpus/mt940-plain.txt")
	before := wholeReading(t, document)
	months := regexp.MustCompile(`(?m)^:61:[0-9]{6}`).FindAllIndex(document, -1)
	for at, c := range document[:bytes.Index(document, []byte(":64:"))] {
		tag := at > 0 && document[at-1] == ':' || at > 1 && document[at-2] == ':' && document[at+1] != ','
		month := slices.ContainsFunc(months, func(m []int) bool { return at == m[1] })
		if c < '0' || c > '9' || tag || month {
			continue
		}
		changed := bytes.Clone(document)
		if changed[at] = '1'; c == '1' {
			changed[at] = '2'
		}
		if wholeReading(t, changed) == before {
			line := 1 + bytes.Count(document[:at], []byte("\n"))
			t.Errorf("line %d: another digit for %c is read as if it were the same", line, c)
		}
	}
}
