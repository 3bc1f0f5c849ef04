package intake

import (
	"bytes"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"relieftrail/gateway/bankfile/gb18030"
)

// Media types as Spool decides them and NewReader reads them.
const (
	typeUTF8    = "text/csv; charset=utf-8"
	typeGB18030 = "text/csv; charset=gb18030"
	typeNDJSON  = "application/x-ndjson"
)

const byteOrderMark = "\xef\xbb\xbf"

// mediaTypes are the types that are taken. The last two say nothing: the file's first byte decides.
var mediaTypes = map[string]string{
	"text/csv": "text/csv", "application/csv": "text/csv",
	"application/x-ndjson": typeNDJSON, "application/ndjson": typeNDJSON, "application/jsonl": typeNDJSON,
	"": "", "application/octet-stream": "",
}

var charsets = map[string]string{
	"": "", "utf-8": typeUTF8, "utf8": typeUTF8, "us-ascii": typeUTF8,
	"gb18030": typeGB18030, "gbk": typeGB18030, "gb2312": typeGB18030,
}

// mediaType checks a Content-Type. charset is the type that its charset parameter asks for, "" without one.
func mediaType(contentType string) (base, charset string, err error) {
	params := map[string]string{}
	if strings.TrimSpace(contentType) != "" {
		if contentType, params, err = mime.ParseMediaType(contentType); err != nil {
			return "", "", fileErrorf(CodeMediaType, "", "无法识别 Content-Type。", "the Content-Type cannot be read")
		}
	}
	base, ok := mediaTypes[contentType]
	if !ok {
		return "", "", fileErrorf(CodeMediaType, "", "文件须为 text/csv 或 application/x-ndjson。", "a file is text/csv or application/x-ndjson")
	}
	charset, ok = charsets[strings.ToLower(params["charset"])]
	if !ok || (base == typeNDJSON && charset == typeGB18030) {
		return "", "", fileErrorf(CodeEncoding, "", "文件编码须为 UTF-8，CSV 文件也可为 GB18030。",
			"a file is in UTF-8, or in GB18030 when it is CSV")
	}
	return base, charset, nil
}

// decide settles a CSV file's encoding: its sender's word, or else the one in which its header names a known column.
func decide(charset string, kind Kind, first []byte) (string, error) {
	switch {
	case charset != "":
		return charset, nil
	case knows(kind, first):
		return typeUTF8, nil
	case knows(kind, gb18030.NewDecoder().Bytes(first)):
		return typeGB18030, nil
	case utf8.Valid(first):
		return typeUTF8, nil
	default:
		return "", fileErrorf(CodeEncoding, "", "表头既不是 UTF-8 也不是 GB18030 编码。",
			"the header is neither in UTF-8 nor in GB18030")
	}
}

// knows reports whether a header names a column of the kind.
func knows(kind Kind, line []byte) bool {
	cells, ok := splitCSV(nil, line)
	if !ok {
		return false
	}
	for _, cell := range cells {
		if place(columnsOf[kind], string(trim(cell))) >= 0 {
			return true
		}
	}
	return false
}

// decoded decodes a value and leaves it as it is otherwise; gb is nil for UTF-8.
func decoded(b []byte, gb *gb18030.Decoder) []byte {
	if gb == nil || ascii(b) {
		return b
	}
	return gb.Bytes(b)
}

// clean decodes, trims and folds a value; gb is nil for UTF-8, ok is false when the bytes are no text.
func clean(b []byte, gb *gb18030.Decoder, fold bool) (value []byte, ok bool) {
	if ascii(b) {
		b = trim(b)
		return b, printable(b)
	}
	b = decoded(b, gb)
	if !utf8.Valid(b) || bytes.ContainsRune(b, utf8.RuneError) {
		return nil, false
	}
	if b = trim(b); fold {
		b = width.Fold.Bytes(b)
	}
	return b, printable(b)
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// trim takes surrounding spaces away, the ideographic one too.
func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[0] > ' ' && b[0] < utf8.RuneSelf && b[n-1] > ' ' && b[n-1] < utf8.RuneSelf {
		return b
	}
	return bytes.TrimFunc(b, unicode.IsSpace)
}
