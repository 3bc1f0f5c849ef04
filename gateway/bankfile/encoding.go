package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

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
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = b.Discard(3) // they were peeked at
		return b, agrees("a UTF-8 byte order mark", stated(head[3:]), "utf-8", "utf8", "us-ascii")
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("<\x00?\x00")):
		return utf16Reader(b, head, unicode.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\x00<\x00?")):
		return utf16Reader(b, head, unicode.BigEndian)
	}
	switch name := stated(head); name {
	case "", "utf-8", "utf8", "us-ascii":
		return b, nil
	case "gb18030", "gbk", "gb2312", "gb_2312-80", "cp936":
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

func utf16Reader(b *bufio.Reader, head []byte, order unicode.Endianness) (io.Reader, error) {
	text := unicode.UTF16(order, unicode.UseBOM)
	decoded, _, _ := transform.Bytes(text.NewDecoder(), head[:len(head)&^1]) // what is not UTF-16 has no declaration
	return transform.NewReader(b, text.NewDecoder()), agrees("UTF-16 bytes", stated(decoded), "utf-16", "utf-16le", "utf-16be", "utf16")
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
