package intake

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/internal/bilingual"
)

// What is wrong with a line of JSON, in fixed words.
var (
	notAnObject = bilingual.Text{Zh: "该行不是一个 JSON 对象", En: "not a JSON object"}
	unknownKey  = bilingual.Text{Zh: "有未知的字段名", En: "an unknown key"}
	keyTwice    = bilingual.Text{Zh: "字段名重复", En: "a key twice"}
	notAText    = bilingual.Text{Zh: "字段的值不是文本", En: "a value that is no text"}
)

// splitJSON reads a flat JSON object into a record. Numbers are taken where a number is meant (seq, persons), never
// for money. The note says what is wrong in fixed words.
func splitJSON(columns []column, line []byte, out *record) (code relief.LineCode, note string) {
	if !utf8.Valid(line) {
		return relief.LineEncoding, ""
	}
	line = csvfile.Trim(line)
	if len(line) == 0 || line[0] != '{' || !json.Valid(line) {
		return relief.LineColumns, notAnObject.String()
	}
	rest := skipSpace(line[1:])
	for rest[0] != '}' {
		var key, value []byte
		key, rest = token(rest)
		rest = skipSpace(skipSpace(rest)[1:]) // the colon
		at := keyPlace(columns, key)
		if at < 0 {
			return relief.LineColumns, unknownKey.String()
		}
		if out[at] != nil {
			return relief.LineColumns, keyTwice.String()
		}
		if rest[0] == '{' || rest[0] == '[' {
			return relief.LineColumns, notAText.String()
		}
		value, rest = token(rest)
		if out[at], code = textOf(columns[at].key, value); code != "" {
			return code, notAText.String()
		}
		if rest = skipSpace(rest); rest[0] == ',' {
			rest = skipSpace(rest[1:])
		}
	}
	return "", ""
}

func keyPlace(columns []column, quoted []byte) int {
	name := quoted[1 : len(quoted)-1]
	for i := range columns {
		if columns[i].key == string(name) {
			return i
		}
	}
	return -1
}

// textOf is a JSON value as the text that a CSV file would have.
func textOf(key string, value []byte) ([]byte, relief.LineCode) {
	switch {
	case string(value) == "null":
		return []byte{}, ""
	case value[0] != '"':
		if key == "seq" || key == "persons" {
			return value, ""
		}
		if key == "amount" && value[0] != 't' && value[0] != 'f' {
			return nil, relief.LineAmountSyntax
		}
		return nil, relief.LineColumns
	case bytes.IndexByte(value, '\\') < 0:
		return value[1 : len(value)-1], ""
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		return nil, relief.LineColumns
	}
	return []byte(s), ""
}

// token cuts a string, a number or a word off valid JSON.
func token(b []byte) (tok, rest []byte) {
	if b[0] == '"' {
		for i := 1; ; i++ {
			switch b[i] {
			case '\\':
				i++
			case '"':
				return b[:i+1], b[i+1:]
			}
		}
	}
	end := bytes.IndexAny(b, ",} \t\r\n")
	return b[:end], b[end:]
}

func skipSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t' || b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	return b
}
