package app

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// One more connection than the most is closed unanswered; when another one ends there is room again.
func TestASocketHasABoundedNumberOfConnections(t *testing.T) {
	c := connections{most: 2, idle: map[net.Conn]struct{}{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = c.watch
	server.Start()
	defer server.Close()
	ask := func() (net.Conn, error) {
		conn, err := net.Dial("tcp", server.Listener.Addr().String()) //nolint:noctx // the test's own server
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		if err != nil {
			return conn, err
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			_ = response.Body.Close()
		}
		return conn, err
	}
	first, err := ask()
	require.NoError(t, err)
	_, err = ask()
	require.NoError(t, err)
	_, err = ask()
	require.Error(t, err)
	require.NoError(t, first.Close())
	require.Eventually(t, func() bool { _, err := ask(); return err == nil }, 5*time.Second, 10*time.Millisecond)
}
