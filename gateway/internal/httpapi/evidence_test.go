package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/objectstore"
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

// withEvidence makes the ledger tell of a case with one file.
func (b *bench) withEvidence(t testing.TB, hash string) {
	t.Helper()
	document, err := json.Marshal(map[string]any{"evidence": []evidenceFile{{SHA256: hash, MediaType: "application/pdf"}}})
	require.NoError(t, err)
	b.evaluate = func(ledger.Call) ([]byte, error) { return document, nil }
}

func TestEvidenceIsKeptAndGivenBack(t *testing.T) {
	for name, open := range map[string]func(testing.TB) (objectstore.Store, func(string, []byte)){"folder": folderStore, "s3": bucketStore} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			store, overwrite := open(t)
			b.api.Objects = store
			pdf := header("Content-Type", "application/pdf")
			put := func(key string) evidenceFile {
				w := b.send(http.MethodPut, "/v1/cases/c1/evidence/files", statementPDF, pdf, header("Idempotency-Key", key))
				require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
				var f evidenceFile
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &f))
				return f
			}
			f := put("key-1")
			require.Equal(t, f, put("key-1"), "a repeated request is the same")
			require.NotEqual(t, f.SHA256, put("key-2").SHA256, "each upload has its own salt")
			require.Equal(t, int64(len(statementPDF)), f.Bytes)

			path := "/v1/cases/c1/evidence/" + f.SHA256
			b.withEvidence(t, strings.Repeat("0", 64))
			require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, path, "").Code, "of another case")
			b.withEvidence(t, f.SHA256)
			w := b.send(http.MethodGet, path, "")
			require.Equal(t, http.StatusOK, w.Code, w.Body.String())
			require.Equal(t, statementPDF, w.Body.String())
			require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
			require.Contains(t, b.log.String(), "personal data was read")
			require.NotContains(t, b.log.String(), "张三")

			object, err := store.Get(t.Context(), f.SHA256)
			require.NoError(t, err)
			content, err := io.ReadAll(object)
			require.NoError(t, errors.Join(err, object.Close()))
			require.Len(t, content, saltBytes+len(statementPDF))
			overwrite(f.SHA256, []byte("changed"))
			require.Equal(t, "/problems/file-lost", problemIn(t, b.send(http.MethodGet, path, "")).Type)
			require.NoError(t, store.Delete(t.Context(), f.SHA256))
			require.Equal(t, "/problems/file-lost", problemIn(t, b.send(http.MethodGet, path, "")).Type)
		})
	}
}

func TestEvidenceRefusals(t *testing.T) {
	b := newBench(t)
	b.api.Objects, _ = folderStore(t)
	const files = "/v1/cases/c1/evidence/files"
	for name, c := range map[string]struct {
		path, body, mediaType string
		status                int
	}{
		"no type":          {files, statementPDF, "", http.StatusUnsupportedMediaType},
		"a page":           {files, "<html>", "text/html", http.StatusUnsupportedMediaType},
		"another's bytes":  {files, statementPDF, "image/png", http.StatusUnsupportedMediaType},
		"nothing":          {files, "", "application/pdf", http.StatusUnsupportedMediaType},
		"no case":          {"/v1/cases/Ä/evidence/files", statementPDF, "application/pdf", http.StatusUnprocessableEntity},
		"unknown query":    {files + "?x=1", statementPDF, "application/pdf", http.StatusUnprocessableEntity},
		"more than enough": {files, statementPDF + strings.Repeat(" ", maxEvidence), "application/pdf", http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			w := b.send(http.MethodPut, c.path, c.body, header("Content-Type", c.mediaType))
			require.Equal(t, c.status, w.Code, w.Body.String())
			w = b.send(http.MethodPut, c.path, c.body, header("Content-Type", c.mediaType), func(r *http.Request) { r.ContentLength = -1 })
			require.Equal(t, c.status, w.Code, "of unknown length: "+w.Body.String())
		})
	}
	hash := strings.Repeat("a", 64)
	b.withEvidence(t, hash)
	b.evaluate = func(ledger.Call) ([]byte, error) { return nil, relief.Errorf(relief.CodeForbidden, "another agency") }
	require.Equal(t, http.StatusForbidden, b.send(http.MethodGet, "/v1/cases/c1/evidence/"+hash, "").Code)
	b.role = "auditor"
	require.Equal(t, http.StatusForbidden, b.send(http.MethodGet, "/v1/cases/c1/evidence/"+hash, "").Code)
	require.Equal(t, http.StatusForbidden, b.send(http.MethodPut, files, statementPDF, header("Content-Type", "application/pdf")).Code)
	b.role, b.api.Objects = "preparer", nil
	require.Equal(t, http.StatusForbidden, b.send(http.MethodGet, "/v1/cases/c1/evidence/"+hash, "").Code)
	require.Equal(t, http.StatusForbidden, b.send(http.MethodPut, files, statementPDF, header("Content-Type", "application/pdf")).Code)
}

// Whatever bytes come: a file that is kept is given back as it came, and nothing else is kept.
func FuzzEvidence(f *testing.F) {
	for _, seed := range []string{statementPDF, "\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0", "", "RIFF\x00\x00\x00\x00WEBPVP8 "} {
		f.Add([]byte(seed), "image/png")
		f.Add([]byte(seed), "application/pdf")
	}
	f.Fuzz(func(t *testing.T, content []byte, mediaType string) {
		b := newBench(t)
		store, _ := folderStore(t)
		b.api.Objects = store
		w := b.send(http.MethodPut, "/v1/cases/c1/evidence/files", string(content), header("Content-Type", mediaType))
		if w.Code != http.StatusCreated {
			require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
			return
		}
		var kept evidenceFile
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &kept))
		object, err := store.Get(t.Context(), kept.SHA256)
		require.NoError(t, err)
		got, err := io.ReadAll(object)
		require.NoError(t, errors.Join(err, object.Close()))
		require.Equal(t, string(content), string(got[saltBytes:]))
	})
}
