package intake

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/internal/table"
)

// Media types as Spool decides them and NewReader reads them.
const (
	typeCSV     = "text/csv"
	typeUTF8    = "text/csv; charset=utf-8"
	typeGB18030 = "text/csv; charset=gb18030"
	typeNDJSON  = "application/x-ndjson"
)

const byteOrderMark = "\xef\xbb\xbf"

// mediaTypes are the types that are taken. The last three say nothing: the file's first byte decides. A browser under Windows
// calls a CSV file what the spreadsheet program registered for it.
var mediaTypes = map[string]string{
	typeCSV: typeCSV, "application/csv": typeCSV, "text/plain": typeCSV, "text/comma-separated-values": typeCSV,
	"text/tab-separated-values": typeCSV, "application/vnd.ms-excel": typeCSV,
	"application/x-ndjson": typeNDJSON, "application/ndjson": typeNDJSON, "application/jsonl": typeNDJSON,
	table.TypeWorkbook: "", "": "", "application/octet-stream": "",
}

var charsets = map[string]string{
	"": "", "utf-8": typeUTF8, "utf8": typeUTF8, "us-ascii": typeUTF8,
	"gb18030": typeGB18030, "gbk": typeGB18030, "gb2312": typeGB18030, "x-gbk": typeGB18030, "cp936": typeGB18030, "ms936": typeGB18030, "windows-936": typeGB18030,
	"utf-16": "", "utf-16le": "", "utf-16be": "", // known by its byte order mark
}

// charsetOf is the encoding of a type.
var charsetOf = map[string]csvfile.Charset{"": csvfile.Undecided, typeUTF8: csvfile.UTF8, typeGB18030: csvfile.GB18030}

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
		return "", "", fileErrorf(CodeMediaType, "", "文件须为 CSV、.xlsx 或 application/x-ndjson。", "a file is CSV, .xlsx or application/x-ndjson")
	}
	charset, ok = charsets[strings.ToLower(params["charset"])]
	if !ok || (base == typeNDJSON && charset == typeGB18030) {
		return "", "", fileErrorf(CodeEncoding, "", "文件编码须为 UTF-8，CSV 文件也可为 GB18030。",
			"a file is in UTF-8, or in GB18030 when it is CSV")
	}
	return base, charset, nil
}

// clean trims and folds a value; ok is false when the bytes are no text.
func clean(b []byte, fold bool) (value []byte, ok bool) {
	if !ascii(b) {
		if !utf8.Valid(b) || bytes.ContainsRune(b, utf8.RuneError) {
			return nil, false
		}
		if fold {
			b = width.Fold.Bytes(b)
		}
	}
	b = csvfile.Trim(b)
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
