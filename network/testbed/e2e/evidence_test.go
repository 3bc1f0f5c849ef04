package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

// picture is a PNG of one pixel.
var picture = must(base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))

// testEvidence: a village's file is stored encrypted. Another official of the agency can read it as long as it fits the
// hash on the ledger, and nobody else can. It is deleted when the person is erased. testPrivacy looks for its text on
// all disks.
func testEvidence(t *testing.T) {
	paidMonth(t)
	const id = "evidence-1"
	statement := []byte("%PDF-1.7\n" + plantedName + " " + plantedID + "\n")
	head := invent.Household(9201)
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/cases", "evidence-apply", obj{
		"id": id, "programme": monthProgramme, "region": village, "settlement": "rural", "account": head.Account(), "income": "900.00", "reason": "因病致贫",
		"members": []obj{{"name": "慕容试件", "id_number": head.ID()}},
	}, nil)
	require.NoError(t, err)
	put := func(by, of, key, mediaType string, body []byte) (*restclient.Response, error) {
		return as(t, by).Do(t.Context(), restclient.Request{
			Method: http.MethodPut, Path: "/v1/cases/" + of + "/evidence/files", Key: key, ContentType: mediaType, Body: bytes.NewReader(body),
		})
	}
	upload := func(key string) (file struct{ SHA256 string }) {
		answer, err := put("civil-village", id, key, "application/pdf", statement)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(answer.Body, &file))
		return file
	}
	file := upload("evidence-file")
	require.Equal(t, file, upload("evidence-file"), "sent again")
	for name, c := range map[string]struct {
		by, of, key, mediaType string
		body                   []byte
		status                 int
	}{
		"the key with another body": {"civil-village", id, "evidence-file", "image/png", picture, http.StatusUnprocessableEntity},
		"another type":              {"civil-village", id, "evidence-2", "image/png", statement, http.StatusUnsupportedMediaType},
		"nothing":                   {"civil-village", id, "evidence-2", "image/png", nil, http.StatusUnsupportedMediaType},
		"too much":                  {"civil-village", id, "evidence-2", "application/pdf", append(statement, make([]byte, 64<<20)...), http.StatusRequestEntityTooLarge},
		"no such case":              {"civil-village", "evidence-none", "evidence-2", "application/pdf", statement, http.StatusNotFound},
		"another county":            {"civil-other-county", id, "evidence-2", "application/pdf", statement, http.StatusForbidden},
		"not their duty":            {"civil-approver", id, "evidence-2", "application/pdf", statement, http.StatusForbidden},
		"another agency":            {"finance-preparer", id, "evidence-2", "application/pdf", statement, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := put(c.by, c.of, c.key, c.mediaType, c.body)
			problem(t, err, c.status)
		})
	}
	path := "/v1/cases/" + id + "/evidence/" + file.SHA256
	read := func(by string) (*restclient.Response, error) {
		return as(t, by).Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: path})
	}
	_, err = read("civil-preparer")
	problem(t, err, http.StatusNotFound) // not recorded
	_, err = as(t, "civil-village").Post(t.Context(), "/v1/cases/"+id+"/evidence", "evidence-record", obj{
		"kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": village, "sha256": file.SHA256, "media_type": "application/pdf",
	}, nil)
	require.NoError(t, err)
	answer, err := read("civil-preparer")
	require.NoError(t, err)
	require.Equal(t, statement, answer.Body)
	for by, status := range map[string]int{"civil-village": http.StatusForbidden, "audit-reader": http.StatusForbidden, "civil-other-county": http.StatusForbidden} {
		_, err := read(by)
		problem(t, err, status)
	}
	var elsewhere *restclient.Problem
	require.Eventually(t, func() bool { // finance's peer may be a block behind
		_, err := read("finance-preparer")
		elsewhere = problem(t, err, http.StatusNotFound)
		return elsewhere.Type == "/problems/kept-elsewhere"
	}, 10*time.Second, 50*time.Millisecond)
	require.Contains(t, elsewhere.Detail, "民政")
	testAlteredFile(t, file.SHA256, read)
	testErasedFile(t, id, head.ID(), file.SHA256, upload("evidence-waits").SHA256, read)
}

// objectFile is the file in which civil affairs' gateway stores an object.
func objectFile(hash string) string {
	return filepath.Join(state, "orgs", "civil-affairs", "gateway", "data", "objects", hash[:2], hash+".age")
}

// testAlteredFile: a file with one changed bit, or a missing one, is not given out; once restored it is.
func testAlteredFile(t *testing.T, hash string, read func(string) (*restclient.Response, error)) {
	t.Helper()
	good := must(os.ReadFile(objectFile(hash)))
	bad := bytes.Clone(good)
	bad[len(bad)-20] ^= 1
	require.NoError(t, os.WriteFile(objectFile(hash), bad, 0o600))
	_, err := read("civil-preparer")
	require.Equal(t, "/problems/file-lost", problem(t, err, http.StatusConflict).Type)
	require.NoError(t, os.Remove(objectFile(hash)))
	_, err = read("civil-preparer")
	require.Equal(t, "/problems/file-lost", problem(t, err, http.StatusConflict).Type)
	require.NoError(t, os.WriteFile(objectFile(hash), good, 0o600))
	_, err = read("civil-preparer")
	require.NoError(t, err)
}

// testErasedFile: erasing the person deletes the recorded file, and also one that was uploaded but never recorded.
func testErasedFile(t *testing.T, id, number, recorded, waiting string, read func(string) (*restclient.Response, error)) {
	t.Helper()
	require.FileExists(t, objectFile(waiting))
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/cases/"+id+"/withdraw", "evidence-withdraw", struct{}{}, nil)
	require.NoError(t, err)
	require.NoError(t, restclient.Erase(t.Context(), as(t, "civil-preparer"), as(t, "civil-second-approver"), "evidence-erase", lookup(t, number), "request", nil))
	require.Eventually(t, func() bool {
		_, one := os.Stat(objectFile(recorded))
		_, two := os.Stat(objectFile(waiting))
		return os.IsNotExist(one) && os.IsNotExist(two)
	}, 20*time.Second, 50*time.Millisecond)
	_, err = read("civil-preparer")
	require.Equal(t, "/problems/file-erased", problem(t, err, http.StatusGone).Type)
}
