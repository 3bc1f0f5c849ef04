package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/web"
	"relieftrail/network/testbed/browser"
)

const (
	builtWorkplace = "../../.relieftrail/bin/workplace"
	axe            = "workplace/node_modules/axe-core/axe.min.js"
)

// TestDocsInABrowser: the library shows our document in both languages, wide and narrow, under the policy, and keeps nobody out.
func TestDocsInABrowser(t *testing.T) {
	script, err := os.ReadFile(axe)
	if _, missing := os.Stat(filepath.Join(builtWorkplace, "docs", "docs.js")); err != nil || missing != nil {
		t.Skip("the page of the interface is not built: scripts/build-workplace .relieftrail/bin/workplace")
	}
	openAPI, err := os.ReadFile("../internal/httpapi/openapi.yaml")
	require.NoError(t, err)
	pages, err := web.New(openAPI, []web.Problem{{Slug: "invalid", Status: 422, Title: "无效 · Invalid", Help: "Mend it."}}, "", builtWorkplace, web.Apart{})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name, isAsset := strings.CutPrefix(r.URL.Path, "/assets/"); {
		case isAsset:
			if !pages.Asset(w, r, name) {
				http.NotFound(w, r)
			}
		case r.URL.Path == "/docs":
			pages.Docs(w, r)
		default:
			pages.OpenAPI(w, r)
		}
	}))
	defer server.Close()
	for _, width := range []int64{1280, 320} {
		p := browser.Open(t, width, 900)
		p.Do(chromedp.Navigate(server.URL+"/docs"), chromedp.Evaluate(`globalThis.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.sample)); true`, nil), chromedp.Evaluate(string(script), nil))
		look := func(title, operation string) {
			t.Helper()
			p.Until(`document.querySelector("openapi-explorer")?.shadowRoot?.textContent.includes("` + operation + `") === true`)
			require.Contains(t, browser.Eval[string](p, `document.querySelector("openapi-explorer").shadowRoot.textContent`), title)
			require.NotContains(t, browser.Eval[string](p, `document.querySelector("openapi-explorer").shadowRoot.textContent`), " · ", "one language at a time")
			require.Empty(t, browser.Eval[[]string](p, `(async () => (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })).violations.flatMap((v) => v.nodes.map((n) => v.id + " " + n.target.join(" ") + ": " + n.failureSummary)))()`))
			require.Empty(t, browser.Eval[[]string](p, `globalThis.refused`))
			require.Empty(t, p.Faults())
			require.True(t, browser.Eval[bool](p, `document.documentElement.scrollWidth <= innerWidth`), "%d", width)
		}
		look("救助资金链网关", "项目列表")
		p.Picture("docs")
		if width > 1000 { // a narrow window has all operations below each other, and no list beside them
			p.Do(chromedp.Evaluate(`document.querySelector("openapi-explorer").shadowRoot.querySelector(".nav-bar-path").click()`, nil))
			look("/v1/programmes", "查询参数")
			p.Picture("docs-operation")
		}
		p.Do(chromedp.Click("#language"))
		p.Until(`document.documentElement?.lang === "en"`)
		p.Do(chromedp.Evaluate(`globalThis.refused = []; true`, nil), chromedp.Evaluate(string(script), nil))
		look("relieftrail gateway", "List programmes")
		for _, address := range p.Requests() {
			require.True(t, strings.HasPrefix(address, server.URL) || strings.HasPrefix(address, "data:"), address)
		}
		p.Close()
	}
}
