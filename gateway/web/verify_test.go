package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/web"
	"relieftrail/network/host/programs"
	"relieftrail/network/testbed/browser"
)

const vectors = "../../chaincode/receipt/testdata"

func vectorFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	require.NoError(t, err)
	return b
}

// verifier is built once for all tests, where the checkout keeps what it builds.
var verifier = sync.OnceValues(func() (string, error) {
	dir, err := filepath.Abs("../../.relieftrail/verifier-test")
	if err != nil {
		return "", err
	}
	return dir, programs.Verifier(context.Background(), "../..", dir, func(string, ...any) {})
})

// names are those of the vectors' programme and regions.
const names = `{"programmes":[{"id":"dibao","name":"城市最低生活保障","name_en":"Urban minimum living allowance"}],
	"regions":[{"code":"53","name":"云南省"},{"code":"5301","name":"昆明市"},{"code":"530181","name":"安宁市"}]}`

// site serves the page as a gateway does, which trusts the keys of the vectors.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	pages := checkingPages(t)
	county, err := receipt.Parse(vectorFile(t, "county.receipt"))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", pages.Verify)
	mux.HandleFunc("GET /gateway", pages.Home)
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		if !pages.Asset(w, r, r.PathValue("name")) {
			http.NotFound(w, r)
		}
	})
	policy := vectorFile(t, "policy.txt")
	mux.HandleFunc("GET /public/v1/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(policy) })
	mux.HandleFunc("GET /public/v1/names", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(names)) })
	mux.HandleFunc("GET /public/v1/receipts/{hash}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("hash") != receipt.HashText(county.Leaf.Hash()) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("{}"))
			return
		}
		var path []string
		for i := range county.Path {
			path = append(path, base64.StdEncoding.EncodeToString(county.Path[i][:]))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"index": county.Index, "path": path, "checkpoint": string(county.Checkpoint)})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// give hands a file to the page as a person does who drops it, and waits for the verdict.
func give(p *browser.Page, name, kind string, content []byte) {
	script := `(async () => {
		document.getElementById("result").hidden = true;
		const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(content) + `"), (c) => c.charCodeAt(0));
		await examineFile(new File([bytes], "` + name + `", { type: "` + kind + `" }));
		return true;
	})()`
	browser.Eval[bool](p, script)
	p.Until(`!document.getElementById("result").hidden`)
}

func kindOf(p *browser.Page) string {
	return browser.Eval[string](p, `document.getElementById("result").className`)
}

const isReady = `document.getElementById("state").classList.contains("ready")`

// Every vector gets the verdict in the browser that Go gives it, and its reason.
func TestVectorsInTheBrowser(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	var list []struct {
		File  string
		Valid bool
		Code  receipt.Code
	}
	require.NoError(t, json.Unmarshal(vectorFile(t, "vectors.json"), &list))
	policy, err := receipt.ParsePolicy(vectorFile(t, "policy.txt"))
	require.NoError(t, err)
	for _, v := range list {
		content := vectorFile(t, v.File)
		give(p, v.File, "", content)
		if v.Valid {
			require.Equal(t, "good", kindOf(p), v.File)
			continue
		}
		report := receipt.Check(content, func(r *receipt.Receipt) (*receipt.Result, error) { return r.Verify(policy) })
		require.Equal(t, map[bool]string{true: "bad", false: "unsure"}[report.Checked], kindOf(p), v.File)
		if v.File == "binary.receipt" {
			continue // a picture, which the page looks into
		}
		code := browser.Eval[string](p, `relieftrail.check(Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(content)+`"), (c) => c.charCodeAt(0))).then((r) => r.error.code)`)
		require.Equal(t, string(v.Code), code, v.File)
	}
	require.Empty(t, p.Faults())
}

// The page on a desk: Chinese first, English at the switch, each verdict with its reason, no other host asked.
func TestThePageOnADesk(t *testing.T) {
	server := site(t)
	p := browser.Open(t, 1280, 900)
	p.Do(chromedp.Navigate(server.URL))
	p.Until(isReady)
	require.Equal(t, "救助金：您想做什么？", p.Text("h1"))
	require.Equal(t, "核验救助金回执", p.Text("#receipt"))
	require.Contains(t, browser.Eval[string](p, `document.getElementById("keys").textContent`), "审计部门")
	p.Picture("verify-desk-zh")
	give(p, "county.receipt", "", vectorFile(t, "county.receipt"))
	for _, shown := range []string{"回执有效", "620.00 元", "2026年11月", "常规发放", "城市最低生活保障（dibao）", "云南省昆明市安宁市（530181", "民政部门、财政部门、审计部门", "共 266 条"} {
		require.Contains(t, p.Text("#result"), shown)
	}
	p.Picture("verify-desk-zh-good")
	p.Do(chromedp.Click("#language"))
	for _, shown := range []string{"The receipt is valid", "CNY 620.00", "November 2026", "Regular payment", "Urban minimum living allowance (dibao)", "Civil affairs, Finance, Audit"} {
		require.Contains(t, p.Text("#result"), shown)
	}
	require.NotContains(t, p.Text("#result"), "回执有效")
	require.Equal(t, "Check a relief receipt", browser.Eval[string](p, "document.title"))
	p.Picture("verify-desk-en-good")
	give(p, "without-audit.receipt", "", vectorFile(t, "without-audit.receipt"))
	require.Contains(t, p.Text("#result"), "an agency's signature is missing: Audit")
	p.Picture("verify-desk-en-bad")
	p.Do(chromedp.Reload())
	p.Until(isReady)
	require.Equal(t, "en", browser.Eval[string](p, "document.documentElement.lang"), "the choice is kept")
	host, err := url.Parse(server.URL)
	require.NoError(t, err)
	for _, r := range p.Requests() {
		u, err := url.Parse(r)
		require.NoError(t, err)
		require.True(t, u.Host == host.Host || u.Scheme == "blob" || u.Scheme == "data", "%s was asked for", r)
	}
	require.Empty(t, p.Faults())
}

// On a phone nothing is wider than the screen, before and after a verdict.
func TestThePageOnAPhone(t *testing.T) {
	p := browser.Open(t, 360, 740)
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	const fits = "document.documentElement.scrollWidth <= 360"
	require.True(t, browser.Eval[bool](p, fits))
	p.Picture("verify-phone-zh")
	give(p, "longest.receipt", "", vectorFile(t, "longest.receipt"))
	require.True(t, browser.Eval[bool](p, fits))
	p.Picture("verify-phone-zh-good")
	give(p, "other-amount.receipt", "", vectorFile(t, "other-amount.receipt"))
	require.True(t, browser.Eval[bool](p, fits))
	p.Picture("verify-phone-zh-bad")
	require.Empty(t, p.Faults())
}

// Once loaded the page works without a network: while it is open, and when it is opened again.
func TestThePageOffline(t *testing.T) {
	server := site(t)
	p := browser.Open(t, 1280, 900)
	p.Do(chromedp.Navigate(server.URL))
	p.Until(isReady)
	require.True(t, browser.Eval[bool](p, `navigator.serviceWorker.ready.then(() => true)`))
	p.Until(`caches.open("verify-3").then((c) => c.keys()).then((k) => k.length === 12)`)
	server.CloseClientConnections()
	server.Close()
	give(p, "county.receipt", "", vectorFile(t, "county.receipt"))
	require.Equal(t, "good", kindOf(p))
	p.Do(chromedp.Reload())
	p.Until(isReady)
	give(p, "county.receipt", "", vectorFile(t, "county.receipt"))
	require.Equal(t, "good", kindOf(p))
	give(p, "code.png", "image/png", picture(t, string(vectorFile(t, "county.code"))))
	require.Equal(t, "good", kindOf(p), "the reader of codes is there, too")
}

// The keyboard alone is enough.
func TestThePageByKeyboard(t *testing.T) {
	p := browser.Open(t, 1280, 900)
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	focused := func() string {
		return browser.Eval[string](p, "document.activeElement.id || document.activeElement.tagName")
	}
	var order []string
	for range 12 {
		p.Do(chromedp.KeyEvent(kb.Tab))
		order = append(order, focused())
	}
	require.Equal(t, []string{"A", "A", "language", "A", "A", "A", "A", "A", "A", "file", "scan", "SUMMARY"}, order)
	p.Do(chromedp.Evaluate(`document.querySelector("#paste summary").focus()`, nil), chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	require.Equal(t, "text", focused())
	p.Do(chromedp.KeyEvent(strings.TrimSpace(string(vectorFile(t, "county.code")))), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	p.Until(`document.getElementById("result").className === "good"`)
	require.Equal(t, "result", focused(), "the verdict is read out")
	p.Picture("verify-desk-pasted")
}

// A code is read from a picture, whole or as a link; a link tells the server a hash and nothing else.
func TestCodesAndLinks(t *testing.T) {
	server := site(t)
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(server.URL))
	p.Until(isReady)
	give(p, "code.png", "image/png", picture(t, string(vectorFile(t, "county.code"))))
	require.Equal(t, "good", kindOf(p))
	give(p, "nothing.png", "image/png", picture(t, "https://example.invalid/")[:300])
	require.Equal(t, "unsure", kindOf(p))

	county, err := receipt.Parse(vectorFile(t, "county.receipt"))
	require.NoError(t, err)
	link := receipt.Link(server.URL+"/", &county.Leaf)
	give(p, "link.png", "image/png", picture(t, link))
	require.Equal(t, "good", kindOf(p))
	p.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	p.Until(`document.getElementById("result").className === "good"`)
	require.Equal(t, server.URL+"/", browser.Eval[string](p, "location.href"), "the leaf does not stay in the address")
	secret := hex.EncodeToString(county.Leaf.Salt[:])
	for _, r := range p.Requests() {
		require.NotContains(t, r, secret)
		before, _, _ := strings.Cut(r, "#")
		require.NotContains(t, before, "r1=")
	}
	other := county.Leaf
	other.Amount++
	p.Do(chromedp.Navigate("about:blank"), chromedp.Navigate(receipt.Link(server.URL+"/", &other)))
	p.Until(`document.getElementById("result").className === "bad"`)
	require.Empty(t, p.Faults())
}

// A bare hash, as it is printed, copied or scanned, is looked up: found, not there, and without a network.
func TestABareHash(t *testing.T) {
	server := site(t)
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(server.URL))
	p.Until(isReady)
	county, err := receipt.Parse(vectorFile(t, "county.receipt"))
	require.NoError(t, err)
	hash := receipt.HashText(county.Leaf.Hash())
	paste := func(text string) string {
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		browser.Eval[bool](p, `(async () => {
			document.getElementById("result").hidden = true;
			document.getElementById("text").value = `+string(quoted)+`;
			document.getElementById("check").click();
			return true;
		})()`)
		p.Until(`!document.getElementById("result").hidden`)
		return browser.Eval[string](p, `document.getElementById("result").textContent`)
	}
	for _, text := range []string{hash, " " + strings.ToUpper(hash) + "\n", hash[:16] + " " + hash[16:40] + "\n" + hash[40:]} {
		said := paste(text)
		require.Equal(t, "unsure", kindOf(p), "a hash is not shown as a valid receipt is: "+text)
		for _, want := range []string{"账本中有这个哈希", "共 266 条", "民政部门", "须用回执文件", "of 266", "without a network"} {
			require.Contains(t, said, want)
		}
		require.NotContains(t, said, "620.00")
	}
	give(p, "hash.png", "image/png", picture(t, strings.ToUpper(hash)))
	require.Contains(t, p.Text("#result"), "账本中有这个哈希")
	p.Picture("verify-hash")
	said := paste("00" + hash[2:])
	require.Equal(t, "unsure", kindOf(p))
	require.Contains(t, said, "账本中没有这个哈希")
	require.NotContains(t, said, "回执无效")
	require.Contains(t, paste(hash[1:]), "未能核验", "63 digits are no hash")
	// A gateway that gives another leaf's proof is found out.
	said = browser.Eval[string](p, `relieftrail.prove("`+strings.Repeat("ab", 32)+`", (`+"`"+string(county.Proof())+"`"+`)).then((r) => r.error.code)`)
	require.Equal(t, string(receipt.CodeInclusion), said)
	server.CloseClientConnections()
	server.Close()
	require.Contains(t, paste(hash), "须联网查询")
	require.Equal(t, "unsure", kindOf(p))
	require.Empty(t, p.Faults())
}

// A code that the reader misses in a photograph as it is, is found in the same one, turned or in another size.
func TestAPhotographIsLookedAtAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 16)) // of the first hundred codes of this length the one that is missed
	text := make([]byte, 900)
	for i := range text {
		text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[random.IntN(45)]
	}
	code, err := receiptprint.PNG(string(text))
	require.NoError(t, err)
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	photograph := `(async () => {
		const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(code) + `"), (c) => c.charCodeAt(0));
		const code = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
		const desk = document.createElement("canvas"), context = desk.getContext("2d");
		desk.width = desk.height = Math.round(1.69 * code.width);
		context.fillStyle = "#999";
		context.fillRect(0, 0, desk.width, desk.height);
		context.translate(desk.width / 2, desk.height / 2);
		context.rotate(0.1);
		context.scale(1.3, 1.3);
		context.filter = "contrast(0.7)";
		context.drawImage(code, -code.width / 2, -code.height / 2);
		const photograph = await createImageBitmap(desk);
		return [await decode(drawn(photograph, photograph.width, photograph.height, 1)), await readPicture(photograph)];
	})()`
	require.Equal(t, []string{"", string(text)}, browser.Eval[[]string](p, photograph))
}

// A code is held before the camera.
func TestScanning(t *testing.T) {
	code, err := png.Decode(bytes.NewReader(picture(t, string(vectorFile(t, "county.code")))))
	require.NoError(t, err)
	frame := image.NewRGBA(image.Rect(0, 0, 1280, 960))
	draw.Draw(frame, frame.Bounds(), image.NewUniform(color.Gray{Y: 200}), image.Point{}, draw.Src)
	draw.Draw(frame, code.Bounds().Add(image.Pt(170, 30)), code, image.Point{}, draw.Src)
	var film bytes.Buffer
	for range 3 {
		require.NoError(t, jpeg.Encode(&film, frame, nil))
	}
	name := filepath.Join(t.TempDir(), "film.mjpeg")
	require.NoError(t, os.WriteFile(name, film.Bytes(), 0o600))
	p := browser.Open(t, 390, 844, browser.Camera(name))
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	p.Do(chromedp.Click("#scan"))
	p.Until(`document.getElementById("result").className === "good"`)
	require.True(t, browser.Eval[bool](p, `document.getElementById("camera").hidden && !stream`), "the camera is off again")
	require.Empty(t, p.Faults())
}

// picture draws a QR code with the least correction, as receipts have it.
func picture(t *testing.T, text string) []byte {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 900, 900,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_ERROR_CORRECTION: "L"})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// The verifier is sent in less than a million bytes, also by a browser that takes nothing but gzip; the page may run its
// own scripts only.
func TestTheVerifierIsSmall(t *testing.T) {
	server := site(t)
	get := func(path, encoding string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Accept-Encoding", encoding)
		answer, err := http.DefaultTransport.RoundTrip(r)
		require.NoError(t, err)
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	answer := get("/assets/receipt.wasm", "gzip, br")
	require.Equal(t, "gzip", answer.Header.Get("Content-Encoding"))
	require.Equal(t, "application/wasm", answer.Header.Get("Content-Type"))
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	t.Logf("the verifier has %d bytes, compressed", len(body))
	require.Less(t, len(body), 1_000_000)
	plain, err := io.ReadAll(get("/assets/receipt.wasm", "identity").Body)
	require.NoError(t, err)
	require.Equal(t, "\x00asm", string(plain[:4]))
	policy := get("/", "").Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'self' 'wasm-unsafe-eval';")
	require.NotContains(t, policy, "unsafe-inline")
}

// A gateway without the verifier serves the page and says so.
func TestAPageWithoutTheVerifier(t *testing.T) {
	pages, err := web.New([]byte(document), nil, "", "", web.Apart{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	pages.Verify(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	require.Contains(t, w.Body.String(), "receipt-verify")
	require.NotContains(t, w.Body.String(), "<script")
	_, err = web.New([]byte(document), nil, t.TempDir(), "", web.Apart{})
	require.ErrorContains(t, err, "lacks")
}

// The first page is light and says without scripts what one can do: below 60 kB with its style and scripts, the verifier aside.
func TestTheFirstPageIsLight(t *testing.T) {
	pages, err := web.New([]byte(document), nil, "", "", web.Apart{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	pages.Verify(w, get())
	size := w.Body.Len()
	for _, said := range []string{"查看公示", "怎样申请，怎样申诉", "12345", "How to apply", `href="/notices"`} {
		require.Contains(t, w.Body.String(), said)
	}
	for _, name := range []string{"style.css", "verify.css", "mark.svg", "containers.js", "verify.js", "verifier.js"} {
		w := httptest.NewRecorder()
		require.True(t, pages.Asset(w, get(), name))
		size += w.Body.Len()
	}
	require.Less(t, size, 60_000)
}
