package receipt

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
)

// Container is what a file is that may have a receipt inside and is none itself. Whoever can open it finds the receipt there.
type Container string

// The containers. What is none of them is taken as a text.
const (
	NoContainer Container = ""
	Picture     Container = "picture"
	PDF         Container = "pdf"
	SVG         Container = "svg"
	Archive     Container = "archive"
)

// beginnings are the first bytes of containers; a dot stands for any byte.
var beginnings = []struct {
	bytes string
	what  Container
}{
	{"\x89PNG\r\n\x1a\n", Picture},
	{"\xff\xd8\xff", Picture},
	{"GIF8", Picture},
	{"BM....\x00\x00\x00\x00", Picture},
	{"II*\x00", Picture},
	{"MM\x00*", Picture},
	{"RIFF....WEBP", Picture},
	{"....ftyphe", Picture}, // HEIC
	{"....ftypmi", Picture}, // HEIF
	{"....ftypav", Picture}, // AVIF
	{"%PDF-", PDF},
	{"PK\x03\x04", Archive},
	{"\x1f\x8b", Archive},
	{"7z\xbc\xaf\x27\x1c", Archive},
	{"Rar!\x1a\x07", Archive},
}

// lookForSVG is how far from its beginning an SVG's first element may be, behind declarations and comments.
const lookForSVG = 1024

// ContainerOf looks at a file's first bytes, whatever its name is.
func ContainerOf(head []byte) Container {
	for _, b := range beginnings {
		if begins(head, b.bytes) {
			return b.what
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(byteOrderMark)), " \t\r\n")
	if bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text[:min(len(text), lookForSVG)], []byte("<svg")) {
		return SVG
	}
	return NoContainer
}

func begins(head []byte, pattern string) bool {
	if len(head) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '.' && pattern[i] != head[i] {
			return false
		}
	}
	return true
}

var containerWords = map[Container][2]string{
	Picture: {"这是图片：请在核验网页上选择它，网页会读出其中的二维码", "this is a picture: choose it on the page that checks receipts, which reads the code in it"},
	PDF:     {"这是 PDF：请在核验网页上选择它，网页会读出其中的二维码", "this is a PDF: choose it on the page that checks receipts, which reads the code in it"},
	SVG:     {"这是 SVG 图片：请在核验网页上选择它，网页会读出其中的二维码", "this is an SVG: choose it on the page that checks receipts, which reads the code in it"},
	Archive: {"这是压缩文件：请先解压，再核验其中的回执", "this is an archive: take the receipt's file out of it and check that"},
}

// later are the words for what a later version of this program wrote.
var later = [2]string{"回执的版本比本核验程序新：请用新版程序核验", "the receipt is of a later version than this verifier: check it with a newer one"}

// unread is a refusal of a text from which no receipt could be read, with the cause where it can be seen.
func unread(text []byte, refused *Error) *Error {
	because := func(words [2]string) *Error { return &Error{refused.Code, words[0], words[1], true} }
	if c := ContainerOf(text); c != NoContainer {
		return because(containerWords[c])
	}
	if rest, ok := bytes.CutPrefix(text, []byte(proofLine)); ok && len(rest) > 1 && (rest[0] != '1' || rest[1] >= '0' && rest[1] <= '9') {
		return because(later)
	}
	if cause, ok := conversion(text); ok {
		return because([2]string{
			"回执在传送中被改了形式（" + cause[0] + "），未能核验：请用原文件或二维码",
			"the receipt was converted on its way (" + cause[1] + ") and was not checked: use the original file or its code",
		})
	}
	return refused
}

const (
	byteOrderMark = "\ufeff"
	proofLine     = "c2sp.org/tlog-proof@v"
)

// conversions are what mail, editors and messengers do to a text, each with its undoing.
var conversions = []struct {
	words [2]string
	undo  func([]byte) []byte
}{
	{[2]string{"编码变成 UTF-16", "its encoding became UTF-16"}, fromUTF16},
	{[2]string{"开头多了字节顺序标记", "a byte order mark was put before it"}, func(b []byte) []byte { return bytes.TrimPrefix(b, []byte(byteOrderMark)) }},
	{[2]string{"换行符变了", "its line ends were changed"}, withLineFeeds},
	{[2]string{"被引用，每行前多了 >", "it was quoted, with > before each line"}, unquoted},
	{[2]string{"长破折号变了", "its long dashes were changed"}, withDashes},
	{[2]string{"前后多了文字或空行，或末尾少了换行", "there is text or an empty line around it, or its last line end is lost"}, alone},
	{[2]string{"回执码被折成几行", "its code was broken into lines"}, joined},
}

// conversion says what became of a receipt on its way: ok when undoing it gives one.
func conversion(text []byte) (cause [2]string, ok bool) {
	for _, c := range conversions {
		undone := c.undo(text)
		if bytes.Equal(undone, text) {
			continue
		}
		if text = undone; cause[0] == "" {
			cause = c.words
		}
		if r, err := read(text); err == nil {
			if _, err = r.open(); err == nil {
				return cause, true
			}
		}
	}
	return cause, false
}

func fromUTF16(b []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(b) < 2 || len(b)%2 != 0:
		return b
	case b[0] == 0xfe && b[1] == 0xff:
		order = binary.BigEndian
	case b[0] != 0xff || b[1] != 0xfe:
		return b
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i < len(b); i += 2 {
		units = append(units, order.Uint16(b[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

func withLineFeeds(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
}

func unquoted(b []byte) []byte {
	lines := strings.Split(string(b), "\n")
	for i, line := range lines {
		rest, ok := strings.CutPrefix(line, ">")
		if !ok && strings.TrimSpace(line) != "" {
			return b
		}
		lines[i] = strings.TrimPrefix(rest, " ")
	}
	return []byte(strings.Join(lines, "\n"))
}

// withDashes puts back the dash that begins the line of a signature.
func withDashes(b []byte) []byte {
	for _, other := range []string{"--", "-", "–", "\x97", "\xa1\xaa"} { // the last two: of Windows-1252 and GB18030
		b = bytes.ReplaceAll(b, []byte("\n"+other+" "), []byte("\n— "))
	}
	return b
}

// alone takes away what is before and behind a receipt.
func alone(b []byte) []byte {
	at := bytes.Index(b, []byte(proofLine+"1\n"))
	if at < 0 {
		if at = bytes.Index(b, []byte(codePrefix)); at < 0 {
			return b
		}
		return bytes.TrimSpace(b[at:])
	}
	lines := strings.Split(string(b[at:]), "\n")
	for i, line := range slices.Backward(lines) {
		if strings.HasPrefix(line, "— ") {
			return []byte(strings.Join(lines[:i+1], "\n") + "\n")
		}
	}
	return b
}

// joined makes one line of a code.
func joined(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte(codePrefix)) {
		return b
	}
	return bytes.ReplaceAll(b, []byte("\n"), nil)
}
