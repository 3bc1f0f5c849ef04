package bankfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spellings are ways in which another writer spells the same message.
var spellings = map[string]func(string) string{
	"indented":          func(s string) string { return strings.ReplaceAll(s, "><", ">\n\t<") },
	"CRLF":              func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "><", ">\n<"), "\n", "\r\n") },
	"single quotes":     func(s string) string { return strings.ReplaceAll(s, `"`, `'`) },
	"comments":          func(s string) string { return strings.ReplaceAll(s, "><", "><!-- a > b --><") },
	"instructions":      func(s string) string { return strings.ReplaceAll(s, "><", "><?x y?><") },
	"a line end behind": func(s string) string { return s + "\r\n\n" },
	"CDATA":             func(s string) string { return leafText.ReplaceAllString(s, "><![CDATA[$1]]></") },
	"references":        func(s string) string { return leafText.ReplaceAllStringFunc(s, reference) },
	"spaces around":     func(s string) string { return leafText.ReplaceAllString(s, "> \n $1 \t</") },
	"spaces in tags":    func(s string) string { return regexp.MustCompile(`(</?[A-Za-z]+)>`).ReplaceAllString(s, "$1 >") },
	"an attribute more": func(s string) string {
		return strings.Replace(s, "<Document ", `<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b.xsd" `, 1)
	},
	"a supplement": func(s string) string {
		return strings.ReplaceAll(s, "</Ntry>", "<SplmtryData><Envlp><x xmlns=\"urn:x\"><Amt>1</Amt></x></Envlp></SplmtryData></Ntry>")
	},
	"plus signs and zeros": func(s string) string {
		return regexp.MustCompile(`(Ccy="[A-Z]+">)([0-9]+\.[0-9]+)<`).ReplaceAllString(s, "${1}+000${2}0<")
	},
	"parts that nobody reads": func(s string) string {
		return strings.ReplaceAll(s, "</Acct>", "<Nm>X</Nm><Ownr><Nm>Y</Nm></Ownr><Svcr><FinInstnId><BICFI>ICBKCNBJ</BICFI></FinInstnId></Svcr></Acct>")
	},
	"a prefix": func(s string) string { return prefixed(s, "n0") },
	"a prefix, in an envelope": func(s string) string {
		return "<e:E xmlns:e=\"urn:e\"><e:H/>" + prefixed(s[strings.Index(s, "?>")+2:], "ns2") + "</e:E>"
	},
	"an empty part": func(s string) string { return strings.ReplaceAll(s, "</Ntry>", "<AddtlNtryInf></AddtlNtryInf></Ntry>") },
}

var leafText = regexp.MustCompile(`>([^<>&]*[^<>&\s][^<>&]*)</`)

// reference writes the last character of a text as a reference to it.
func reference(text string) string {
	inner := []rune(text[1 : len(text)-2])
	last := len(inner) - 1
	return fmt.Sprintf(">%s&#x%X;</", string(inner[:last]), inner[last])
}

func prefixed(s, prefix string) string {
	s = strings.Replace(s, ` xmlns="urn:iso`, ` xmlns:`+prefix+`="urn:iso`, 1)
	return regexp.MustCompile(`<(/?)([A-Za-z])`).ReplaceAllString(s, "<${1}"+prefix+":$2")
}

var camtVersion = regexp.MustCompile(`camt\.05[34]\.001\.([0-9]{2})`)

// plain reports whether a file of the corpus is spelt in the usual way itself.
func plain(document []byte) bool {
	head, rest, _ := bytes.Cut(document, []byte("?>"))
	return string(head) == `<?xml version="1.0" encoding="UTF-8"` && bytes.Count(rest, []byte("xmlns=")) == 1 && !bytes.Contains(rest, []byte("xmlns:")) &&
		!bytes.Contains(rest, []byte("<!")) && !bytes.Contains(rest, []byte("<?"))
}

// TestSpellings: a message of the corpus that is spelt in another way, or in another version, is read as it was.
func TestSpellings(t *testing.T) {
	for _, path := range corpusFiles(t) {
		document, err := os.ReadFile(path)
		require.NoError(t, err)
		if !plain(document) {
			continue
		}
		want := readingOf(t, document, false)
		for name, spell := range spellings {
			if !strings.HasPrefix(want, "refused") {
				require.Equal(t, want, readingOf(t, []byte(spell(string(document))), false), "%s: %s", filepath.Base(path), name)
			}
		}
		was := camtVersion.FindString(string(document))
		for version := 2; was != "" && version <= 13; version++ {
			is := fmt.Sprintf("%s%02d", was[:len(was)-2], version)
			other := strings.ReplaceAll(string(document), was, is)
			require.Equal(t, strings.ReplaceAll(want, was, is), readingOf(t, []byte(other), false), "%s: %s", filepath.Base(path), is)
		}
	}
}
