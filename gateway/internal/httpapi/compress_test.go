package httpapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
)

// unpacked is an answer's body without its content coding.
func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var plain io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(w.Body)
		require.NoError(t, err)
		plain = z
	case "zstd":
		z, err := zstd.NewReader(w.Body)
		require.NoError(t, err)
		defer z.Close()
		plain = z
	}
	b, err := io.ReadAll(plain)
	require.NoError(t, err)
	return string(b)
}

func TestAnswersAreCompressed(t *testing.T) {
	b := newBench(t)
	b.payments = testPayments(300)
	for _, path := range []string{"/docs", "/openapi.yaml", "/desk", "/assets/desk.js", "/v1/batches/b/lines", "/v1/batches/b/lines?format=csv", "/v1/batches/b/lines?format=ndjson"} {
		plain := b.send(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, plain.Code, path)
		require.Empty(t, plain.Header().Get("Content-Encoding"), path)
		for accept, coding := range map[string]string{
			"gzip": "gzip", "gzip, deflate, br, zstd": "zstd", "GZIP;q=0.5": "gzip", "gzip;q=0": "", "br": "", "identity": "", "zstd;q=0, gzip": "gzip",
		} {
			w := b.send(http.MethodGet, path, "", header("Accept-Encoding", accept))
			require.Equal(t, coding, w.Header().Get("Content-Encoding"), "%s %s", path, accept)
			require.Contains(t, strings.Join(w.Header().Values("Vary"), ", "), "Accept-Encoding")
			if coding != "" {
				require.Less(t, w.Body.Len(), plain.Body.Len()/2, path)
				require.Empty(t, w.Header().Get("Content-Length"))
			}
			require.Equal(t, plain.Body.String(), unpacked(t, w), "%s %s", path, accept)
		}
	}
	etag := b.send(http.MethodGet, "/docs", "").Header().Get("ETag")
	require.Equal(t, http.StatusNotModified, b.send(http.MethodGet, "/docs", "", header("If-None-Match", etag), header("Accept-Encoding", "gzip")).Code)
	require.Equal(t, etag, b.send(http.MethodGet, "/docs", "", header("Accept-Encoding", "gzip")).Header().Get("ETag"), "a weak one names all codings")
}

// What has personal data, is a picture, or is a stream of events is sent as it is. The mark of it does not leave the gateway.
func TestWhatIsNotCompressed(t *testing.T) {
	gin.SetMode(gin.TestMode)
	engine := gin.New()
	long := strings.Repeat(`{"name":"张三"}`, 1000)
	engine.GET("/person", func(c *gin.Context) {
		rest.Access(c, reading.BankException, "", "")
		c.Data(http.StatusOK, "application/json", []byte(long))
	})
	engine.GET("/picture", func(c *gin.Context) { c.Data(http.StatusOK, "image/png", bytes.Repeat([]byte("x"), 5000)) })
	engine.GET("/file", func(c *gin.Context) { c.Data(http.StatusOK, "application/xml", []byte(long)) })
	engine.GET("/events", func(c *gin.Context) {
		c.Header("Content-Type", "text/event-stream")
		c.Writer.WriteHeaderNow()
		c.Writer.Flush() // before there is an event
		_, _ = c.Writer.WriteString("data: " + long + "\n\n")
	})
	engine.GET("/short", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", []byte(`{}`)) })
	handler, err := compressed(engine)
	require.NoError(t, err)
	for _, path := range []string{"/person", "/picture", "/file", "/events", "/short"} {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept-Encoding", "gzip, zstd")
		if path == "/events" {
			r.Header.Set("Accept", "text/event-stream")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		require.Empty(t, w.Header().Get("Content-Encoding"), path)
		require.Empty(t, w.Header().Values("No-Gzip-Compression"), path)
		require.True(t, w.Flushed || path != "/events")
	}
}

// A list that is cut off is not taken for a whole one, compressed or not.
func TestACompressedAnswerThatIsCutOff(t *testing.T) {
	gin.SetMode(gin.TestMode)
	engine := gin.New()
	engine.GET("/list", func(c *gin.Context) {
		c.Header("Content-Type", "text/csv")
		_, _ = c.Writer.WriteString(strings.Repeat("a,b\n", 10_000))
		c.Writer.Flush()
		panic(http.ErrAbortHandler)
	})
	handler, err := compressed(engine)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	defer server.Close()
	answer, err := server.Client().Get(server.URL + "/list") //nolint:noctx // the test's own server
	require.NoError(t, err)
	defer answer.Body.Close()
	require.True(t, answer.Uncompressed, "the client asked for gzip by itself")
	_, err = io.ReadAll(answer.Body)
	require.Error(t, err)
}
