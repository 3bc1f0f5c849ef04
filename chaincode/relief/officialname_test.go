package relief

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestOfficialsHaveOneSpelling(t *testing.T) {
	for given, want := range map[string]string{
		"civil-preparer": "civil-preparer", "Civil-Preparer": "civil-preparer", "ＣＩＶＩＬ－ＰＲＥＰＡＲＥＲ": "civil-preparer",
		"li.wei_2": "li.wei_2", "７": "7", strings.Repeat("Ａ", maxOfficialName): strings.Repeat("a", maxOfficialName),
		"": "", "-a": "", "a b": "", "王伟": "", "сivil": "", "\u212a": "", "ſ": "", "a\u0301": "", "a\u200d": "", "ａ／ｂ": "", "a\xff": "",
		strings.Repeat("a", maxOfficialName+1): "",
	} {
		got, err := FoldOfficialName(given)
		require.Equal(t, want, got, "%q", given)
		require.Equal(t, want == "", err != nil, "%q", given)
	}
	_, err := FoldStaffNumber(strings.Repeat("1", maxStaffNumber+1))
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})
}

func FuzzFoldOfficialName(f *testing.F) {
	f.Add("Civil-Preparer")
	f.Add("ｃivil")
	f.Fuzz(func(t *testing.T, s string) {
		folded, err := FoldOfficialName(s)
		if err != nil {
			return
		}
		again, err := FoldOfficialName(folded)
		require.NoError(t, err)
		require.Equal(t, folded, again)
		require.True(t, utf8.ValidString(s), "what is folded has no broken characters")
	})
}
