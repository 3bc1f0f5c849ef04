package relief

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTagText(t *testing.T) {
	tag := Tag{255, 7, 16: 200}
	require.Regexp(t, `^255-[a-z2-7]{26}$`, tag.String())
	b, err := json.Marshal(struct{ A, None Tag }{A: tag})
	require.NoError(t, err)
	var back struct{ A, None Tag }
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, tag, back.A)
	require.True(t, back.None.IsZero())
	text := tag.String()
	for _, bad := range []string{
		"x", "-", "0" + text[3:], "256" + text[3:], "0255" + text[3:], "+1" + text[3:], text[:29], text + "a", text[:29] + "1", text[:28] + "=a",
		"255-AAAAAAAAAAAAAAAAAAAAAAAAAA", "255-aaaaaaaaaaaaaaaaaaaaaaaaab",
	} {
		_, err := ParseTag(bad)
		require.ErrorIs(t, err, &Error{Code: CodeInvalid}, bad)
	}
}

func TestNoTagEqualsNothing(t *testing.T) {
	tag := Tag{1, 2}
	require.True(t, tag.Equal(Tag{1, 2}))
	require.False(t, tag.Equal(Tag{2, 2}), "tags of other epochs cannot be compared")
	require.False(t, Tag{}.Equal(Tag{}))
	require.False(t, Tag{0, 5}.Valid(), "no key makes it")
	require.True(t, tag.Valid())
	require.Equal(t, uint8(1), tag.Epoch())
}
