package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/invent"
)

// official is a browser window in which an official is signed in.
type official struct {
	*browser.Page
	t *testing.T
}

func signIn(t *testing.T, principal string, width, height int64) official {
	t.Helper()
	p := official{browser.Open(t, width, height), t}
	agency, _, _ := strings.Cut(principal, "-")
	token, err := os.ReadFile(filepath.Join(state, "dev", "tokens", principal+".token"))
	require.NoError(t, err)
	p.Do(chromedp.Navigate(gatewayURL(agency) + "/desk"))
	p.Until(`document.querySelector("[name=token]") !== null && document.activeElement.name === "token"`)
	p.Do(chromedp.KeyEvent(strings.TrimSpace(string(token)) + kb.Enter))
	p.Until(`document.querySelector("table.cases") !== null`)
	require.Contains(t, p.Text("#who"), principal)
	return p
}

// fill sets fields of the form and sends the events that typing sends.
func (p official) fill(values map[string]string) {
	p.t.Helper()
	for name, value := range values {
		p.Until(fmt.Sprintf(`document.querySelector("form.act [name='%s']") !== null`, name))
		browser.Eval[bool](p.Page, fmt.Sprintf(`(() => {
			const f = document.querySelector("form.act [name='%s']");
			f.value = %q;
			f.dispatchEvent(new Event("input", { bubbles: true }));
			f.dispatchEvent(new Event("change", { bubbles: true }));
			return true;
		})()`, name, value))
	}
}

func (p official) press(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
	browser.Eval[bool](p.Page, fmt.Sprintf(`document.querySelector(%q).click() ?? true`, selector))
}

func (p official) submit() { p.press(`form.act button[type=submit]`) }

// act opens an act's form, fills it and sends it; then it waits until the case is shown in the state becomes.
func (p official) act(name string, values map[string]string, becomes string) {
	p.t.Helper()
	p.press(fmt.Sprintf(`[data-act=%s]`, name))
	p.fill(values)
	p.submit()
	p.Until(fmt.Sprintf(`document.querySelector("form.act") === null && document.querySelector("h1 .badge") !== null && document.querySelector("h1 .badge").textContent.includes(%q)`, becomes))
}

// attach adds evidence with a file and waits until the case shows this number of pieces.
func (p official) attach(kind string, pieces int) {
	p.t.Helper()
	p.press(`[data-act=attach]`)
	p.fill(map[string]string{"kind": kind, "taken_at": "2026-11-10T10:00", "region": "530181001001"})
	browser.Eval[bool](p.Page, `(() => {
		const d = new DataTransfer();
		d.items.add(new File([Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(picture)+`"), (c) => c.charCodeAt(0))], "visit.png", { type: "image/png" }));
		document.querySelector("form.act [name=file]").files = d.files;
		return true;
	})()`)
	p.submit()
	p.Until(`document.querySelector("form.act") === null && [...document.querySelectorAll("[data-file]")].length === ` + strconv.Itoa(pieces))
}

// look opens the first file of the case's evidence.
func (p official) look() {
	p.t.Helper()
	p.press(`[data-file="0"]`)
	p.Until(`document.querySelector("figure img") !== null && document.querySelector("figure img").naturalWidth > 0`)
	p.Picture("desk-evidence")
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Until(`document.querySelector("figure") === null`)
}

func publicNotices(t *testing.T, agency string) (string, http.Header) {
	t.Helper()
	answer, err := http.Get(gatewayURL(agency) + "/public/v1/notices?programme=dibao")
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, string(body))
	return string(body), answer.Header
}

// testOfficialsPage: an application, a visit, a notice, an objection and its answer, all through the officials' page.
// The public sees the household masked, and only while the notice runs.
func testOfficialsPage(t *testing.T) {
	paidMonth(t)
	p := signIn(t, "civil-preparer", 1280, 900)
	p.Do(chromedp.KeyEvent("n"))
	p.Until(`document.activeElement.name === "id"`)
	head := invent.Household(9001)
	p.fill(map[string]string{
		"id": "desk-1", "programme": "dibao", "region": "530181001001", "settlement": "rural", "income": "1200", "account": head.Account(),
		"reason": "因病致贫", "members.name": "欧阳试例", "members.id_number": head.ID()[:17] + "?",
	})
	p.submit()
	p.Until(`document.activeElement.name === "members.id_number" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	require.Contains(t, p.Text("form.act fieldset"), "身份证号有误")
	p.Picture("desk-apply-wrong")
	p.fill(map[string]string{"members.id_number": head.ID()})
	p.submit()
	p.Until(`location.hash === "#/case/desk-1" && document.querySelector("h1 .badge") !== null`)
	require.Contains(t, p.Text("h1"), "待调查核对")
	require.NotContains(t, p.Text("#main"), head.ID(), "personal details are shown when asked for")

	p.press(`[data-act=notice]`)
	p.fill(map[string]string{"class": "B", "persons": "1", "amount": "620.00"})
	p.submit()
	p.Until(`!document.querySelector("form.act [role=alert]").hidden`)
	require.Contains(t, p.Text("form.act [role=alert]"), "缺少项目要求的调查材料")
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Until(`document.querySelector("form.act") === null`)
	p.attach("home-visit", 1)
	p.attach("income-declaration", 2)
	p.look()
	p.act("notice", map[string]string{"class": "B", "persons": "1", "amount": "620.00"}, "公示中")
	p.Picture("desk-case")
	p.press(`button[aria-expanded]`)
	p.Until(`!document.querySelector(".personal").hidden`)
	require.Contains(t, p.Text(".personal"), head.ID())

	testNoticeIsMasked(t, head.ID())
	testSaltedHash(t, p)

	testSentAgain(t, p)
	p.act("answer", map[string]string{"objection": "0", "founded": "no", "report": "查无此车"}, "异议已答复")
	body, _ := publicNotices(t, "civil")
	require.NotContains(t, body, "desk-1", "the notice is over once the objection is answered")
	p.act("notice", map[string]string{"class": "B", "persons": "1", "amount": "620.00"}, "公示中")
	for _, shown := range []string{"受理申请", "civil-preparer", "3 方背书", "不属实"} {
		require.Contains(t, p.Text("#main"), shown)
	}
	p.press("#language")
	require.Contains(t, p.Text("h1"), "on notice")
	p.press("#language")
	require.Empty(t, p.Faults())
	for _, address := range p.Requests() {
		require.True(t, strings.HasPrefix(address, gatewayURL("civil")) || strings.HasPrefix(address, "blob:") || strings.HasPrefix(address, "data:"), address)
	}
	testDeciding(t)
}

// testSentAgain: an act that is sent while the network is down stays in its form. Sent again, it is recorded once.
func testSentAgain(t *testing.T, p official) {
	t.Helper()
	p.press(`[data-act=object]`)
	p.fill(map[string]string{"channel": "hotline", "said": "家中有车"})
	p.Offline(true)
	p.submit()
	p.Until(`!document.querySelector("form.act [role=alert]").hidden && document.activeElement.getAttribute("role") === "alert"`)
	require.Contains(t, p.Text("form.act [role=alert]"), "不会重复办理")
	p.Offline(false)
	p.submit()
	p.Until(`document.querySelector("form.act") === null && document.querySelector("h1 .badge").textContent.includes("有异议")`)
	var record struct {
		Objections []struct{ Channel string }
	}
	require.NoError(t, as(t, "civil-preparer").Get(t.Context(), "/v1/cases/desk-1", &record))
	require.Len(t, record.Objections, 1)
}

// testTabs: the Tab key reaches every control of the page and is never trapped.
func testTabs(t *testing.T, p official) {
	t.Helper()
	browser.Eval[bool](p.Page, `(globalThis.passed = [], addEventListener("focusin", (e) => passed.push(e.target)), document.activeElement.blur(), true)`)
	usable := `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => !e.disabled && e.checkVisibility())`
	for range browser.Eval[int](p.Page, usable+`.length`) + 2 {
		p.Do(chromedp.KeyEvent(kb.Tab))
	}
	require.Empty(t, browser.Eval[[]string](p.Page, usable+`.filter((e) => !passed.includes(e)).map((e) => e.outerHTML.slice(0, 100))`), "these are not reached")
	require.True(t, browser.Eval[bool](p.Page, usable+`.every((e) => e.textContent.trim() !== "" || e.labels?.length > 0 || e.title || e.children.length > 0)`), "each has a name")
}

// testNoticeIsMasked: the public sees the household without identity number, whole name and reason.
func testNoticeIsMasked(t *testing.T, number string) {
	body, header := publicNotices(t, "civil")
	require.Contains(t, body, `"head":"欧阳*"`)
	require.Contains(t, body, `"case":"desk-1"`)
	require.Contains(t, header.Get("X-Robots-Tag"), "noindex")
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	for _, hidden := range []string{number, "试例", "因病", "1200"} {
		require.NotContains(t, body, hidden)
	}
	require.NotRegexp(t, `[0-9]-[a-z2-7]{26}`, body, "no reference either")
	var elsewhere string
	require.Eventually(t, func() bool { // audit's index may be a block behind
		elsewhere, _ = publicNotices(t, "audit")
		return strings.Contains(elsewhere, "desk-1")
	}, 10*time.Second, 50*time.Millisecond)
	require.NotContains(t, elsewhere, "欧", "audit has no names")
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(gatewayURL("civil") + "/notices"))
	p.Until(`document.querySelector("#notices li") !== null`)
	require.Contains(t, p.Text("#notices"), "欧阳*")
	require.Equal(t, "noindex, nofollow, noarchive", browser.Eval[string](p, `document.querySelector("meta[name=robots]").content`))
	require.True(t, browser.Eval[bool](p, `document.documentElement.scrollWidth <= innerWidth`), "it fits a phone")
	p.Picture("notices-phone")
	require.Empty(t, p.Faults())
}

// testSaltedHash: the page's hash is SHA-256 of the salt and the content.
func testSaltedHash(t *testing.T, p official) {
	var proof struct{ Salt, SHA256 string }
	text := browser.Eval[string](p.Page, `import("/assets/desk-kit.js").then((kit) => kit.salted(new TextEncoder().encode("an invented picture"))).then(JSON.stringify)`)
	require.NoError(t, json.Unmarshal([]byte(text), &proof))
	salt, err := hex.DecodeString(proof.Salt)
	require.NoError(t, err)
	require.Len(t, salt, 32)
	sum := sha256.Sum256(append(salt, "an invented picture"...))
	require.Equal(t, hex.EncodeToString(sum[:]), proof.SHA256)
}

// testDeciding: a second official finds the case by keyboard on a phone's screen; a decision before the notice ends is
// refused.
func testDeciding(t *testing.T) {
	p := signIn(t, "civil-approver", 390, 844)
	p.Do(chromedp.KeyEvent("2"))
	p.Until(`[...document.querySelectorAll("tbody a")].some((a) => a.textContent === "desk-1")`)
	p.Picture("desk-list-phone")
	testTabs(t, p)
	require.True(t, browser.Eval[bool](p.Page, `document.documentElement.scrollWidth <= innerWidth`), "it fits a phone")
	began := time.Now()
	browser.Eval[bool](p.Page, `[...document.querySelectorAll("tbody a")].find((a) => a.textContent === "desk-1").click() ?? true`)
	p.Until(`document.querySelector(".timeline li") !== null`)
	t.Logf("a case's page in %d ms", time.Since(began).Milliseconds())
	p.press(`[data-act=grant]`)
	p.submit()
	p.Until(`document.querySelector("form.act [role=alert]") !== null && !document.querySelector("form.act [role=alert]").hidden`)
	require.Contains(t, p.Text("form.act [role=alert]"), "公示期还没有满")
	p.Picture("desk-grant-early-phone")
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.act("refuse", map[string]string{"reason": "income", "how_to_appeal": "六十日内向上一级民政部门申请复核"}, "不予确认")
	require.Contains(t, p.Text("#main"), "收入超标")
	require.True(t, browser.Eval[bool](p.Page, `document.documentElement.scrollWidth <= innerWidth`), "it fits a phone")
	p.Picture("desk-case-phone")
	body, _ := publicNotices(t, "civil")
	require.NotContains(t, body, "desk-1", "what is decided is not shown any more")
	p.press("#leave")
	p.Until(`document.querySelector("[name=token]") !== null`)
	require.Empty(t, browser.Eval[string](p.Page, `sessionStorage.getItem("relieftrail-token") ?? ""`))
	require.Empty(t, p.Faults())
}
