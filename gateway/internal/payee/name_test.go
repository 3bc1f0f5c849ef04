package payee_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

func TestNamesAreBroughtToOneForm(t *testing.T) {
	for _, c := range []struct{ what, raw, want string }{
		{"everyday", "张三", "张三"},
		{"rare, GBK", "䶮", "䶮"},
		{"rare: extensions A and B", "䶮㛃\U00020164", "䶮㛃\U00020164"},
		{"extensions C to I", "王\U0002a700\U0002b740\U0002b820\U0002ceb0\U0002ebf0\U00030000\U00031350", "王\U0002a700\U0002b740\U0002b820\U0002ceb0\U0002ebf0\U00030000\U00031350"},
		{"the eight that GB 18030-2022 moved", "龴龵龶龷龸龹龺龻", "龴龵龶龷龸龹龺龻"},
		{"zero as a name", "李〇", "李〇"},
		{"ideographs of the compatibility block", "﨎﨏", "﨎﨏"},
		{"a compatibility ideograph", "\uf92c", "\u90ce"},
		{"a Kangxi radical", "\u2f45一", "方一"},
		{"a radical of the supplement", "\u2ef3生", "\u9f9f生"},
		{"padded", "张　三", "张三"},
		{"padded with blanks of all kinds", "\u00a0张\u2003\u2009三 \t", "张三"},
		{"ethnic", "买买提·阿卜杜", "买买提·阿卜杜"},
		{"bullet", "买买提•阿卜杜", "买买提·阿卜杜"},
		{"hyphenation point", "买买提‧阿卜杜", "买买提·阿卜杜"},
		{"katakana middle dots", "买买提・阿卜杜･艾力", "买买提·阿卜杜·艾力"},
		{"Greek ano teleia", "买买提\u0387阿卜杜", "买买提·阿卜杜"},
		{"runic, operators, word separator", "甲\u16eb乙\u2219丙\u22c5丁\u2e31戊\u2e33己", "甲·乙·丙·丁·戊·己"},
		{"full stop", "买买提.阿卜杜", "买买提·阿卜杜"},
		{"full-width full stop and spaces", "买买提 ． 阿卜杜", "买买提·阿卜杜"},
		{"spaces beside the dot", "买买提 · 阿卜杜", "买买提·阿卜杜"},
		{"long", "阿依古丽·吐尔逊·麦麦提江·艾则孜·阿卜杜热依木·买买提", "阿依古丽·吐尔逊·麦麦提江·艾则孜·阿卜杜热依木·买买提"},
		{"Latin", "KIM  YONG NAM", "KIM YONG NAM"},
		{"full-width Latin", "ＫＩＭ　Ｙｏｎｇ", "KIM Yong"},
		{"apostrophes", "O’Neil d‘Arc N`Golo Ｍ＇Ba", "O'Neil d'Arc N'Golo M'Ba"},
		{"hyphens", "Jean‐Luc Anne‑Marie A–B", "Jean-Luc Anne-Marie A-B"},
		{"initials", "J. R. SMITH JR.", "J. R. SMITH JR."},
		{"NFD", "Nguye\u0302\u0303n Va\u0306n", "Nguyễn Văn"},
		{"full-width letter with a mark", "Ａ\u0308nne", "Änne"},
		{"Kelvin sign", "\u212aim", "Kim"},
		{"Chinese with Latin", "王 ANNA", "王 ANNA"},
		{"sixty", strings.Repeat("王", 60), strings.Repeat("王", 60)},
		{"sixty of four bytes", strings.Repeat("\U00020164", 60), strings.Repeat("\U00020164", 60)},
	} {
		n, err := payee.ParseName("name", c.raw)
		require.NoError(t, err, c.what)
		require.Equal(t, c.want, n.Reveal(), c.what)
		again, err := payee.ParseName("name", n.Reveal())
		require.NoError(t, err, c.what)
		require.Equal(t, n, again, c.what)
	}
}

func TestRefusedNamesNameTheCharacterAndNotThePerson(t *testing.T) {
	for _, c := range []struct {
		what, raw string
		code      payee.Code
		en        string // is in the English text
	}{
		{"empty", "", payee.CodeMissing, "missing"},
		{"blank", " \u3000\t", payee.CodeMissing, "missing"},
		{"blank of an unusual kind", "\u2002", payee.CodeMissing, "missing"},
		{"61 characters", strings.Repeat("王", 61), payee.CodeTooLong, "at most 60"},
		{"a text", strings.Repeat("王", 5000), payee.CodeTooLong, "at most 60"},
		{"much padding", strings.Repeat("王 ", 5000), payee.CodeTooLong, "at most 60"},
		{"zero-width space", "张\u200b三", payee.CodeCharacter, "character 2 of the name, U+200B, is an invisible"},
		{"zero-width joiner", "张\u200d三", payee.CodeCharacter, "U+200D, is an invisible"},
		{"word joiner", "张三\u2060", payee.CodeCharacter, "U+2060, is an invisible"},
		{"byte order mark", "\ufeff李四", payee.CodeCharacter, "character 1 of the name, U+FEFF, is an invisible"},
		{"soft hyphen", "李\u00ad四", payee.CodeCharacter, "U+00AD, is an invisible"},
		{"grapheme joiner", "李\u034f四", payee.CodeCharacter, "U+034F, is an invisible"},
		{"Hangul fillers", "李\u3164四", payee.CodeCharacter, "U+3164, is an invisible"},
		{"half-width Hangul filler", "李\uffa0四", payee.CodeCharacter, "U+FFA0, is an invisible"},
		{"Hangul choseong filler", "李\u115f四", payee.CodeCharacter, "U+115F, is an invisible"},
		{"Braille blank", "李\u2800四", payee.CodeCharacter, "U+2800, is an invisible"},
		{"tag", "李\U000e0041四", payee.CodeCharacter, "U+E0041, is an invisible"},
		{"variation selector", "葛\ufe00洪", payee.CodeCharacter, "U+FE00, is a variation selector"},
		{"ideographic variation sequence", "葛\U000e0100洪", payee.CodeCharacter, "U+E0100, is a variation selector"},
		{"embedding", "赵\u202a六\u202c", payee.CodeCharacter, "U+202A, is a bidirectional"},
		{"override", "赵\u202e六", payee.CodeCharacter, "U+202E, is a bidirectional"},
		{"isolate", "赵\u2066六\u2069", payee.CodeCharacter, "U+2066, is a bidirectional"},
		{"right-to-left mark", "赵六\u200f", payee.CodeCharacter, "U+200F, is a bidirectional"},
		{"line separator", "孙\u2028七", payee.CodeCharacter, "U+2028, is a line"},
		{"noncharacter", "周\ufffe八", payee.CodeCharacter, "U+FFFE, is a noncharacter"},
		{"noncharacters in the middle", "周\ufdd0八", payee.CodeCharacter, "U+FDD0, is a noncharacter"},
		{"noncharacter of plane 16", "周\U0010ffff八", payee.CodeCharacter, "U+10FFFF, is a noncharacter"},
		{"next line", "郑\u0085十", payee.CodeCharacter, "U+0085, is a control"},
		{"next line at the end", "郑十\u0085", payee.CodeCharacter, "U+0085, is a control"},
		{"tab inside", "郑\t十", payee.CodeCharacter, "U+0009, is a control"},
		{"NUL", "郑\x00十", payee.CodeCharacter, "U+0000, is a control"},
		{"private use, known", "\ue863三", payee.CodeCharacter, "use U+4DAE"},
		{"private use, moved in 2022", "王\ue81e", payee.CodeCharacter, "use U+9FB4"},
		{"private use, of extension B", "王\ue816", payee.CodeCharacter, "use U+20087"},
		{"private use, a radical", "王\ue815", payee.CodeCharacter, "U+2E81, which no name has"},
		{"private use, a vertical comma", "王\ue78d", payee.CodeCharacter, "U+FE10, which no name has"},
		{"private use, unknown", "王\ue000", payee.CodeCharacter, "U+E000, is a private-use"},
		{"private use, plane 15", "王\U000f0000", payee.CodeCharacter, "U+F0000, is a private-use"},
		{"unassigned", "王\u0378", payee.CodeCharacter, "U+0378, is an unassigned"},
		{"unassigned between the extensions", "王\U0002a6e0", payee.CodeCharacter, "U+2A6E0, is an unassigned"},
		{"unassigned after extension H", "王\U000323b0", payee.CodeCharacter, "U+323B0, is an unassigned"},
		{"replacement character", "王\ufffd", payee.CodeEncoding, "U+FFFD, is what a wrong encoding left"},
		{"GBK bytes", "\xd5\xc5\xc8\xfd", payee.CodeEncoding, "not valid UTF-8 from character 1"},
		{"surrogate", "张\xed\xa0\x80三", payee.CodeEncoding, "character 2 of the name, U+D800, is half of a surrogate pair"},
		{"cut", "张\xe4\xb8", payee.CodeEncoding, "not valid UTF-8 from character 2"},
		{"digit", "张三1", payee.CodeCharacter, "U+0031, is a digit"},
		{"full-width digit", "张三２", payee.CodeCharacter, "character 3 of the name, U+FF12, is a digit"},
		{"brackets", "张 三（大）", payee.CodeCharacter, "character 4 of the name, U+FF08, is a punctuation"},
		{"placeholder", "张□", payee.CodeCharacter, "U+25A1, is a punctuation mark or symbol"},
		{"question mark", "张?", payee.CodeCharacter, "U+003F"},
		{"masked", "张*", payee.CodeCharacter, "U+002A"},
		{"formula", "=张三", payee.CodeCharacter, "U+003D"},
		{"comma", "KIM, YONG", payee.CodeCharacter, "U+002C"},
		{"emoji", "张😀", payee.CodeCharacter, "U+1F600"},
		{"a radical that is no character", "张\u2e80", payee.CodeCharacter, "U+2E80, is a radical"},
		{"description", "⿰亻火", payee.CodeCharacter, "U+2FF0, is an ideographic description"},
		{"combining mark", "张\u0301", payee.CodeCharacter, "U+0301, is a combining mark"},
		{"Ogham space", "A\u1680B", payee.CodeCharacter, "U+1680, is a space"},
		{"Cyrillic that looks Latin", "АННА", payee.CodeCharacter, "U+0410, is a letter of another script"},
		{"Arabic", "محمد", payee.CodeCharacter, "U+0645, is a letter of another script"},
		{"Yi", "ꀊ", payee.CodeCharacter, "U+A00A, is a letter of another script"},
		{"Syriac dot", "买买提\u0701阿卜杜", payee.CodeCharacter, "U+0701"},
		{"dot at the start", "·阿卜杜", payee.CodeForm, "U+00B7 must have a letter on both sides"},
		{"dot at the end", "阿卜杜·", payee.CodeForm, "U+00B7"},
		{"two dots", "买买提··阿卜杜", payee.CodeForm, "U+00B7"},
		{"a spreadsheet's text mark", "'张三", payee.CodeForm, "U+0027"},
		{"loose hyphen", "A - B", payee.CodeForm, "U+002D"},
		{"loose full stop", ".A", payee.CodeForm, "U+002E"},
		{"full stop at the end", "张三.", payee.CodeForm, "U+002E"},
		{"dots only", "···", payee.CodeForm, "U+00B7"},
	} {
		n, err := payee.ParseName("members.name", c.raw)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, c.what)
		require.True(t, n.IsZero(), c.what)
		require.Equal(t, "members.name", refused.Field, c.what)
		require.Equal(t, c.code, refused.Code, "%s: %s", c.what, refused.En)
		require.Contains(t, refused.En, c.en, c.what)
		require.Contains(t, refused.Zh, "姓名", c.what)
		for _, r := range c.raw {
			if r > 0x7f && r != utf8.RuneError && !strings.ContainsRune("（）", r) {
				require.NotContains(t, strings.NewReplacer("姓名", "", "文字", "").Replace(refused.Zh)+refused.En, string(r), "%s", c.what)
			}
		}
		require.Equal(t, relief.CodeInvalid, refused.Refusal().Code)
		require.Equal(t, "members.name", refused.Refusal().Field)
		require.Contains(t, refused.Error(), refused.Zh)
	}
}

func TestLineCodes(t *testing.T) {
	for raw, want := range map[string]relief.LineCode{
		"": relief.LineMissing, strings.Repeat("王", 61): relief.LineTooLong, "\xff": relief.LineEncoding, "张\u200b": relief.LineName, "·": relief.LineName,
	} {
		_, err := payee.ParseName("name", raw)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, want, refused.LineCode())
	}
}

// Every character that a name may have survives GB18030 and XML 1.0 and is in NFC.
func TestAcceptedCharactersAreCarriedByEveryLaterStep(t *testing.T) {
	var accepted strings.Builder
	for r := rune(1); r <= utf8.MaxRune; r++ {
		if n, err := payee.ParseName("name", string(r)); err == nil {
			accepted.WriteString(n.Reveal())
		}
	}
	require.Greater(t, utf8.RuneCountInString(accepted.String()), 97000, "the unified ideographs")
	requireCarried(t, accepted.String())
}

func requireCarried(t *testing.T, s string) {
	t.Helper()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	require.NoError(t, err)
	back, err := simplifiedchinese.GB18030.NewDecoder().String(gb)
	require.NoError(t, err)
	require.Equal(t, s, back)
	for _, r := range s {
		if r < 0x20 || r > 0xd7ff && r < 0xe000 || r == 0xfffe || r == 0xffff {
			t.Fatalf("U+%04X is no Char of XML 1.0", r)
		}
	}
	var escaped strings.Builder
	require.NoError(t, xml.EscapeText(&escaped, []byte(s)))
	require.NotContains(t, escaped.String(), "\ufffd")
	require.True(t, norm.NFC.IsNormalString(s))
}

// The codes FE50 to FEA0, which most GBK files have private-use characters for, give the table but for the
// fourteen that golang.org/x/text does not decode: the eight of 2022 and the six of extension B.
func TestPrivateUseTableIsThatOfTheStandard(t *testing.T) {
	private, left := rune(0xe815), 0
	for second := 0x50; second <= 0xa0; second++ {
		if second == 0x7f {
			continue
		}
		standard, err := simplifiedchinese.GB18030.NewDecoder().String(string([]byte{0xfe, byte(second)}))
		require.NoError(t, err)
		_, err = payee.ParseName("name", string(private))
		if standard == "\ufffd" {
			left++
			require.Regexp(t, `use U\+(9FB[4-B]|2[0-9A-F]{4}),`, err.Error())
		} else {
			require.Contains(t, err.Error(), fmt.Sprintf("U+%04X", []rune(standard)[0]), "U+%04X", private)
		}
		private++
	}
	require.Equal(t, 14, left)
	require.Equal(t, rune(0xe865), private)
}

func TestNamesAndAccountsDoNotPrint(t *testing.T) {
	n, err := payee.ParseName("name", "张三")
	require.NoError(t, err)
	a, err := payee.ParseAccount("account", "6230599083016613184")
	require.NoError(t, err)
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "name", n, "account", a)
	marshalled, err := json.Marshal(map[string]any{"name": n, "account": &a})
	require.NoError(t, err)
	all := fmt.Sprintf("%v %+v %#v %s %d %x %q %v", n, n, n, n, n, n, n, []any{&n, struct{ N payee.Name }{n}}) +
		fmt.Sprintf("%v %+v %#v %s %d %x %q", a, a, a, a, a, a, a) + logged.String() + string(marshalled) + n.String()
	require.NotContains(t, all, "张三")
	require.NotContains(t, all, "e5bca0")
	require.NotContains(t, all, "62305")
}
