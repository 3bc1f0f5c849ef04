package e2e

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/restclient"
)

// testPublicPage: a citizen checks a receipt of finance on the page of another agency, as a file and as a picture of
// its QR code.
func testPublicPage(t *testing.T) {
	paidMonth(t)
	finance := as(t, "finance-preparer")
	var payments struct{ Items []struct{ ID, Amount string } }
	require.NoError(t, finance.Get(t.Context(), "/v1/payments?state=credited&limit=1", &payments))
	require.Len(t, payments.Items, 1)
	paid := payments.Items[0]
	get := func(query string) []byte {
		answer, err := finance.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/payments/" + paid.ID + "/receipt" + query})
		require.NoError(t, err)
		return answer.Body
	}
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(gatewayURL("audit") + "/"))
	p.Until(`document.getElementById("state").classList.contains("ready")`)
	give := func(name, kind string, content []byte) string {
		browser.Eval[bool](p, `(async () => {
			document.getElementById("result").hidden = true;
			const bytes = Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(content)+`"), (c) => c.charCodeAt(0));
			await examineFile(new File([bytes], "`+name+`", { type: "`+kind+`" }));
			return true;
		})()`)
		p.Until(`!document.getElementById("result").hidden`)
		return browser.Eval[string](p, `document.getElementById("result").className`)
	}
	file := get("")
	require.Equal(t, "good", give("a.receipt", "", file))
	for _, shown := range []string{paid.ID, paid.Amount, "民政局", "财政局", "审计局"} {
		require.Contains(t, strings.ReplaceAll(p.Text("#result"), ",", ""), shown, "amounts are shown with commas")
	}
	p.Picture("gateway-phone-good")
	require.Equal(t, "good", give("code.png", "image/png", get("?format=qr")))
	altered := strings.Replace(string(file), "index ", "index 1", 1)
	require.Equal(t, "bad", give("b.receipt", "", []byte(altered)))
	require.Empty(t, p.Faults())
}
