package intake

import (
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/csvfile"
)

// KindCases is a file of acts on cases, all of one kind: a JSON object a line.
const KindCases Kind = "cases"

// Acts reads a file of acts line by line.
type Acts struct{ lines *lineReader }

// NewActs begins at the file's beginning.
func NewActs(r io.Reader) *Acts { return &Acts{newLineReader(r)} }

// Next is the next act: its line, counted from 1, and its document, good until the next call. A line that is none is
// refused. At the end the error is io.EOF.
func (a *Acts) Next() (line int, document []byte, refusal *Refusal, err error) {
	for {
		b, long, err := a.lines.next()
		if err != nil {
			return 0, nil, nil, err
		}
		line := a.lines.number
		if b = csvfile.Trim(b); !long && len(b) == 0 {
			continue
		}
		switch {
		case long:
			return line, nil, &Refusal{FileLine: line, Code: relief.LineTooLong}, nil
		case !utf8.Valid(b):
			return line, nil, &Refusal{FileLine: line, Code: relief.LineEncoding}, nil
		case b[0] != '{' || !json.Valid(b):
			return line, nil, &Refusal{FileLine: line, Code: relief.LineColumns, Note: notAnObject.String()}, nil
		}
		return line, b, nil, nil
	}
}

// inspectActs looks whether a file of acts has any.
func inspectActs(r io.Reader, contentType string) (string, error) {
	base, _, err := mediaType(contentType)
	if err != nil {
		return "", err
	}
	if base != typeNDJSON {
		return "", fileErrorf(CodeMediaType, "", "操作清单须为 application/x-ndjson：每行一个 JSON 对象。",
			"a file of acts is application/x-ndjson: a JSON object a line")
	}
	_, _, _, err = NewActs(r).Next()
	if errors.Is(err, io.EOF) {
		return "", emptyFile()
	}
	return typeNDJSON, err
}
