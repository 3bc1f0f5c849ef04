package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
)

const statementPDF = "%PDF-1.7\n张三的收入证明"

func secretFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// folderStore and bucketStore give a store, and a way to change or lose its objects.
func folderStore(t testing.TB) (objectstore.Store, func(hash string, content []byte)) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	dir := t.TempDir()
	s, err := objectstore.OpenFolder(dir, secretFile(t, key.String()))
	require.NoError(t, err)
	return s, func(hash string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, hash[:2], hash+".age"), content, 0o600))
	}
}

func bucketStore(t testing.TB) (objectstore.Store, func(hash string, content []byte)) {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket(t.Context(), "relief"))
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"test-access": "test-secret"})).Server())
	t.Cleanup(server.Close)
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	s, err := objectstore.OpenS3(objectstore.S3Options{
		Endpoint: server.URL, Region: "us-east-1", Bucket: "relief", AccessKeyFile: secretFile(t, "test-access"),
		SecretKeyFile: secretFile(t, "test-secret"), KeyFile: secretFile(t, key.String()), Dir: t.TempDir(),
	})
	require.NoError(t, err)
	client, err := minio.New(strings.TrimPrefix(server.URL, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4("test-access", "test-secret", ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath,
	})
	require.NoError(t, err)
	return s, func(hash string, content []byte) {
		_, err := client.PutObject(t.Context(), "relief", hash[:2]+"/"+hash+".age", bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
		require.NoError(t, err)
	}
}

// keepingBench is a bench with a desk for files over a store.
func keepingBench(t testing.TB, store objectstore.Store) *bench {
	t.Helper()
	b := newBench(t, func(d *Deps) {
		desk, err := evidence.Open(evidence.Options{
			Objects: store, Index: d.Index.(fakeIndex), Height: d.Ledger.Height, Key: testSubjectKey,
			Path: filepath.Join(t.TempDir(), "evidence.db"), Log: d.Core.Log,
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, desk.Close()) })
		d.Cases.Evidence = desk
	})
	b.withEvidence(t, "", "", "CivilAffairsMSP")
	return b
}

// withEvidence makes the ledger tell of a case with one file that an official of an agency recorded.
func (b *bench) withEvidence(t testing.TB, hash, mediaType, agency string) {
	t.Helper()
	record := casework.Case{
		ID: "c1", Programme: "dibao", Region: "530181101", Members: []relief.SubjectRef{{1, 2}},
		FactsErased: b.erasedOn,
		Acts:        []relief.HistoryEntry{{Act: relief.ActCaseAttach, By: relief.Official{Agency: agency, Region: "530181"}, At: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}},
	}
	if hash != "" {
		record.Evidence = []casework.Evidence{{EvidenceTerms: casework.EvidenceTerms{
			Kind: programme.EvidenceDocument, Region: "530181101", SHA256: hash, MediaType: mediaType,
		}}}
	}
	document, err := json.Marshal(record)
	require.NoError(t, err)
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		var in struct{ Case string }
		if err := json.Unmarshal(call.Argument, &in); err != nil || in.Case == "other" {
			return nil, relief.Errorf(relief.CodeNotFound, "there is no such case")
		}
		return document, nil
	}
}

func (b *bench) upload(t testing.TB, key string) keptFile {
	t.Helper()
	w := b.send(http.MethodPut, filesPath, statementPDF, header("Content-Type", "application/pdf"), header("Idempotency-Key", key))
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	var f keptFile
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &f))
	require.Equal(t, "/v1/cases/c1/evidence/"+f.SHA256, w.Header().Get("Location"))
	return f
}

// keptFile is what the act case.attach says about a file.
type keptFile struct {
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
}

const filesPath = "/v1/cases/c1/evidence/files"

func TestEvidenceIsKeptAndGivenBack(t *testing.T) {
	for name, open := range map[string]func(testing.TB) (objectstore.Store, func(string, []byte)){"folder": folderStore, "s3": bucketStore} {
		t.Run(name, func(t *testing.T) {
			store, overwrite := open(t)
			b := keepingBench(t, store)
			f := b.upload(t, "key-1")
			require.Equal(t, f, b.upload(t, "key-1"), "a repeated request is the same")
			require.NotEqual(t, f.SHA256, b.upload(t, "key-2").SHA256, "each upload has its own salt")
			require.Equal(t, int64(len(statementPDF)), f.Bytes)

			path := "/v1/cases/c1/evidence/" + f.SHA256
			require.Equal(t, "/problems/not-found", problemIn(t, b.send(http.MethodGet, path, "")).Type, "not recorded")
			b.withEvidence(t, f.SHA256, "application/pdf", "CivilAffairsMSP")
			w := b.send(http.MethodGet, path, "")
			require.Equal(t, http.StatusOK, w.Code, w.Body.String())
			require.Equal(t, statementPDF, w.Body.String())
			require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
			require.Contains(t, w.Header().Get("Content-Security-Policy"), "sandbox")
			require.Contains(t, b.log.String(), "personal data was read")
			require.NotContains(t, b.log.String(), "张三")

			require.Equal(t, "/problems/file-lost", problemIn(t, b.send(http.MethodGet, "/v1/cases/c2/evidence/"+f.SHA256, "")).Type,
				"somebody recorded the hash in another case, too")
			overwrite(f.SHA256, []byte("changed"))
			require.Equal(t, "/problems/file-lost", problemIn(t, b.send(http.MethodGet, path, "")).Type)
			require.NoError(t, store.Delete(t.Context(), f.SHA256))
			p := problemIn(t, b.send(http.MethodGet, path, ""))
			require.Equal(t, "/problems/file-lost", p.Type)
			require.Equal(t, http.StatusConflict, p.Status)
			require.Contains(t, b.log.String(), "a file of evidence is lost or changed")
		})
	}
}

// Who may read, and where.
func TestEvidenceReaders(t *testing.T) {
	store, _ := folderStore(t)
	b := keepingBench(t, store)
	path := "/v1/cases/c1/evidence/" + b.upload(t, "key-1").SHA256
	hash := strings.TrimPrefix(path, "/v1/cases/c1/evidence/")
	b.registry.Agencies = []registry.Agency{{MSPID: "FinanceMSP", Name: "安宁市财政局", NameEn: "Finance"}}
	b.withEvidence(t, hash, "application/pdf", "FinanceMSP")
	p := problemIn(t, b.send(http.MethodGet, path, ""))
	require.Equal(t, "/problems/kept-elsewhere", p.Type)
	require.Equal(t, http.StatusNotFound, p.Status)
	require.Contains(t, p.Detail, "文件由安宁市财政局保存")
	b.withEvidence(t, hash, "application/pdf", "CivilAffairsMSP")
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, path, "").Code)
	b.withEvidence(t, hash, "text/html", "CivilAffairsMSP")
	require.Equal(t, "application/octet-stream", b.send(http.MethodGet, path, "").Header().Get("Content-Type"), "whatever the record says")
	for _, bad := range []string{path + "?x=1", "/v1/cases/Ä/evidence/" + hash} {
		require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, bad, "").Code, bad)
	}
	for _, unknown := range []string{"/v1/cases/other/evidence/" + hash, "/v1/cases/c1/evidence/files", "/v1/cases/c1/evidence/" + strings.ToUpper(hash), "/v1/cases/c1/evidence/%2e%2e"} {
		require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, unknown, "").Code, unknown)
	}
	b.region = "530102"
	require.Equal(t, "/problems/outside-region", problemIn(t, b.send(http.MethodGet, path, "")).Type)
	b.region = "530181"
	b.role = "auditor"
	require.Equal(t, "/problems/forbidden", problemIn(t, b.send(http.MethodGet, path, "")).Type)
	b.role = "preparer"
	b.erasedOn = "2026-11-03"
	b.withEvidence(t, hash, "application/pdf", "CivilAffairsMSP")
	p = problemIn(t, b.send(http.MethodGet, path, ""))
	require.Equal(t, "/problems/file-erased", p.Type)
	require.Equal(t, http.StatusGone, p.Status)
	require.Contains(t, p.Detail, "2026-11-03")
	b.seen = b.indexed // their erasure is not indexed yet
	require.Equal(t, "/problems/index-behind", problemIn(t, b.send(http.MethodGet, path, "")).Type)
}

// Files as phones, browsers and Windows send them: what the first bytes say counts where the type says nothing, or says it in
// another word.
func TestEvidenceOfEveryKind(t *testing.T) {
	store, err := objectstore.OpenFolder(t.TempDir(), secretFile(t, newIdentity(t)))
	require.NoError(t, err)
	b := keepingBench(t, store)
	heic := "\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic"
	for name, c := range map[string]struct{ body, sent, coding, kept string }{
		"WebP":                 {"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", "", "image/webp"},
		"HEIC":                 {heic, "image/heic", "", "image/heic"},
		"HEIC as bytes":        {heic, "application/octet-stream", "", "image/heic"},
		"HEIC without a type":  {heic, "", "", "image/heic"},
		"HEIC called HEIF":     {heic, "image/heif", "", "image/heif"},
		"HEIF":                 {"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heif", "", "image/heif"},
		"JPEG of old browsers": {"\xff\xd8\xff\xe0\x00\x10JFIF", "image/pjpeg", "", "image/jpeg"},
		"JPEG called jpg":      {"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpg", "", "image/jpeg"},
		"no type":              {statementPDF, "", "", "application/pdf"},
		"identity":             {statementPDF, "application/pdf", "Identity", "application/pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.send(http.MethodPut, filesPath, c.body, header("Content-Type", c.sent), header("Content-Encoding", c.coding), header("Idempotency-Key", strings.ReplaceAll(name, " ", "-")))
			require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
			var kept struct {
				MediaType string `json:"media_type"`
			}
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &kept))
			require.Equal(t, c.kept, kept.MediaType)
		})
	}
}

func newIdentity(t *testing.T) string {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return key.String()
}

// What is refused is not kept.
func TestEvidenceRefusals(t *testing.T) {
	dir := t.TempDir()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	store, err := objectstore.OpenFolder(dir, secretFile(t, key.String()))
	require.NoError(t, err)
	b := keepingBench(t, store)
	for name, c := range map[string]struct {
		path, body, mediaType string
		status                int
	}{
		"no type, a page":  {filesPath, "<html>", "", http.StatusUnsupportedMediaType},
		"bytes, a program": {filesPath, "MZ\x90\x00", "application/octet-stream", http.StatusUnsupportedMediaType},
		"MP4 as HEIC":      {filesPath, "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp41isom", "image/heic", http.StatusUnsupportedMediaType},
		"not a type":       {filesPath, statementPDF, ";;", http.StatusUnsupportedMediaType},
		"a page":           {filesPath, "<html>", "text/html", http.StatusUnsupportedMediaType},
		"a picture of XML": {filesPath, "<svg/>", "image/svg+xml", http.StatusUnsupportedMediaType},
		"another's bytes":  {filesPath, statementPDF, "image/png", http.StatusUnsupportedMediaType},
		"bytes of none":    {filesPath, "MZ\x90\x00", "application/pdf", http.StatusUnsupportedMediaType},
		"nothing":          {filesPath, "", "application/pdf", http.StatusUnsupportedMediaType},
		"no case's id":     {"/v1/cases/Ä/evidence/files", statementPDF, "application/pdf", http.StatusUnprocessableEntity},
		"no such case":     {"/v1/cases/other/evidence/files", statementPDF, "application/pdf", http.StatusNotFound},
		"unknown query":    {filesPath + "?x=1", statementPDF, "application/pdf", http.StatusUnprocessableEntity},
		"more than enough": {filesPath, statementPDF + strings.Repeat(" ", 64<<20), "application/pdf", http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.send(http.MethodPut, c.path, c.body, header("Content-Type", c.mediaType))
			require.Equal(t, c.status, w.Code, w.Body.String())
			w = b.send(http.MethodPut, c.path, c.body, header("Content-Type", c.mediaType), func(r *http.Request) { r.ContentLength = -1 })
			require.Equal(t, c.status, w.Code, "of unknown length: "+w.Body.String())
		})
	}
	pdf := header("Content-Type", "application/pdf")
	require.Equal(t, http.StatusUnsupportedMediaType, b.send(http.MethodPut, filesPath, statementPDF, pdf, header("Content-Encoding", "gzip")).Code)
	require.Equal(t, http.StatusBadRequest, b.send(http.MethodPut, filesPath, statementPDF, pdf, header("Idempotency-Key", "")).Code)
	broken := func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(statementPDF), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	require.Equal(t, "/problems/unreadable-body", problemIn(t, b.send(http.MethodPut, filesPath, statementPDF, pdf, broken)).Type)
	b.claim = outbox.ErrKeyReused
	require.Equal(t, "/problems/idempotency-key-reused", problemIn(t, b.send(http.MethodPut, filesPath, statementPDF, pdf)).Type)
	b.claim = nil
	document, err := b.evaluate(ledger.Call{Argument: []byte(`{"case":"c1"}`)})
	require.NoError(t, err)
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		if call.Function == "case:Attach" {
			return nil, relief.Errorf(relief.CodeWrongState, "the case is at its end")
		}
		return document, nil
	}
	require.Equal(t, http.StatusConflict, b.send(http.MethodPut, filesPath, statementPDF, pdf).Code, "what the contract would refuse")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing of all that is kept")
	require.Equal(t, http.StatusForbidden, newBench(t).send(http.MethodPut, filesPath, statementPDF, pdf).Code, "no files are kept")
}

// failing is a store that takes nothing.
type failing struct {
	objectstore.Store
	err error
}

func (f failing) Put(context.Context, io.Reader, func(objectstore.Info) error) (objectstore.Info, error) {
	return objectstore.Info{}, f.err
}

func TestEvidenceWithoutSpace(t *testing.T) {
	for slug, err := range map[string]error{
		"disk-full": &os.PathError{Op: "write", Path: "put-1", Err: syscall.ENOSPC}, "object-store-away": fmt.Errorf("%w: refused", objectstore.ErrAway),
	} {
		b := keepingBench(t, failing{err: err})
		w := b.send(http.MethodPut, filesPath, statementPDF, header("Content-Type", "application/pdf"))
		require.Equal(t, "/problems/"+slug, problemIn(t, w).Type)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
	}
}

// Whatever bytes come: a file that is kept is given back as it came, and nothing else is kept.
func FuzzEvidence(f *testing.F) {
	for _, seed := range []string{statementPDF, "\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0", "", "RIFF\x00\x00\x00\x00WEBPVP8 ", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp41mp42"} {
		for _, mediaType := range []string{"image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4", "text/html", "image/png; charset=x"} {
			f.Add([]byte(seed), mediaType)
		}
	}
	store, _ := folderStore(f)
	b := keepingBench(f, store)
	f.Fuzz(func(t *testing.T, content []byte, mediaType string) {
		b.t = t // not the outer one, which may not be used in here
		b.withEvidence(t, "", "", "CivilAffairsMSP")
		w := b.send(http.MethodPut, filesPath, string(content), header("Content-Type", mediaType))
		if w.Code != http.StatusCreated {
			require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
			return
		}
		var kept keptFile
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &kept))
		b.withEvidence(t, kept.SHA256, kept.MediaType, "CivilAffairsMSP")
		w = b.send(http.MethodGet, "/v1/cases/c1/evidence/"+kept.SHA256, "")
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, content, w.Body.Bytes())
		require.Equal(t, kept.MediaType, w.Header().Get("Content-Type"))
	})
}
