package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

var principals = map[string][]string{
	"CivilAffairsMSP": {"civil-preparer", "civil-approver", "civil-second-approver", "civil-other-county", "civil-registrar"},
	"FinanceMSP":      {"finance-preparer", "finance-approver", "finance-registrar"},
	"AuditMSP":        {"audit-reader", "audit-preparer", "audit-approver", "audit-registrar"},
}

// world is three agencies' gateways over one ledger in memory, with everything that they logged.
type world struct {
	t       *testing.T
	network *ledgertest.Network
	gateway map[string]string // by principal: the URL of its agency's
	log     *buffer
	doors   map[string]*door
	keys    int
	checked validator.Validator
	configs map[string]*config.Config
	stop    map[string]func()
}

const (
	waitLong = 20 * time.Second
	waitTick = 10 * time.Millisecond
)

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newWorld(t *testing.T, changes ...func(*config.Config)) *world {
	t.Helper()
	w := &world{t: t, network: ledgertest.New(t), gateway: map[string]string{}, log: &buffer{}, doors: newDoors(t),
		configs: map[string]*config.Config{}, stop: map[string]func(){}}
	keys := w.logKeys()
	for msp, names := range principals {
		cfg := testConfig(t, msp, names)
		if msp != "FinanceMSP" {
			cfg.ReceiptKeyFile = ""
		}
		cfg.Transparency = w.transparency(msp, keys[msp])
		cfg.Readings = config.Readings{Copy: msp == "AuditMSP", Every: 50 * time.Millisecond}
		cfg.Public = config.Public{URL: "https://relief.example.cn", Burst: 1, Origins: []string{"*"}, Fonts: []string{
			"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
		}}
		if msp == "CivilAffairsMSP" {
			cfg.Public.NoticesAs = "civil-preparer"
		}
		for _, change := range changes {
			change(cfg)
		}
		a, err := app.Open(cfg, w.network.Gateway(msp), app.NewLogger(w.log, cfg.Log), "test")
		require.NoError(t, err)
		w.configs[msp], w.stop[msp] = cfg, run(t, a)
		defer w.awaitIndex(a.URL())
		w.doors[msp].open(a.URL())
		for _, name := range names {
			w.gateway[name] = a.URL()
		}
	}
	w.checked = openAPI(t, w.gateway["audit-reader"])
	return w
}

// run runs an app until stop is called or the test ends.
func run(t *testing.T, a *app.App) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, a.Close())
	})
	t.Cleanup(stop)
	return stop
}

func testConfig(t *testing.T, msp string, names []string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	cfg := &config.Config{
		Organisation: msp, Listen: "127.0.0.1:0", DataDir: filepath.Join(dir, "data"), WorkplaceDir: workplaceDir(), Timezone: "Asia/Shanghai",
		Log:  config.Log{Level: "debug", Format: "json"},
		Jobs: config.Jobs{Keep: 7 * 24 * time.Hour}, Sessions: config.Sessions{Idle: time.Hour, Absolute: time.Hour, Tokens: true},
		Limits: config.Limits{
			BodyBytes: 64 << 10, UploadBytes: 256 << 10, UploadExpandedBytes: 512 << 10, JSONDepth: 32, PageSize: 1000, InFlight: 8, ChunksInFlight: 8,
			ReadsInFlight: 64, LookUps: 20,
		},
		Timeouts: config.Timeouts{
			Endorse: 5 * time.Second, Submit: 5 * time.Second, Status: 5 * time.Second, Shutdown: 5 * time.Second, ReadHeader: 5 * time.Second,
		},
		Index:          config.Index{Database: filepath.Join(dir, "data", "index.db")},
		SubjectKey:     config.SharedKey{Epoch: 1, File: write("subject.key", hex.EncodeToString(bytes.Repeat([]byte{7}, 32)))},
		ReceiptKeyFile: write("receipt.key", hex.EncodeToString(bytes.Repeat([]byte{9}, 32))),
		TagKey:         config.SharedKey{Epoch: 1, File: write("tag.key", hex.EncodeToString(bytes.Repeat([]byte{6}, 32)))},
		PersonsKey:     config.SharedKey{Epoch: 1, File: write("persons.key", hex.EncodeToString(bytes.Repeat([]byte{8}, 32)))},
	}
	if msp == "FinanceMSP" {
		key, err := age.GenerateX25519Identity()
		require.NoError(t, err)
		cfg.Objects.KeyFile = write("objects.key", key.String())
		cfg.Bank = config.Bank{
			Enabled: true, Message: "pain.001.001.10", Entries: 10_000, InitiatingParty: config.BankParty{Name: "安宁市财政局"},
			Debtor: config.BankDebtor{BankParty: config.BankParty{Name: "安宁市财政局社保专户"}}, Answers: []config.BankProfile{answers},
		}
	}
	for _, name := range names {
		cfg.Principals = append(cfg.Principals, config.Principal{Name: name, MSPID: msp, TokenFile: write(name, token(name))})
	}
	return cfg
}

func token(principal string) string {
	sum := sha256.Sum256([]byte(principal))
	return hex.EncodeToString(sum[:])
}

// awaitIndex waits until a gateway has indexed what the ledger has now: before that, officials are not registered for it.
func (w *world) awaitIndex(url string) {
	w.t.Helper()
	height := w.height()
	require.Eventually(w.t, func() bool {
		resp, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		var ready struct{ Indexed uint64 }
		return json.NewDecoder(resp.Body).Decode(&ready) == nil && ready.Indexed >= height
	}, 30*time.Second, 5*time.Millisecond)
}

// validators are by the text of the document, which takes seconds to compile and is the same for most gateways.
var (
	validatorsMu sync.Mutex
	validators   = map[string]validator.Validator{}
)

func openAPI(t *testing.T, url string) validator.Validator {
	t.Helper()
	resp, err := http.Get(url + "/openapi.yaml")
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	validatorsMu.Lock()
	defer validatorsMu.Unlock()
	if v := validators[string(text)]; v != nil {
		return v
	}
	doc, err := libopenapi.NewDocument(text)
	require.NoError(t, err)
	v, errs := validator.NewValidator(doc)
	require.Empty(t, errs)
	validators[string(text)] = v
	return v
}

// answer is what a gateway answered.
type answer struct {
	*http.Response
	body []byte
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, v), string(a.body))
}

type call struct {
	method, path string
	body         any // a string or bytes as they are, anything else as JSON
	header       map[string]string
}

// do sends a request as a principal and holds the answer against the OpenAPI document.
func (w *world) do(principal string, c call) answer {
	w.t.Helper()
	var body io.Reader = http.NoBody
	contentType := ""
	switch b := c.body.(type) {
	case nil:
	case string:
		body, contentType = strings.NewReader(b), "text/csv"
	case []byte:
		body, contentType = bytes.NewReader(b), "text/csv"
	default:
		doc, err := json.Marshal(b)
		require.NoError(w.t, err)
		body, contentType = bytes.NewReader(doc), "application/json"
	}
	req, err := http.NewRequestWithContext(w.t.Context(), c.method, w.gateway[principal]+c.path, body)
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+token(principal))
	w.keys++
	req.Header.Set("Idempotency-Key", "key-"+hex.EncodeToString([]byte{byte(w.keys >> 8), byte(w.keys)}))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.method == http.MethodGet { // what was answered at one agency is seen at the others
		req.Header.Set("X-At-Least-Block", strconv.FormatUint(w.height()-1, 10))
	}
	for name, value := range c.header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	a := answer{Response: resp}
	a.body, err = io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	w.check(req, a)
	return a
}

// check holds a JSON answer against the document.
func (w *world) check(req *http.Request, a answer) {
	w.t.Helper()
	if !strings.HasSuffix(a.Header.Get("Content-Type"), "json") ||
		strings.Contains(a.Header.Get("Content-Type"), "ndjson") || a.StatusCode == http.StatusNotFound || a.StatusCode == http.StatusMethodNotAllowed {
		return
	}
	copied := *a.Response
	copied.Body = io.NopCloser(bytes.NewReader(a.body))
	ok, faults := w.checked.ValidateHttpResponse(req, &copied)
	for _, f := range faults {
		w.t.Logf("%s %s: %s: %s: %s", req.Method, req.URL.Path, f.Message, f.Reason, a.body)
		for _, s := range f.SchemaValidationErrors {
			w.t.Log(s.Reason, s.FieldPath)
		}
	}
	require.True(w.t, ok, "the answer is not what openapi.yaml says")
}

// must is do with an answer of the wanted status.
func (w *world) must(status int, principal string, c call) answer {
	w.t.Helper()
	a := w.do(principal, c)
	require.Equal(w.t, status, a.StatusCode, "%s %s: %s", c.method, c.path, a.body)
	return a
}

// caughtUp waits until a principal's gateway has indexed what was done so far, for what is asked by POST.
func (w *world) caughtUp(principal string) {
	w.t.Helper()
	w.must(http.StatusOK, principal, call{method: http.MethodGet, path: "/v1/batches?limit=1"})
}

func (w *world) post(status int, principal, path string, body any) answer {
	w.t.Helper()
	return w.must(status, principal, call{method: http.MethodPost, path: path, body: body})
}

// change has a change of a roll entry proposed by one official and confirmed by another.
func (w *world) change(body object) {
	w.t.Helper()
	var c struct{ ID, SHA256 string }
	w.post(201, "civil-preparer", "/v1/changes", body).into(w.t, &c)
	w.post(200, "civil-approver", "/v1/changes/"+c.ID+"/confirm", object{"sha256": c.SHA256, "agree": true})
}

// erase has a person erased by two officials who decided nothing about the person.
func (w *world) erase(subject string) {
	w.t.Helper()
	var e struct{ SHA256 string }
	w.post(201, "civil-preparer", "/v1/erasures", object{"subject": subject, "reason": "request"}).into(w.t, &e)
	w.post(200, "civil-second-approver", "/v1/erasures/"+subject+"/confirm", object{"sha256": e.SHA256, "agree": true})
}

func (w *world) get(principal, path string, v any) {
	w.t.Helper()
	w.must(http.StatusOK, principal, call{method: http.MethodGet, path: path}).into(w.t, v)
}

func (w *world) height() uint64 { return w.network.Ledger.Height() }

type object = map[string]any

// changeRegistry is an act that all three agencies sign.
func (w *world) changeRegistry(id string, change object) {
	w.t.Helper()
	proposal, err := json.Marshal(object{"id": id, "change": change})
	require.NoError(w.t, err)
	require.NoError(w.t, w.network.Ledger.ChangeRegistry(proposal))
}
