package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
)

func TestLoggerDropsWhatIsNotAllowed(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, config.Log{Level: "info", Format: "json"})
	log.Debug("not shown", "status", 1)
	log.With("token", "secret-1", "principal", "civil-preparer").Info("request",
		"status", 200, "id_number", "secret-2", "tx", "", "error", errors.New("why"), "block", struct{ Name string }{"secret-3"},
		slog.Group("body", "status", "secret-4"))
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.NotContains(t, out.String(), "secret")
	delete(line, "time")
	require.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "principal": "civil-preparer", "status": float64(200), "error": "why",
	}, line)
	out.Reset()
	NewLogger(&out, config.Log{Level: "debug", Format: "text"}).Debug("shown", "name", "secret")
	require.Contains(t, out.String(), "msg=shown\n")
}
