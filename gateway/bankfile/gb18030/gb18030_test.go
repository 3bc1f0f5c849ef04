package gb18030_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/bankfile/gb18030"
)

// What the editions of 2000 and 2022 have alike, and what the later one has moved.
var texts = map[string]string{
	"张三,620.00\r\n":  "\xd5\xc5\xc8\xfd,620.00\r\n",
	"龴龵龶龷龸龹龺龻":       "\xfe\x59\xfe\x61\xfe\x66\xfe\x67\xfe\x6d\xfe\x7e\xfe\x90\xfe\xa0",
	"ḿǹ":             "\xa8\xbc\xa8\xbf",
	"︐︒︑︓︔︕︖︗︘︙":     "\xa6\xd9\xa6\xda\xa6\xdb\xa6\xdc\xa6\xdd\xa6\xde\xa6\xdf\xa6\xec\xa6\xed\xa6\xf3",
	"䶮㛃":             "\xfe\x9f\x82\x30\xb7\x31",
	"\U00020164":     "\x95\x32\xa6\x32",
	"\U00020087":     "\x95\x32\x90\x31",
	"\u2e81\u2e84张A": "\xfe\x50\xfe\x54\xd5\xc5A",
}

func TestBothWays(t *testing.T) {
	d := gb18030.NewDecoder()
	for text, encoded := range texts {
		require.Equal(t, text, string(d.Bytes([]byte(encoded))))
		for _, r := range []io.Reader{strings.NewReader(encoded), iotest.OneByteReader(strings.NewReader(encoded))} {
			read, err := io.ReadAll(gb18030.NewReader(r))
			require.NoError(t, err)
			require.Equal(t, text, string(read))
		}
		var out bytes.Buffer
		w := gb18030.NewWriter(&out)
		for i := range len(text) { // characters come in pieces
			_, err := w.Write([]byte{text[i]})
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		require.Equal(t, encoded, out.String(), text)
	}
	long := strings.Repeat("龴张", 20_000)
	var out bytes.Buffer
	w := gb18030.NewWriter(&out)
	_, err := io.WriteString(w, long)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Equal(t, strings.Repeat("\xfe\x59\xd5\xc5", 20_000), out.String())
	read, err := io.ReadAll(gb18030.NewReader(&out))
	require.NoError(t, err)
	require.Equal(t, long, string(read))
}

// Files of programs that write an earlier edition have other bytes for these characters.
func TestEarlierEditionsAreRead(t *testing.T) {
	for encoded, text := range map[string]string{
		"\x82\x35\x90\x37": "龴", "\xfe\x51\xfe\x52\xfe\x53\xfe\x6c\xfe\x76\xfe\x91": "\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe",
	} {
		require.Equal(t, text, string(gb18030.NewDecoder().Bytes([]byte(encoded))))
	}
}

func TestWhatIsNoGB18030(t *testing.T) {
	for _, bad := range []string{"\xff", "\xfe", "\xfe\x20", "\x82\x35", "\x82\x35\x90", "\xa6\xff"} {
		require.Contains(t, string(gb18030.NewDecoder().Bytes([]byte(bad))), "\ufffd", "%x", bad)
		read, err := io.ReadAll(gb18030.NewReader(strings.NewReader(bad)))
		require.NoError(t, err)
		require.Contains(t, string(read), "\ufffd", "%x", bad)
	}
}
