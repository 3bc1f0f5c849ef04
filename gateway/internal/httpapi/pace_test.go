package httpapi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/intake"
)

// trickle sends a byte of a file now and then and returns the answer's status.
func trickle(t *testing.T, b *bench, every time.Duration) (status int, took time.Duration) {
	t.Helper()
	server := httptest.NewServer(b.api)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String()) //nolint:noctx // the test's own server
	require.NoError(t, err)
	defer conn.Close()
	began := time.Now()
	_, err = fmt.Fprintf(conn, "PUT /v1/batches/b/lines HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k\r\n"+
		"Content-Type: text/csv\r\nContent-Length: 1000000\r\n\r\n", testToken)
	require.NoError(t, err)
	pace := time.NewTicker(every)
	defer pace.Stop()
	go func() {
		for {
			if _, err := conn.Write([]byte("x")); err != nil {
				return
			}
			select {
			case <-pace.C:
			case <-t.Context().Done():
				return
			}
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode, time.Since(began)
}

// A sender who draws a file out holds a place for a short time only, whether nothing comes or a byte now and then.
func TestSlowSendersAreCutOff(t *testing.T) {
	for name, every := range map[string]time.Duration{"silent": time.Hour, "a byte now and then": 10 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(d *Deps) {
				d.Spool = func(_ context.Context, r io.Reader, _, _ string, _ intake.Kind) (intake.Spooled, error) {
					_, err := io.Copy(io.Discard, r)
					return intake.Spooled{}, err
				}
			})
			b.api.idleTime = 100 * time.Millisecond
			status, took := trickle(t, b, every)
			require.Equal(t, http.StatusBadRequest, status)
			require.Less(t, took, 5*time.Second)
		})
	}
}
