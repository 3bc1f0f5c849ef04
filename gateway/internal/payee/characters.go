package payee

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// han are the Chinese characters of names: the unified ideographs of Unicode 16.0 (block and extensions A to I),
// the twelve of the compatibility block that are unified ideographs, and 〇. GB 18030-2022 has a code for each.
// Go's own table is of an earlier Unicode, and has radicals and numerals besides.
var han = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x3007, Hi: 0x3007, Stride: 1}, // 〇
		{Lo: 0x3400, Hi: 0x4dbf, Stride: 1}, // A
		{Lo: 0x4e00, Hi: 0x9fff, Stride: 1},
		{Lo: 0xfa0e, Hi: 0xfa0f, Stride: 1},
		{Lo: 0xfa11, Hi: 0xfa13, Stride: 2},
		{Lo: 0xfa14, Hi: 0xfa14, Stride: 1},
		{Lo: 0xfa1f, Hi: 0xfa21, Stride: 2},
		{Lo: 0xfa23, Hi: 0xfa24, Stride: 1},
		{Lo: 0xfa27, Hi: 0xfa29, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x20000, Hi: 0x2a6df, Stride: 1}, // B
		{Lo: 0x2a700, Hi: 0x2b739, Stride: 1}, // C
		{Lo: 0x2b740, Hi: 0x2b81d, Stride: 1}, // D
		{Lo: 0x2b820, Hi: 0x2cea1, Stride: 1}, // E
		{Lo: 0x2ceb0, Hi: 0x2ebe0, Stride: 1}, // F
		{Lo: 0x2ebf0, Hi: 0x2ee5d, Stride: 1}, // I
		{Lo: 0x30000, Hi: 0x3134a, Stride: 1}, // G
		{Lo: 0x31350, Hi: 0x323af, Stride: 1}, // H
	},
}

// latin are the letters with which foreigners' names are written, composed (NFC): ASCII, Latin-1 and Extended-A, those
// of Pinyin, Romanian and Vietnamese.
var latin = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 'A', Hi: 'Z', Stride: 1},
		{Lo: 'a', Hi: 'z', Stride: 1},
		{Lo: 0xc0, Hi: 0xd6, Stride: 1},
		{Lo: 0xd8, Hi: 0xf6, Stride: 1},
		{Lo: 0xf8, Hi: 0x17f, Stride: 1},
		{Lo: 0x1a0, Hi: 0x1a1, Stride: 1},
		{Lo: 0x1af, Hi: 0x1b0, Stride: 1},
		{Lo: 0x1cd, Hi: 0x1dc, Stride: 1},
		{Lo: 0x1f8, Hi: 0x1f9, Stride: 1},
		{Lo: 0x218, Hi: 0x21b, Stride: 1},
		{Lo: 0x1e00, Hi: 0x1eff, Stride: 1},
	},
	LatinOffset: 5,
}

func isHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fff || unicode.Is(han, r) }

func isLetter(r rune) bool { return isHan(r) || unicode.Is(latin, r) }

// kind is a kind of characters that are refused, and what to do about one.
type kind struct{ zh, en, doZh, doEn string }

const (
	deleteZh = "请删除后重新录入"
	deleteEn = "delete it"
	cardZh   = "请按身份证件上的姓名录入"
	cardEn   = "write the name as the identity document has it"
)

// Kinds of characters that nobody can see or that have no meaning of their own. No value may have them.
var (
	replacement = kind{"编码错误留下的替换字符", "what a wrong encoding left in place of a character",
		"请按原编码（UTF-8 或 GB18030）重新导出", "export the data in its own encoding, UTF-8 or GB18030"}
	noncharacter = kind{"Unicode 永不分配的码位", "a noncharacter", deleteZh, deleteEn}
	unassigned   = kind{"未分配的码位", "an unassigned code point",
		"请改用 GB 18030-2022 中的字符", "use a character of GB 18030-2022"}
	control     = kind{"控制字符", "a control character", deleteZh, deleteEn}
	lineBreak   = kind{"换行或分段符", "a line or paragraph separator", deleteZh, deleteEn}
	variation   = kind{"异体字选择符", "a variation selector", deleteZh, deleteEn}
	bidi        = kind{"文字方向控制符", "a bidirectional control", deleteZh, deleteEn}
	invisible   = kind{"不可见字符", "an invisible character", deleteZh, deleteEn}
	privateChar = kind{"专用区字符（自造字）", "a private-use character, which another computer may show as another one",
		"请在 GB 18030-2022 中查找其正式编码", "look its own code point up in GB 18030-2022"}
)

// Kinds of characters that can be seen. A name or an account may not have them.
var (
	radical     = kind{"部首而不是汉字", "a radical and not a character", "请录入对应的汉字", "write the character itself"}
	description = kind{"表意文字描述符", "an ideographic description character", "请录入汉字本身", "write the character itself"}
	mark        = kind{"组合附加符号", "a combining mark", cardZh, cardEn}
	digit       = kind{"数字", "a digit or number", cardZh, cardEn}
	otherSpace  = kind{"特殊空格", "a space of an unusual kind", deleteZh, deleteEn}
	otherLetter = kind{"其他文种的字母", "a letter of another script", "请用汉字或拉丁字母", "use Chinese or Latin letters"}
	symbol      = kind{"标点或符号", "a punctuation mark or symbol", cardZh, cardEn}
)

// hidden is the kind of a character that no value may have; nil for a character that can be seen.
func hidden(r rune) *kind {
	switch {
	case isHan(r): // newer than Go's tables, perhaps
		return nil
	case r == utf8.RuneError:
		return &replacement
	case r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe:
		return &noncharacter
	case unicode.Is(unicode.Cc, r):
		return &control
	case r == 0x2028 || r == 0x2029:
		return &lineBreak
	case unicode.Is(unicode.Variation_Selector, r):
		return &variation
	case unicode.Is(unicode.Bidi_Control, r):
		return &bidi
	case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) || r == brailleBlank:
		return &invisible
	case unicode.Is(unicode.Co, r):
		return privateUse(r)
	case !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z):
		return &unassigned
	}
	return nil
}

// brailleBlank is a symbol by its class and shows nothing.
const brailleBlank = '\u2800'

// visible is the kind of a character that can be seen and is out of place.
func visible(r rune) *kind {
	switch {
	case r >= 0x2e80 && r <= 0x2fdf:
		return &radical
	case r >= 0x2ff0 && r <= 0x2fff || r == 0x31ef:
		return &description
	case unicode.Is(unicode.M, r):
		return &mark
	case unicode.Is(unicode.N, r):
		return &digit
	case unicode.Is(unicode.Z, r):
		return &otherSpace
	case unicode.Is(unicode.L, r):
		return &otherLetter
	default:
		return &symbol
	}
}

// privateUse names the standard character where it is known.
func privateUse(r rune) *kind {
	standard, ok := standardOf(r)
	if !ok {
		return &privateChar
	}
	k := privateChar
	if isLetter(standard) {
		k.doZh = fmt.Sprintf("GB 18030-2022 中其正式编码为 U+%04X，请改用该字符", standard)
		k.doEn = fmt.Sprintf("use U+%04X, which is its code point in GB 18030-2022", standard)
	} else {
		k.doZh = fmt.Sprintf("GB 18030-2022 中其正式编码为 U+%04X，不用于姓名，%s", standard, cardZh)
		k.doEn = fmt.Sprintf("GB 18030-2022 has it as U+%04X, which no name has; %s", standard, cardEn)
	}
	return &k
}

// checkHidden refuses the first character that no value may have, and bytes that are not UTF-8.
func (v value) checkHidden(field, s string) error {
	n := 0
	for at, r := range s {
		n++
		if r == utf8.RuneError && !strings.HasPrefix(s[at:], string(utf8.RuneError)) {
			return v.notUTF8(field, n, s[at:])
		}
		if k := hidden(r); k != nil {
			return v.character(field, n, r, k)
		}
	}
	return nil
}

// notUTF8 refuses bytes. A surrogate in three bytes (CESU-8) is named.
func (v value) notUTF8(field string, n int, s string) error {
	if len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && s[2] >= 0x80 && s[2] <= 0xbf {
		r := 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
		k := replacement // with its code: the writer's encoding is at fault
		k.zh, k.en = "半个代理对（CESU-8 编码）", "half of a surrogate pair (CESU-8)"
		e := v.character(field, n, r, &k)
		e.Code = CodeEncoding
		return e
	}
	return v.refuse(field, CodeEncoding, fmt.Sprintf("第%d个字符不是有效的 UTF-8", n),
		fmt.Sprintf("is not valid UTF-8 from character %d on", n))
}

// blank is white space that a cell of a table may have round its value.
const blank = " \t\r\n\u00a0\u3000"

// foldWidth gives the half-width form of full-width letters, digits and marks, and the plain form of a space.
func foldWidth(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xff01 + '!'
	case r == 0xa0 || r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x205f || r == 0x3000:
		return ' '
	}
	return r
}

// foldMark is foldWidth, and gives the ASCII form of hyphens that look like it besides.
func foldMark(r rune) rune {
	switch r {
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2212', '\ufe63':
		return '-'
	}
	return foldWidth(r)
}

// foldText folds the marks of a text.
func foldText(s string) string { return strings.Map(foldMark, s) }
