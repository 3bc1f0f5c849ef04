package workday

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Public opens pages that everybody may see, as a stranger on a wide screen and a stranger with a small telephone, in both languages.
func (n Network) Public(t testing.TB, agency string, paths ...string) {
	t.Helper()
	for _, window := range []struct{ width, height int64 }{{width, height}, {320, 700}} {
		d := n.open(t, agency, window.width, window.height)
		for _, path := range paths {
			answer, err := http.Get(d.gateway + path)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			require.Equal(t, http.StatusOK, answer.StatusCode, path)
			d.looked["axe"] = false // each page is a document of its own
			d.Do(chromedp.Navigate(d.gateway + path))
			d.Until(`document.readyState === "complete"`)
			d.Look(path)
			d.run(`document.querySelector("#language")?.click()`)
			d.Look(path + " in English")
			d.run(`document.querySelector("#language")?.click()`)
		}
		for _, path := range []string{"/contacts", "/lists"} { // a policy that forbids it leaves a button that does nothing
			d.Do(chromedp.Navigate(d.gateway + path))
			d.Fill(map[string]string{"region": "530181"})
			d.Press(`form.filter button`)
			d.Until(`location.search === "?region=530181" && document.readyState === "complete"`)
		}
		d.Close()
	}
}
