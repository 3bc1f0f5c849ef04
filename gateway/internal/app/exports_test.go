package app_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

type export struct {
	ID, State, Error, SHA256 string
	Lists, Rows              int
	Bytes                    int64
	Files                    []struct {
		Name, List, SHA256 string
		Rows               int
		Bytes              int64
		Block              uint64 `json:"block"`
		LastBlock          uint64 `json:"last_block"`
	}
}

// aYear asks for the archive of a year and waits for it.
func (w *world) aYear(principal string, body object) (e export) {
	w.t.Helper()
	w.caughtUp(principal)
	taken := w.post(http.StatusAccepted, principal, "/v1/exports", body)
	require.Eventually(w.t, func() bool {
		w.get(principal, taken.Header.Get("Location"), &e)
		require.NotEqual(w.t, "failed", e.State, e.Error)
		return e.State == "ready"
	}, waitLong, waitTick)
	return e
}

// archived gives an archive's files by their names.
func (w *world) archived(principal string, e *export) map[string][]byte {
	w.t.Helper()
	a := w.must(http.StatusOK, principal, call{method: http.MethodGet, path: "/v1/exports/" + e.ID + "/archive"})
	sum := sha256.Sum256(a.body)
	require.Equal(w.t, e.SHA256, hex.EncodeToString(sum[:]))
	require.Len(w.t, a.body, int(e.Bytes))
	z, err := zip.NewReader(bytes.NewReader(a.body), e.Bytes)
	require.NoError(w.t, err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(w.t, err)
		files[f.Name], err = io.ReadAll(r)
		require.NoError(w.t, err)
	}
	return files
}

// A year's archive has each list as the list itself gives it, in every format, and a manifest that says so.
func TestAYearInOneArchive(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	list := read(t, "payments-2026-11.csv")
	w.open("b-11", "2026-11", list)
	w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list)
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	count, _ := sum(t, list)

	for _, body := range []object{
		{"county": "530181", "year": 2026, "headers": "zh"},
		{"county": "530181", "year": 2026, "programmes": []string{"dibao"}, "format": "ndjson"},
		{"county": "530181", "year": 2026, "format": "xlsx"},
	} {
		e := w.aYear("audit-reader", body)
		files := w.archived("audit-reader", &e)
		require.Len(t, files, len(e.Files)+1)
		require.Len(t, e.Files, e.Lists)
		var manifest struct{ Files json.RawMessage }
		require.NoError(t, json.Unmarshal(files["manifest.json"], &manifest))
		stated, err := json.Marshal(e.Files)
		require.NoError(t, err)
		var named, held []object
		require.NoError(t, json.Unmarshal(manifest.Files, &named))
		require.NoError(t, json.Unmarshal(stated, &held))
		require.Len(t, named, len(held))
		rows := map[string]int{}
		for i, f := range e.Files {
			require.Equal(t, f.SHA256, named[i]["sha256"])
			sum := sha256.Sum256(files[f.Name])
			require.Equal(t, f.SHA256, hex.EncodeToString(sum[:]), f.Name)
			require.Equal(t, f.Block, f.LastBlock, "nothing happens meanwhile")
			require.NotZero(t, f.Block)
			rows[f.Name] = f.Rows
			own := w.must(200, "audit-reader", call{method: http.MethodGet, path: f.List})
			if len(own.body) > 0 { // an answer without a body has no trailer
				require.Equal(t, own.Trailer.Get("X-Rows"), strconv.Itoa(f.Rows), f.Name)
			}
			if body["format"] != "xlsx" { // a workbook has the time at which it was made
				require.Equal(t, string(own.body), string(files[f.Name]), f.Name)
			}
		}
		ending := "csv"
		if given, ok := body["format"].(string); ok {
			ending = given
		}
		for name, want := range map[string]int{"payments-dibao": count, "roll-dibao": count, "batches-dibao": 1, "tranches": 1, "programmes": 1, "transfers-dibao": count} {
			require.Equal(t, want, rows[name+"."+ending], name)
		}
		w.must(http.StatusNoContent, "audit-reader", call{method: http.MethodDelete, path: "/v1/exports/" + e.ID})
		w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: "/v1/exports/" + e.ID + "/archive"})
	}

	before := w.aYear("audit-reader", object{"county": "530181", "year": 2025})
	for _, f := range before.Files {
		if f.Name == "payments-dibao.csv" || f.Name == "tranches.csv" {
			require.Zero(t, f.Rows, "another year's")
		}
	}
	w.hardlyAnybodyGetsIt(&before)
}

// hardlyAnybodyGetsIt tries what is refused.
func (w *world) hardlyAnybodyGetsIt(e *export) {
	w.t.Helper()
	at := "/v1/exports/" + e.ID
	w.must(404, "audit-approver", call{method: http.MethodGet, path: at})
	w.must(404, "audit-approver", call{method: http.MethodGet, path: at + "/archive"})
	w.must(404, "audit-approver", call{method: http.MethodDelete, path: at})
	part := func(header string) answer {
		return w.do("audit-reader", call{method: http.MethodGet, path: at + "/archive", header: map[string]string{"Range": header}})
	}
	whole := w.must(200, "audit-reader", call{method: http.MethodGet, path: at + "/archive"}).body
	middle := part("bytes=10-19")
	require.Equal(w.t, 206, middle.StatusCode)
	require.Equal(w.t, whole[10:20], middle.body)
	outside := part("bytes=99999999-")
	require.Equal(w.t, 416, outside.StatusCode)
	require.Contains(w.t, string(outside.body), "outside-range")
	for name, body := range map[string]object{
		"no county":         {"county": "5301", "year": 2026},
		"no year":           {"county": "530181", "year": 26},
		"next year":         {"county": "530181", "year": 2199},
		"another format":    {"county": "530181", "year": 2026, "format": "json"},
		"other headers":     {"county": "530181", "year": 2026, "headers": "fr"},
		"another programme": {"county": "530181", "year": 2026, "programmes": []string{"dibao", "nowhere"}},
		"twice":             {"county": "530181", "year": 2026, "programmes": []string{"dibao", "dibao"}},
		"no programme":      {"county": "110101", "year": 2026},
		"an unknown field":  {"county": "530181", "year": 2026, "people": true},
	} {
		require.Equal(w.t, 422, w.post(422, "audit-reader", "/v1/exports", body).StatusCode, name)
	}
	w.post(403, "civil-other-county", "/v1/exports", object{"county": "530181", "year": 2026})
	for range 2 {
		w.post(202, "audit-reader", "/v1/exports", object{"county": "530181", "year": 2026})
	}
	w.post(429, "audit-reader", "/v1/exports", object{"county": "530181", "year": 2026})
}

// Names are in an archive only where they are asked for by who may read them, and each page and each download is on record.
func TestAYearWithNames(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	without := w.aYear("civil-preparer", object{"county": "530181", "year": 2026})
	for _, f := range without.Files {
		require.NotContains(t, f.Name, "people")
	}
	require.Empty(t, w.purposes(), "no names, no readings")
	e := w.aYear("civil-preparer", object{"county": "530181", "year": 2026, "names": true})
	require.Contains(t, w.purposes(), "roll-people")
	require.NotContains(t, w.purposes(), "year-export")
	people := w.archived("civil-preparer", &e)["people-dibao.csv"]
	require.Contains(t, w.purposes(), "year-export")
	own := w.must(200, "civil-preparer", call{method: http.MethodGet, path: "/v1/rolls/dibao/530181/people?to_entered=2026-12&format=csv"})
	require.Equal(t, string(own.body), string(people))
	w.post(403, "audit-reader", "/v1/exports", object{"county": "530181", "year": 2026, "names": true})

	// What lies on the disk is for the gateway alone.
	dir := filepath.Join(w.configs["CivilAffairsMSP"].DataDir, "exports", e.ID)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "the archive, and none of its files")
	for _, path := range []string{dir, filepath.Join(dir, files[0].Name())} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
	}
}

// purposes are those of the readings of civil affairs, without those of the import.
func (w *world) purposes() (purposes []string) {
	w.t.Helper()
	var page struct {
		Items []struct{ Purpose string }
	}
	w.get("civil-approver", "/v1/readings", &page)
	for _, r := range page.Items {
		if r.Purpose != "upload" && r.Purpose != "import-lines" {
			purposes = append(purposes, r.Purpose)
		}
	}
	return purposes
}
