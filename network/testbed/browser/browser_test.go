package browser_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

func TestBrowserDrivesAPage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<meta name="viewport" content="width=device-width"><title>x</title><p id=p>民政</p><script>setTimeout(() => { document.title = "ready"; console.error("trouble") }, 10)</script>`))
	}))
	defer server.Close()
	p := browser.Open(t, 390, 700)
	p.Do(chromedp.Navigate(server.URL))
	p.Until(`document.title == "ready"`)
	require.Equal(t, "民政", p.Text("#p"))
	require.InDelta(t, 390, browser.Eval[float64](p, "innerWidth"), 0)
	require.Equal(t, []string{`"trouble"`}, p.Faults())
	require.Contains(t, p.Requests(), server.URL+"/")
	p.Offline(true)
	require.Equal(t, "gone", browser.Eval[string](p, `fetch("/").then(() => "there", () => "gone")`))
}
