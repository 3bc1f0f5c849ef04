package uploads

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRefusalsAsCSV(t *testing.T) {
	var out bytes.Buffer
	const refusal = `{"line":4,"serial":"=3","code":"amount-syntax","reason":"x"}`
	require.NoError(t, refusalsCSV(&out, strings.NewReader(refusal+"\n"+`{"line":5,"ser`)))
	require.Equal(t, "\ufefffile_line,序号,field,code,reason,note\r\n4,'=3,,amount-syntax,x,\r\n", out.String())
}
