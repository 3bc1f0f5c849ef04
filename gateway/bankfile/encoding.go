package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	unicodes "unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/bankfile/gb18030"
)

// declaration is an XML declaration that states an encoding (XML 1.0, production 23).
var declaration = regexp.MustCompile(`^[ \t\r\n]*<\?xml[ \t\r\n][^<>]*?encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']`)

// longestDeclaration bounds where the end of an XML declaration is looked for.
const longestDeclaration = 512

// inUTF8 decodes an XML file to UTF-8: by its byte order mark, or else by its XML declaration, or else as UTF-8 (XML 1.0,
// appendix F). A mark and a declaration that contradict each other are an error: nobody can say which of them is wrong.
func inUTF8(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(longestDeclaration)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := notText(head); err != nil {
		return nil, err
	}
	marked := false
	for bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) { // some writers put one before another
		_, _ = b.Discard(3) // they were peeked at
		head, marked = head[3:], true
	}
	switch {
	case marked:
		return b, agrees("a UTF-8 byte order mark", stated(head), "utf-8", "utf8", "us-ascii")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00?\x00")):
		return utf16Reader(b, head, unicode.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<\x00?")):
		return utf16Reader(b, head, unicode.BigEndian)
	}
	switch name := stated(head); name {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return b, nil
	case "gb18030", "gbk", "x-gbk", "gb2312", "gb_2312-80", "csgb2312", "euc-cn", "x-euc-cn", "cp936", "ms936", "windows-936":
		if sample, _ := b.Peek(encodingSample); chineseInUTF8(sample) {
			return nil, errorf(CodeEncoding, 1, "the XML declaration states %s, and the file's text is in UTF-8: have the bank write it again", strings.ToUpper(name))
		}
		return gb18030.NewReader(b), nil
	default:
		if strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") {
			return nil, errorf(CodeEncoding, 1, "the XML declaration states %s, and the file's bytes are not in it", strings.ToUpper(name))
		}
		encoding, err := ianaindex.MIME.Encoding(name)
		if err != nil || encoding == nil {
			return nil, errorf(CodeEncoding, 1, "the encoding that the XML declaration states is not known; UTF-8, UTF-16 and GB18030 are")
		}
		return transform.NewReader(b, encoding.NewDecoder()), nil
	}
}

// notText refuses files that are no text and are taken for one: what a spreadsheet saves, and what is compressed.
func notText(head []byte) error {
	if zh, en := csvfile.Foreign(head); en != "" {
		return &Error{CodeSyntax, 1, "the file is " + en, "文件" + zh}
	}
	return nil
}

// encodingSample is how much of a file is held against the encoding that it states.
const encodingSample = 64 << 10

// chineseInUTF8 reports whether all of a sample that is not ASCII is Chinese in UTF-8, three characters at least: a text of
// GB18030 hardly ever is.
func chineseInUTF8(sample []byte) bool {
	han := 0
	for at := 0; at < len(sample); {
		r, size := utf8.DecodeRune(sample[at:])
		switch {
		case r < utf8.RuneSelf:
		case r == utf8.RuneError && !utf8.FullRune(sample[at:]): // the sample ends inside a character
			return han >= 3
		case unicodes.Is(unicodes.Han, r), r >= 0x3000 && r < 0x3040, r >= 0xff00 && r < 0xfff0, r == '·', r >= 0x2010 && r < 0x2030:
			han++
		default:
			return false
		}
		at += size
	}
	return han >= 3
}

func utf16Reader(b *bufio.Reader, head []byte, order unicode.Endianness) (io.Reader, error) {
	text := unicode.UTF16(order, unicode.UseBOM)
	decoded, _, _ := transform.Bytes(text.NewDecoder(), head[:len(head)&^1]) // what is not UTF-16 has no declaration
	return transform.NewReader(b, text.NewDecoder()), agrees("UTF-16 bytes", stated(decoded), "utf-16", "utf-16le", "utf-16be", "utf16", "ucs-2", "iso-10646-ucs-2")
}

// stated is the encoding that an XML declaration states, in small letters; "" if it states none.
func stated(head []byte) string {
	found := declaration.FindSubmatch(head)
	if found == nil {
		return ""
	}
	return strings.ToLower(string(found[1]))
}

// agrees refuses a declaration that states another encoding than the file's bytes have.
func agrees(found, stated string, names ...string) error {
	if stated == "" {
		return nil
	}
	for _, name := range names {
		if stated == name {
			return nil
		}
	}
	return errorf(CodeEncoding, 1, "the file has %s, and its XML declaration states another encoding: have the bank write it again", found)
}
