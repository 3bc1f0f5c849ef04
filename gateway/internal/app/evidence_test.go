package app_test

import (
	"encoding/json"
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

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger"
)

// s3 is the address of a server with a bucket named relief; TEST_S3 names another one, see docs/guides/evidence.md.
func s3(t *testing.T) string {
	t.Helper()
	if other := os.Getenv("TEST_S3"); other != "" {
		return other
	}
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket(t.Context(), "relief"))
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"test-access": "test-secret"})).Server())
	t.Cleanup(server.Close)
	return server.URL
}

// objectsIn counts which of some objects lie in a folder's or bucket's store.
func objectsIn(t *testing.T, cfg *config.Config, hashes ...string) (n int) {
	t.Helper()
	at := cfg.Objects.S3
	var client *minio.Client
	if at.Endpoint != "" {
		var err error
		client, err = minio.New(strings.TrimPrefix(at.Endpoint, "http://"), &minio.Options{
			Creds: credentials.NewStaticV4("test-access", "test-secret", ""), Region: at.Region, BucketLookup: minio.BucketLookupPath,
		})
		require.NoError(t, err)
	}
	for _, hash := range hashes {
		name := hash[:2] + "/" + hash + ".age"
		var err error
		if client != nil {
			_, err = client.StatObject(t.Context(), at.Bucket, at.Prefix+"/"+name, minio.StatObjectOptions{})
		} else {
			_, err = os.Stat(filepath.Join(cfg.DataDir, "objects", name))
		}
		if err == nil {
			n++
		}
	}
	return n
}

// keepsFiles gives civil affairs' gateway a store and starts it again.
func (w *world) keepsFiles(t *testing.T, bucket string) *config.Config {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	cfg := w.configs["CivilAffairsMSP"]
	write := func(name, text string) string {
		file := filepath.Join(filepath.Dir(cfg.DataDir), name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	cfg.Objects.KeyFile = write("objects.key", key.String())
	if bucket != "" {
		cfg.Objects.S3 = config.ObjectsS3{
			Endpoint: bucket, Region: "us-east-1", Bucket: "relief", Prefix: strings.ToLower(filepath.Base(filepath.Dir(cfg.DataDir))) + t.Name(),
			AccessKeyFile: write("access", "test-access"), SecretKeyFile: write("secret", "test-secret"),
		}
	}
	w.restart("CivilAffairsMSP")
	return cfg
}

// A file goes its way through the settings, REST, the contracts and the store; when its person is erased while the gateway is
// away, it is deleted once the gateway is there again.
func TestEvidenceToErasure(t *testing.T) {
	for name, bucket := range map[string]func(*testing.T) string{"folder": func(*testing.T) string { return "" }, "bucket": s3} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cfg := w.keepsFiles(t, bucket(t))
			w.programmeAndTranche()
			var record struct {
				Members []string
				Acts    []struct{ At string }
			}
			w.post(201, "civil-preparer", "/v1/cases", object{
				"id": "c-1", "programme": "dibao", "region": "530181003214", "settlement": "rural", "account": plantedCard, "income": "1.00", "reason": "x",
				"members": []object{{"name": plantedName, "id_number": plantedID}},
			}).into(t, &record)
			const statement = "%PDF-1.7\n" + plantedName + plantedID
			pdf := map[string]string{"Content-Type": "application/pdf"}
			type kept struct {
				SHA256    string `json:"sha256"`
				MediaType string `json:"media_type"`
			}
			var file, waiting kept
			put := call{method: http.MethodPut, path: "/v1/cases/c-1/evidence/files", body: statement, header: pdf}
			w.must(201, "civil-preparer", put).into(t, &file)
			w.must(201, "civil-preparer", put).into(t, &waiting) // never recorded
			w.must(403, "civil-other-county", put)
			w.must(403, "finance-preparer", put)
			w.post(200, "civil-preparer", "/v1/cases/c-1/evidence", object{
				"kind": "home-visit", "taken_at": record.Acts[0].At, "region": "530181003214", "sha256": file.SHA256, "media_type": file.MediaType,
			})
			read := call{method: http.MethodGet, path: "/v1/cases/c-1/evidence/" + file.SHA256}
			require.Equal(t, statement, string(w.must(200, "civil-preparer", read).body))
			require.Contains(t, string(w.must(404, "finance-preparer", read).body), "kept-elsewhere")
			require.Equal(t, 2, objectsIn(t, cfg, file.SHA256, waiting.SHA256))

			w.post(200, "civil-preparer", "/v1/cases/c-1/withdraw", object{})
			var proposal struct{ SHA256 string }
			w.post(201, "civil-preparer", "/v1/erasures", object{"subject": record.Members[0], "reason": "request"}).into(t, &proposal)
			w.stop["CivilAffairsMSP"]()
			argument, err := json.Marshal(object{"subject": record.Members[0], "sha256": proposal.SHA256, "agree": true})
			require.NoError(t, err)
			port := w.network.Gateway("CivilAffairsMSP")
			signed, err := port.Endorse(t.Context(), ledger.Call{Signer: "civil-approver", Function: "person:ConfirmErasure", Argument: argument})
			require.NoError(t, err)
			require.NoError(t, port.Submit(t.Context(), signed))
			require.Equal(t, 2, objectsIn(t, cfg, file.SHA256, waiting.SHA256))
			w.restart("CivilAffairsMSP")
			require.Eventually(t, func() bool { return objectsIn(t, cfg, file.SHA256, waiting.SHA256) == 0 }, waitLong, waitTick)
			require.Contains(t, string(w.must(410, "civil-preparer", read).body), "file-erased")
			require.NotContains(t, w.log.String(), plantedName)
			require.NotContains(t, w.log.String(), plantedID)
		})
	}
}
