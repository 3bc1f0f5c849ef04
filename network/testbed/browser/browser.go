package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Wait is the longest time that a page may take for one step.
const Wait = 30 * time.Second

// program finds Chromium: the program that $CHROMIUM names, or an installed one.
func program() (string, error) {
	if named := os.Getenv("CHROMIUM"); named != "" {
		return exec.LookPath(named)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium is installed (scripts/test-tools installs Debian's), and $CHROMIUM names none")
}

// Page is a window on a page.
type Page struct {
	t   testing.TB
	ctx context.Context
	end func()

	mu       sync.Mutex
	faults   []string // errors that the page's scripts threw or logged
	requests []string // addresses that the page asked for
}

// Camera makes a browser's camera show a film: a file of JPEG pictures, one after the other.
func Camera(film string) chromedp.ExecAllocatorOption {
	return chromedp.Flag("use-file-for-fake-video-capture", film)
}

// Browser is a browser that runs without a window.
type Browser struct {
	ctx context.Context
	end func()
}

// Start starts a browser for several windows. It is stopped when the test ends.
func Start(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Skipf("pages are not tested in a real browser: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
	)
	allocated, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, _ := chromedp.NewContext(allocated) // Cancel below ends it, and waits for the browser's end
	b := &Browser{ctx: ctx, end: sync.OnceFunc(func() {
		_ = chromedp.Cancel(ctx)
		stop()
	})}
	t.Cleanup(b.end)
	require.NoError(t, chromedp.Run(ctx))
	return b
}

// Open opens a window of a width and height in CSS pixels, with cookies and a store of its own. It is closed by Close, or when the test ends.
func (b *Browser) Open(t testing.TB, width, height int64) *Page {
	t.Helper()
	// chromedp's own way to a context of its own opens a tab, which a browser without windows refuses.
	whole := cdp.WithExecutor(b.ctx, chromedp.FromContext(b.ctx).Browser)
	apart, err := target.CreateBrowserContext().Do(whole)
	require.NoError(t, err)
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(apart).WithNewWindow(true).Do(whole)
	require.NoError(t, err)
	ctx, _ := chromedp.NewContext(b.ctx, chromedp.WithTargetID(id))
	p := &Page{t: t, ctx: ctx, end: sync.OnceFunc(func() {
		_ = chromedp.Cancel(ctx)
		_ = target.DisposeBrowserContext(apart).Do(whole)
	})}
	t.Cleanup(p.Close)
	chromedp.ListenTarget(ctx, p.hear)
	p.Do(network.Enable(), emulation.SetFocusEmulationEnabled(true), emulation.SetDeviceMetricsOverride(width, height, 2, width < 600))
	return p
}

// Open opens a window of a browser of its own, which ends with it.
func Open(t testing.TB, width, height int64, more ...chromedp.ExecAllocatorOption) *Page {
	t.Helper()
	b := Start(t, more...)
	p := b.Open(t, width, height)
	window := p.end
	p.end = func() {
		window()
		b.end()
	}
	return p
}

// Close closes the window before the test ends, so that fewer are there at a time.
func (p *Page) Close() { p.end() }

func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			for _, a := range e.Args {
				p.faults = append(p.faults, string(a.Value))
			}
		}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

// Do carries out steps and fails the test when one fails or takes longer than Wait.
func (p *Page) Do(actions ...chromedp.Action) {
	p.t.Helper()
	// The first use of a context opens the window and must not be given a deadline of its own.
	require.NoError(p.t, chromedp.Run(p.ctx))
	ctx, cancel := context.WithTimeout(p.ctx, Wait)
	defer cancel()
	require.NoError(p.t, chromedp.Run(ctx, actions...))
}

// Text is what an element shows.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var text string
	p.Do(chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// Eval is the value of a JavaScript expression; a promise is awaited.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	var v T
	p.Do(chromedp.Evaluate(expression, &v, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	return v
}

// Until waits until a JavaScript expression is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	// chromedp.Poll would turn texts into functions, which a strict Content-Security-Policy forbids.
	limit := time.NewTimer(Wait)
	defer limit.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !Eval[bool](p, expression) {
		select {
		case <-again.C:
		case <-limit.C:
			require.FailNow(p.t, "a condition did not come true", "%s; faults of the page: %v", expression, p.Faults())
		}
	}
}

// Offline takes the page's network away, or gives it back.
func (p *Page) Offline(offline bool) {
	p.t.Helper()
	p.Do(network.EmulateNetworkConditions(offline, 0, -1, -1))
}

// Faults are the errors of the page's scripts so far.
func (p *Page) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.faults...)
}

// Requests are the addresses that the page asked for so far.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Picture writes a picture of the whole page as a PNG into the checkout's working files, for people to look at. With
// RELIEFTRAIL_PICTURES, the folder of scripts/pictures, it writes one of what the window shows there, too, as a small WebP.
func (p *Page) Picture(name string) {
	p.t.Helper()
	root, err := exec.CommandContext(p.t.Context(), "go", "env", "GOMOD").Output()
	require.NoError(p.t, err)
	dir := filepath.Join(filepath.Dir(string(root)), ".relieftrail", "pictures")
	require.NoError(p.t, os.MkdirAll(dir, 0o700))
	var png []byte
	p.Do(chromedp.Evaluate(`scrollTo(0, 0)`, nil), chromedp.FullScreenshot(&png, 100))
	require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
	if folder := os.Getenv("RELIEFTRAIL_PICTURES"); folder != "" {
		p.Do(chromedp.ActionFunc(func(ctx context.Context) error {
			shown, err := page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatWebp).WithQuality(80).Do(ctx)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(folder, name+".webp"), shown, 0o600) //nolint:gosec // scripts/pictures names the folder
		}))
	}
}
