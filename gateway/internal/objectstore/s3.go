package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"relieftrail/gateway/internal/agekeys"
	"relieftrail/gateway/internal/httpclient"
)

// S3Options say where an S3-compatible store is and how the gateway authenticates. Keys are read from files.
type S3Options struct {
	Endpoint      string // https://host:port; the settings allow http on a loopback address only
	Region        string // empty: the region that the store reports
	Bucket        string // must exist
	Prefix        string // of the names of objects
	AccessKeyFile string
	SecretKeyFile string
	KeyFile       string // an age identity; the store sees ciphertext only
	Dir           string // where objects wait, encrypted, until they are sent
}

// S3 is a store in a bucket of an S3-compatible server. Objects are encrypted before they leave the gateway.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string
	dir    string
	keys   agekeys.Keys
}

// OpenS3 makes the client. It does not ask the server yet.
func OpenS3(o S3Options) (*S3, error) {
	keys, err := agekeys.Read("the object store", o.KeyFile)
	if err != nil {
		return nil, err
	}
	access, err := readSecret(o.AccessKeyFile)
	if err != nil {
		return nil, err
	}
	secret, err := readSecret(o.SecretKeyFile)
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(o.Endpoint)
	if err != nil || at.Host == "" || at.Path != "" && at.Path != "/" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("the endpoint of the object store must be https://host:port")
	}
	transport, err := httpclient.Transport(httpclient.Options{Verbatim: true})
	if err != nil {
		return nil, fmt.Errorf("the object store: %w", err)
	}
	client, err := minio.New(at.Host, &minio.Options{ // which follows no redirects
		Transport: transport,
		Creds:     credentials.NewStaticV4(access, secret, ""), Secure: at.Scheme == "https", Region: o.Region,
		BucketLookup: minio.BucketLookupPath, // many stores have no certificate for a host name of the bucket
	})
	if err != nil {
		return nil, fmt.Errorf("the object store: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of objects that wait to be sent: %w", err)
	}
	sweep(o.Dir)
	return &S3{client, o.Bucket, strings.TrimSuffix(o.Prefix, "/"), o.Dir, keys}, nil
}

func readSecret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("a key of the object store: %w", err)
	}
	if s := strings.TrimSpace(string(b)); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("a key of the object store: %s must not be empty", file)
}

// sweep deletes incomplete files of a process that was killed.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, spooled)) // fails for a malformed pattern only
	for _, f := range left {
		_ = os.Remove(f)
	}
}

func (s *S3) name(hash string) string {
	if s.prefix == "" {
		return hash[:2] + "/" + hash + ".age"
	}
	return s.prefix + "/" + hash[:2] + "/" + hash + ".age"
}

// Put encrypts to disk first: the object's name is the hash of the whole content.
func (s *S3) Put(ctx context.Context, r io.Reader, accept func(Info) error) (Info, error) {
	info, f, err := spool(ctx, s.dir, r, s.keys.Recipient(), accept)
	if err != nil {
		return Info{}, err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return Info{}, fmt.Errorf("the file of an object: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Info{}, fmt.Errorf("the file of an object: %w", err)
	}
	_, err = s.client.PutObject(ctx, s.bucket, s.name(info.Hash), f, size, minio.PutObjectOptions{
		ContentType: "application/age", SendContentMd5: true,
	})
	if err != nil {
		return Info{}, s3Error(err)
	}
	return info, nil
}

// Get reads an object.
func (s *S3) Get(ctx context.Context, hash string) (io.ReadCloser, error) {
	if !validHash(hash) {
		return nil, ErrNotFound
	}
	o, err := s.client.GetObject(ctx, s.bucket, s.name(hash), minio.GetObjectOptions{})
	if err != nil {
		return nil, s3Error(err)
	}
	if _, err := o.Stat(); err != nil { // GetObject by itself does not ask the server
		_ = o.Close()
		return nil, s3Error(err)
	}
	return unseal(ctx, o, s.keys, hash)
}

// Stat reads the whole object.
func (s *S3) Stat(ctx context.Context, hash string) (Info, error) { return stat(ctx, s, hash) }

// Delete removes an object.
func (s *S3) Delete(ctx context.Context, hash string) error {
	if !validHash(hash) {
		return ErrNotFound
	}
	if _, err := s.client.StatObject(ctx, s.bucket, s.name(hash), minio.StatObjectOptions{}); err != nil {
		return s3Error(err)
	}
	if err := s.client.RemoveObject(ctx, s.bucket, s.name(hash), minio.RemoveObjectOptions{}); err != nil {
		return s3Error(err)
	}
	return nil
}

// s3Error keeps the server's error code and drops its text, which may repeat keys and addresses.
func s3Error(err error) error {
	var answer minio.ErrorResponse
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case !errors.As(err, &answer) || answer.Code == "":
		return fmt.Errorf("%w: %w", ErrAway, err)
	case answer.Code == minio.NoSuchKey:
		return ErrNotFound
	case answer.StatusCode == http.StatusInsufficientStorage:
		return fmt.Errorf("the object store refused the request: %s: %w", answer.Code, syscall.ENOSPC)
	case answer.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%w: %s", ErrAway, answer.Code)
	default:
		return fmt.Errorf("the object store refused the request: %s", answer.Code)
	}
}
