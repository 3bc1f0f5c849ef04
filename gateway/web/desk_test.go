package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/web"
	"relieftrail/network/testbed/browser"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// office answers the desk's requests with one case and keeps what was written.
type office struct {
	mu     sync.Mutex
	record map[string]any
	wrote  []written
	kept   []byte // the file of evidence
	full   bool   // the next file finds no space
	ways   string // how officials sign in
	ended  bool   // the session has ended
}

const (
	deskCookie = "session-CivilAffairsMSP"
	deskCSRF   = "against-other-sites"
)

// session signs in and out, as the gateway does (package sessions has the real one).
func (o *office) session(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/session/ways":
		_, _ = io.WriteString(w, o.ways)
		return
	case r.Method == http.MethodPost:
		var shown struct{ Token string }
		if json.NewDecoder(r.Body).Decode(&shown); shown.Token != "a-token" {
			break
		}
		http.SetCookie(w, &http.Cookie{Name: deskCookie, Value: "secret", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		_, _ = io.WriteString(w, `{"csrf":"`+deskCSRF+`"}`)
		return
	case !o.open(r):
	case r.Method == http.MethodDelete:
		http.SetCookie(w, &http.Cookie{Name: deskCookie, Path: "/", MaxAge: -1})
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		_, _ = io.WriteString(w, `{"csrf":"`+deskCSRF+`"}`)
		return
	}
	refuse(w)
}

// open reports whether a request comes with the session's cookie, and what writes with the token against other sites.
func (o *office) open(r *http.Request) bool {
	cookie, err := r.Cookie(deskCookie)
	return err == nil && cookie.Value == "secret" && !o.ended && r.Header.Get("Authorization") == "" &&
		(r.Method == http.MethodGet || r.Header.Get("X-CSRF-Token") == deskCSRF)
}

func refuse(w http.ResponseWriter) {
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, `{"type":"/problems/unauthenticated","title":"未登录 · Not signed in","status":401}`)
}

type written struct {
	path, key string
	body      map[string]any
}

var everyAct = []string{
	"case.apply", "case.attach", "case.match", "case.answer_match", "case.notice", "case.object", "case.answer", "case.decide", "case.withdraw", "case.review",
	"case.confirm", "roll.suspend", "roll.resume", "roll.exit", "roll.change_payee", "roll.confirm_change", "roll.withdraw_change", "case.appeal", "case.decide_appeal", "need.dismiss", "read.person",
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if !o.open(r) {
		refuse(w)
		return
	}
	var answer any = o.record
	if strings.Contains(r.URL.Path, "/evidence/") {
		o.file(w, r)
		return
	}
	if r.Method == http.MethodPost {
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		o.wrote = append(o.wrote, written{r.URL.Path, r.Header.Get("Idempotency-Key"), body})
	} else {
		answer = o.read(r)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// file keeps the one file of the case, and gives it back unless it is lost.
func (o *office) file(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		o.wrote = append(o.wrote, written{r.URL.Path, r.Header.Get("Idempotency-Key"), map[string]any{"type": r.Header.Get("Content-Type"), "bytes": len(body)}})
		o.kept = body
		if o.full {
			o.full = false
			w.WriteHeader(http.StatusInsufficientStorage)
			_, _ = io.WriteString(w, `{"type":"/problems/disk-full","title":"网关存储空间不足 · The gateway has no space left","status":507}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"sha256": zeros, "media_type": "image/png", "bytes": len(body)})
	case o.kept == nil:
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"type":"/problems/file-lost","title":"文件缺失或已被改动 · The file is lost or was changed","status":409}`)
	default:
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(o.kept)
	}
}

func (o *office) read(r *http.Request) any {
	need := map[string]any{"id": "n-1", "programme": "dibao", "region": "530181", "source": "medical", "acts": o.record["acts"]}
	list := func(items ...any) any { return map[string]any{"items": items} }
	switch path.Base(r.URL.Path) {
	case "me":
		return map[string]any{"agency": "CivilAffairsMSP", "name": "somebody", "role": "preparer", "region": "530181", "acts": everyAct}
	case "programmes":
		return list(map[string]any{"id": "dibao", "in_force": 1, "versions": []any{map[string]any{
			"version": 1, "name": "低保", "appeal_guide": "向上一级申请复核", "class_amounts": map[string]string{"A": "620.00", "B": "480.10"}, "required_matches": []string{"tax"},
		}}})
	case "registry":
		return map[string]any{"regions": []any{map[string]string{"code": "530181", "name": "某市"}}, "sources": []any{map[string]string{"id": "tax", "name": "税务"}}}
	case "trail", "duties":
		return map[string]any{"steps": []any{}}
	case "cases":
		return list(o.record)
	case "needs":
		return list(need)
	case "changes":
		return list(map[string]any{
			"id": "dibao-530181-0000001-c1", "kind": "payee", "subject": "1-a", "sha256": zeros,
			"acts": []any{map[string]any{"by": map[string]string{"name": "somebody else"}}},
		})
	}
	return o.record
}

func (o *office) set(state string, more map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.record = map[string]any{
		"id": "c-1", "programme": "dibao", "programme_version": 1, "region": "530181", "settlement": "rural", "members": []string{"1-a", "1-b"}, "state": state,
		"acts": []any{map[string]any{"act": "case.apply", "at": "2026-11-01T00:00:00Z", "by": map[string]string{"agency": "CivilAffairsMSP", "name": "x", "role": "preparer"}}},
	}
	maps.Copy(o.record, more)
	o.wrote = nil
}

func (o *office) written() []written {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wrote
}

func desk(t *testing.T) (*office, *browser.Page, string) {
	t.Helper()
	pages, err := web.New([]byte(document), nil, "", web.Apart{})
	require.NoError(t, err)
	o := &office{ways: `{"token":true}`}
	o.set("applied", nil)
	mux := http.NewServeMux()
	mux.HandleFunc("/desk", pages.Desk)
	mux.HandleFunc("/assets/", func(w http.ResponseWriter, r *http.Request) { pages.Asset(w, r, path.Base(r.URL.Path)) })
	mux.Handle("/v1/", o)
	mux.HandleFunc("/session", o.session)
	mux.HandleFunc("/session/ways", o.session)
	mux.HandleFunc("/session/start", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusSeeOther) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 1100, 800)
	p.Do(chromedp.Navigate(server.URL + "/desk"))
	p.Until(`document.querySelector("[name=token]") !== null`)
	return o, p, server.URL
}

func enter(p *browser.Page, fields map[string]string) {
	for name, value := range fields {
		browser.Eval[bool](p, fmt.Sprintf(`((f) => { f.value = %q; f.dispatchEvent(new Event("change")); f.dispatchEvent(new Event("input")); return true; })(document.querySelector("form.act [name=%s]"))`, value, name))
	}
}

func click(p *browser.Page, selector string) {
	p.Until(fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
	browser.Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).click() ?? true`, selector))
}

const submit = `form.act button[type=submit]`

// TestDeskSignIn: the desk goes on with the session of the browser, which is the workplace's, too, and keeps no token.
func TestDeskSignIn(t *testing.T) {
	o, p, url := desk(t)
	stored := `JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie`
	enter(p, map[string]string{"token": "a-token"})
	click(p, submit)
	p.Until(`document.querySelector("table.cases") !== null`)
	require.NotContains(t, browser.Eval[string](p, stored), "token")
	p.Do(chromedp.Navigate(url + "/desk?again#/case/c-1"))
	p.Until(`document.querySelector("h1 .badge") !== null`)

	o.mu.Lock()
	o.ended = true
	o.mu.Unlock()
	p.Do(chromedp.Evaluate(`location.hash = "#/case/c-2"`, nil))
	p.Until(`document.querySelector("[name=token]") !== null`)
	require.Contains(t, p.Text("[role=alert]"), "会话已结束")

	o.mu.Lock()
	o.ended, o.ways = false, `{"token":false,"provider":"/session/start"}`
	o.mu.Unlock()
	p.Do(chromedp.Navigate(url + "/desk?in"))
	p.Until(`!document.querySelector("#leave").hidden`)
	click(p, "#leave")
	p.Until(`document.querySelector("[data-provider]") !== null && document.activeElement.dataset.provider !== undefined`)
	require.False(t, browser.Eval[bool](p, `document.querySelector("[name=token]") !== null`), "where there are no tokens no form asks for one")
	require.Equal(t, "/session/start?to=/desk", browser.Eval[string](p, `document.querySelector("[data-provider]").getAttribute("href")`))
	p.Do(chromedp.Evaluate(`location.hash = "#/case/c-1"`, nil))
	click(p, "[data-provider]")
	p.Until(`location.pathname === "/desk" && location.search === "" && location.hash === "#/case/c-1" && document.querySelector("[data-provider]") !== null`)
}

func TestDeskActs(t *testing.T) {
	o, p, url := desk(t)
	enter(p, map[string]string{"token": "wrong"})
	click(p, submit)
	p.Until(`!document.querySelector("[role=alert]").hidden`)
	require.Contains(t, p.Text("[role=alert]"), "令牌无效")
	enter(p, map[string]string{"token": "a-token"})
	click(p, submit)
	p.Until(`document.querySelector("table.cases") !== null`)

	match := map[string]any{"source": "tax", "subject": "1-b", "queried_at": "2026-11-02T00:00:00Z", "code": "vehicle", "adverse": true, "result_sha256": zeros, "act": 0}
	objection := map[string]any{"channel": "letter", "sha256": zeros, "act": 0}
	onRoll := map[string]any{"roll": map[string]any{"county": "530181", "number": 1}}
	terms := map[string]any{"class": "B", "persons": 2.0, "amount": "960.20"}
	for i, c := range []struct {
		state  string
		more   map[string]any
		act    string
		fields map[string]string
		path   string
		body   map[string]any // "hash" stands for any
	}{
		{"applied", nil, "query", nil, "/v1/cases/c-1/matches/queries", map[string]any{}},
		{"applied", nil, "query", map[string]string{"again": "yes"}, "/v1/cases/c-1/matches/queries", map[string]any{"again": true}},
		{"applied", nil, "match", map[string]string{"statement": `{"source":"tax"}`}, "/v1/cases/c-1/matches", map[string]any{"statement": map[string]any{"source": "tax"}}},
		{"applied", map[string]any{"matches": []any{match}}, "answerMatch", map[string]string{"outcome": "cleared", "report": "已核实"}, "/v1/cases/c-1/matches/answers", map[string]any{"match": 0.0, "outcome": "cleared", "sha256": "hash"}},
		{"applied", nil, "notice", map[string]string{"class": "B"}, "/v1/cases/c-1/notices", terms},
		{"applied", nil, "refuse", map[string]string{"reason": "income"}, "/v1/cases/c-1/decision", map[string]any{"outcome": "refused", "reason": "income"}},
		{"applied", nil, "withdraw", nil, "/v1/cases/c-1/withdraw", map[string]any{}},
		{"noticed", nil, "grant", nil, "/v1/cases/c-1/decision", map[string]any{"outcome": "granted"}},
		{"noticed", nil, "object", map[string]string{"channel": "letter", "said": "有车"}, "/v1/cases/c-1/objections", map[string]any{"channel": "letter", "sha256": "hash"}},
		{"objected", map[string]any{"objections": []any{objection}}, "answer", map[string]string{"founded": "yes", "report": "属实"}, "/v1/cases/c-1/objections/answers", map[string]any{"objection": 0.0, "founded": true, "sha256": "hash"}},
		{"in_force", nil, "review", map[string]string{"finding": "keep"}, "/v1/cases/c-1/reviews", map[string]any{"finding": "keep"}},
		{"in_force", nil, "review", map[string]string{"finding": "exit", "reason": "moved"}, "/v1/cases/c-1/reviews", map[string]any{"finding": "exit", "reason": "moved"}},
		{"in_force", nil, "suspend", map[string]string{"from": "2026-12", "reason": "查无此人"}, "/v1/changes", changeOf("suspend", map[string]any{"from": "2026-12", "reason": "查无此人"})},
		{"in_force", nil, "exit", map[string]string{"reason": "death", "died_on": "2026-11-03"}, "/v1/changes", changeOf("exit", map[string]any{"reason": "death", "died_on": "2026-11-03"})},
		{"in_force", nil, "exit", map[string]string{"reason": "moved", "last_period": "2026-12"}, "/v1/changes", changeOf("exit", map[string]any{"reason": "moved", "last_period": "2026-12"})},
		{"in_force", nil, "changePayee", map[string]string{"account": "6230599083016613184", "paper": "卡与证件相符"}, "/v1/changes", changeOf("payee", map[string]any{"account": "6230599083016613184", "evidence_sha256": "hash"})},
		{"in_force", onRoll, "confirmChange", map[string]string{"agree": "yes"}, "/v1/changes/dibao-530181-0000001-c1/confirm", map[string]any{"sha256": zeros, "agree": true}},
		{"exited", onRoll, "confirmChange", map[string]string{"agree": "no", "reason": "凭证不清"}, "/v1/changes/dibao-530181-0000001-c1/confirm", map[string]any{"sha256": zeros, "agree": false, "reason": "凭证不清"}},
		{"suspended", onRoll, "withdrawChange", nil, "/v1/changes/dibao-530181-0000001-c1/withdraw", map[string]any{}},
		{"reviewed", nil, "confirm", map[string]string{"agree": "no"}, "/v1/cases/c-1/reviews/confirm", map[string]any{"agree": false}},
		{"suspended", nil, "resume", map[string]string{"from": "2027-01"}, "/v1/changes", changeOf("resume", map[string]any{"from": "2027-01"})},
		{"refused", nil, "appeal", map[string]string{"said": "不服"}, "/v1/cases/c-1/appeals", map[string]any{"sha256": "hash"}},
		{"exit_appealed", nil, "decideAppeal", map[string]string{"upheld": "no", "report": "撤销"}, "/v1/cases/c-1/appeals/decision", map[string]any{"upheld": false, "sha256": "hash"}},
	} {
		o.set(c.state, c.more)
		p.Do(chromedp.Navigate(fmt.Sprintf("%s/desk?%d#/case/c-1", url, i)))
		click(p, "[data-act="+c.act+"]")
		enter(p, c.fields)
		if c.act == "review" || c.act == "notice" {
			enter(p, map[string]string{"persons": "2"})
		}
		click(p, submit)
		p.Until(`document.querySelector("form.act") === null || !document.querySelector("[role=alert]").hidden || document.querySelector("[aria-invalid=true]") !== null`)
		wrote := o.written()
		require.Len(t, wrote, 1, "%s %s", c.state, c.act)
		require.Equal(t, c.path, wrote[0].path, c.act)
		require.True(t, strings.HasPrefix(wrote[0].key, "desk-"), c.act)
		for _, field := range []string{"sha256", "evidence_sha256"} {
			if sum, ok := wrote[0].body[field].(string); ok && c.body[field] == "hash" {
				require.Regexp(t, `^[0-9a-f]{64}$`, sum)
				wrote[0].body[field] = "hash"
			}
		}
		require.Equal(t, c.body, wrote[0].body, c.act)
	}
	require.Empty(t, p.Faults())
}

// What a case still lacks is told, and what came of each question to a department.
func TestDeskMatches(t *testing.T) {
	o, p, url := desk(t)
	tax := map[string]any{"source": "tax", "subject": "1-a", "queried_at": "2026-11-02T00:00:00Z", "code": "clear", "result_sha256": zeros, "act": 0}
	o.set("applied", map[string]any{"matches": []any{tax}, "sources": []any{
		map[string]any{"source": "tax", "answers": []any{
			map[string]any{"subject": "1-a", "result": "unchanged", "code": "clear"}, map[string]any{"subject": "1-b", "result": "recorded", "code": "vehicle", "adverse": true},
		}},
		map[string]any{"source": "pensions", "answers": []any{map[string]any{"subject": "1-a", "result": "unanswered", "reason": "the department does not answer"}}},
	}})
	enter(p, map[string]string{"token": "a-token"})
	click(p, submit)
	p.Until(`document.querySelector("tbody a") !== null`)
	p.Do(chromedp.Navigate(url + "/desk#/case/c-1"))
	p.Until(`document.querySelector(".missing li") !== null`)
	require.Contains(t, p.Text(".missing"), "税务：第 2 人")
	require.NotContains(t, p.Text(".missing"), "第 1 人")
	click(p, "[data-act=query]")
	click(p, submit)
	p.Until(`document.querySelector(".tell[role=status]") !== null`)
	told := p.Text(".tell[role=status]")
	require.Contains(t, told, "税务，第 2 人：已记入账本 vehicle（异常，须处理）")
	require.Contains(t, told, "pensions，第 1 人：未得到答复 (the department does not answer)")
	require.Empty(t, p.Faults())
}

func TestDeskLists(t *testing.T) {
	o, p, url := desk(t)
	o.set("noticed", map[string]any{"due": "2020-01-02"})
	enter(p, map[string]string{"token": "a-token"})
	click(p, submit)
	p.Until(`document.querySelector("tbody a") !== null`)
	p.Do(chromedp.Navigate(url + "/desk#/list/due"))
	p.Until(`document.querySelector("main .help").textContent.includes("超期 1 件")`)
	require.Contains(t, p.Text("tbody"), "已超期")
	p.Do(chromedp.KeyEvent("j"))
	p.Until(`document.activeElement.textContent === "c-1"`)
	p.Do(chromedp.KeyEvent("7"))
	click(p, ".notices button")
	enter(p, map[string]string{"reason": "已核实"})
	click(p, submit)
	p.Until(`document.querySelector("form.act") === null`)
	require.Equal(t, "/v1/needs/n-1/dismiss", o.written()[0].path)
	require.Equal(t, map[string]any{"reason": "已核实"}, o.written()[0].body)
	click(p, ".notices a.button")
	p.Until(`location.hash === "#/new/n-1" && document.activeElement.name === "id"`)
	require.Empty(t, p.Faults())
}

// dot is a picture of one point.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// pick chooses a file, as the picker does.
func pick(p *browser.Page, name, mediaType, content string) {
	browser.Eval[bool](p, fmt.Sprintf(`(() => {
		const d = new DataTransfer();
		d.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q, { type: %q }));
		document.querySelector("form.act [name=file]").files = d.files;
		return true;
	})()`, content, name, mediaType))
}

// A file is sent before the act that names it, with one key however often it is tried, and shown when asked for by keyboard.
func TestDeskFiles(t *testing.T) {
	o, p, url := desk(t)
	enter(p, map[string]string{"token": "a-token"})
	click(p, submit)
	p.Until(`document.querySelector("table.cases") !== null`)
	p.Do(chromedp.Navigate(url + "/desk?files#/case/c-1"))
	click(p, "[data-act=attach]")
	enter(p, map[string]string{"kind": "home-visit"})
	pick(p, "visit.gif", "image/gif", dot)
	click(p, submit)
	p.Until(`document.querySelector("[aria-invalid=true]") !== null`)
	require.Contains(t, p.Text("form.act"), "只收 JPEG")
	require.Empty(t, o.written())
	pick(p, "visit.png", "image/png", dot)
	o.mu.Lock()
	o.full = true
	o.mu.Unlock()
	click(p, submit)
	p.Until(`!document.querySelector("form.act [role=alert]").hidden`)
	require.Contains(t, p.Text("form.act [role=alert]"), "存储空间不足")
	click(p, submit)
	p.Until(`document.querySelector("form.act") === null`)
	wrote := o.written()
	require.Len(t, wrote, 3)
	require.Equal(t, "/v1/cases/c-1/evidence/files", wrote[1].path)
	require.Equal(t, wrote[0], wrote[1], "the same key and bytes again")
	require.Equal(t, "image/png", wrote[1].body["type"])
	require.Equal(t, "/v1/cases/c-1/evidence", wrote[2].path)
	require.Equal(t, zeros, wrote[2].body["sha256"])
	require.Equal(t, "image/png", wrote[2].body["media_type"])

	by := func(agency string) map[string]any {
		return map[string]any{"act": "case.attach", "at": "2026-11-02T00:00:00Z", "by": map[string]string{"agency": agency, "name": "x", "role": "village"}}
	}
	piece := func(act int) map[string]any {
		return map[string]any{"kind": "home-visit", "taken_at": "2026-11-02T00:00:00Z", "region": "530181", "sha256": zeros, "media_type": "image/png", "act": act}
	}
	o.set("applied", map[string]any{"acts": []any{by("CivilAffairsMSP"), by("FinanceMSP")}, "evidence": []any{piece(0), piece(1)}})
	p.Do(chromedp.Navigate(url + "/desk?shown#/case/c-1"))
	p.Until(`document.querySelector("[data-file='0']") !== null`)
	require.Equal(t, 1, browser.Eval[int](p, `document.querySelectorAll("[data-file]").length`))
	require.Contains(t, p.Text("#main"), "财政保存")
	browser.Eval[bool](p, `document.querySelector("[data-file='0']").focus() ?? true`)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Until(`document.querySelector("figure img") !== null && document.querySelector("figure img").naturalWidth === 1`)
	require.Equal(t, "c-1-1.png", browser.Eval[string](p, `document.querySelector("figure a[download]").download`))
	p.Picture("desk-file")
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Until(`document.querySelector("figure") === null && document.activeElement.dataset.file === "0"`)
	o.mu.Lock()
	o.kept = nil
	o.mu.Unlock()
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Until(`document.querySelector(".shown [role=alert]") !== null`)
	require.Contains(t, p.Text(".shown"), "与账本上的哈希不符")
}

// changeOf is a change of the household's roll entry as the desk proposes it.
func changeOf(kind string, body map[string]any) map[string]any {
	body["kind"], body["programme"], body["subject"] = kind, "dibao", "1-a"
	return body
}
