package objectstore

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
	"github.com/stretchr/testify/require"
)

// server is a bucket named relief that these keys open. TEST_S3 names another server that has it, as any S3-compatible
// one can be tried; its keys are those below.
func server(t *testing.T) string {
	t.Helper()
	if other := os.Getenv("TEST_S3"); other != "" {
		return other
	}
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket(t.Context(), "relief"))
	s := httptest.NewServer(gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"test-access": "test-secret"})).Server())
	t.Cleanup(s.Close)
	return s.URL
}

func s3Options(t *testing.T, endpoint string) S3Options {
	t.Helper()
	dir := t.TempDir()
	secret := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600))
		return file
	}
	return S3Options{
		Endpoint: endpoint, Region: "us-east-1", Bucket: "relief", Prefix: "evidence/",
		AccessKeyFile: secret("access", "test-access"), SecretKeyFile: secret("secret", "test-secret"),
		KeyFile: keyFile(t), Dir: filepath.Join(dir, "sending"),
	}
}

func TestS3PutAndGet(t *testing.T) {
	o := s3Options(t, server(t))
	s, err := OpenS3(o)
	require.NoError(t, err)
	for _, size := range []int{0, 1, 64 << 10, 300_000} {
		content := bytes.Repeat([]byte("张某某"), size/9+1)[:size]
		info, err := s.Put(t.Context(), bytes.NewReader(content), nil)
		require.NoError(t, err)
		require.Equal(t, int64(size), info.Size)
		again, err := s.Put(t.Context(), bytes.NewReader(content), nil)
		require.NoError(t, err)
		require.Equal(t, info, again)
		stat, err := s.Stat(t.Context(), info.Hash)
		require.NoError(t, err)
		require.Equal(t, info, stat, "read through, and its hash is right")
		require.NoError(t, s.Delete(t.Context(), info.Hash))
		require.ErrorIs(t, s.Delete(t.Context(), info.Hash), ErrNotFound)
		_, err = s.Get(t.Context(), info.Hash)
		require.ErrorIs(t, err, ErrNotFound)
	}
	for _, hash := range []string{"", "../secret", strings.Repeat("Z", 64)} {
		_, err := s.Get(t.Context(), hash)
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorIs(t, s.Delete(t.Context(), hash), ErrNotFound)
	}
	left, err := os.ReadDir(o.Dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestS3SeesNothing: neither another key nor the server's own word gives an object that was not put.
func TestS3SeesNothing(t *testing.T) {
	o := s3Options(t, server(t))
	s, err := OpenS3(o)
	require.NoError(t, err)
	one, err := s.Put(t.Context(), strings.NewReader("one"), nil)
	require.NoError(t, err)
	two, err := s.Put(t.Context(), strings.NewReader("two"), nil)
	require.NoError(t, err)
	f, err := s.client.GetObject(t.Context(), "relief", s.name(two.Hash), minioGet)
	require.NoError(t, err)
	stat, err := f.Stat()
	require.NoError(t, err)
	_, err = s.client.PutObject(t.Context(), "relief", s.name(one.Hash), f, stat.Size, minioPut)
	require.NoError(t, err)
	_, err = s.Stat(t.Context(), one.Hash)
	require.ErrorIs(t, err, ErrChanged, "another object in its place")
	o.KeyFile = keyFile(t)
	stranger, err := OpenS3(o)
	require.NoError(t, err)
	_, err = stranger.Get(t.Context(), two.Hash)
	require.ErrorIs(t, err, ErrChanged)
}

func TestS3Faults(t *testing.T) {
	at := server(t)
	for name, change := range map[string]func(*S3Options){
		"endpoint":    func(o *S3Options) { o.Endpoint = "store.example" },
		"no key":      func(o *S3Options) { o.KeyFile = o.AccessKeyFile },
		"no access":   func(o *S3Options) { o.AccessKeyFile = "nowhere" },
		"empty key":   func(o *S3Options) { require.NoError(t, os.WriteFile(o.SecretKeyFile, nil, 0o600)) },
		"a path, too": func(o *S3Options) { o.Endpoint = at + "/relief" },
	} {
		o := s3Options(t, at)
		change(&o)
		_, err := OpenS3(o)
		require.Error(t, err, name)
	}
	for name, change := range map[string]func(*S3Options){
		"refused":         func(o *S3Options) { require.NoError(t, os.WriteFile(o.SecretKeyFile, []byte("another"), 0o600)) },
		"NoSuchBucket":    func(o *S3Options) { o.Bucket = "nowhere" },
		"does not answer": func(o *S3Options) { o.Endpoint = "http://127.0.0.1:1" },
	} {
		o := s3Options(t, at)
		change(&o)
		s, err := OpenS3(o)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err = s.Put(ctx, strings.NewReader("x"), nil)
		cancel()
		require.Error(t, err, name)
		if name != "does not answer" {
			require.ErrorContains(t, err, name)
		}
		require.NotContains(t, err.Error(), "another")
	}
}

const patience = 2 * time.Second

var (
	minioGet = minio.GetObjectOptions{}
	minioPut = minio.PutObjectOptions{}
)

// A bucket's objects are encrypted again as a folder's are; what else is in the bucket stays as it is.
func TestABucketOfAnEarlierKey(t *testing.T) {
	o := s3Options(t, server(t))
	before, err := OpenS3(o)
	require.NoError(t, err)
	var hashes []string
	for i := range 7 {
		info, err := before.Put(t.Context(), strings.NewReader(strings.Repeat("张某某", i)), nil)
		require.NoError(t, err)
		hashes = append(hashes, info.Hash)
	}
	other := []byte("of somebody else")
	for _, name := range []string{"elsewhere/" + hashes[0] + ".age", "evidence/readme", "evidence/zz/" + hashes[1] + ".age"} {
		_, err = before.client.PutObject(t.Context(), "relief", name, bytes.NewReader(other), int64(len(other)), minioPut)
		require.NoError(t, err)
	}
	keys, err := os.ReadFile(o.KeyFile)
	require.NoError(t, err)
	above, err := os.ReadFile(keyFile(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(o.KeyFile, append(above, keys...), 0o600))
	s, err := OpenS3(o)
	require.NoError(t, err)

	r, err := Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Done: 7}, r)
	r, err = Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Already: 7}, r, "again changes nothing")
	for _, hash := range hashes {
		_, err := s.withFirst().Stat(t.Context(), hash)
		require.NoError(t, err)
	}
	_, err = s.client.PutObject(t.Context(), "relief", s.name(hashes[2]), bytes.NewReader(other), int64(len(other)), minioPut)
	require.NoError(t, err)
	r, err = Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Already: 6, Failed: 1}, r)
}
