package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	misspelt := filepath.Join(dir, "misspelt.yaml")
	require.NoError(t, os.WriteFile(misspelt, []byte("page_sise: 3\n"), 0o600))
	open := filepath.Join(dir, "open.yaml")
	require.NoError(t, os.WriteFile(open, []byte("listen: 0.0.0.0:8401\n"), 0o600))
	for name, c := range map[string]struct {
		args      []string
		out, fail string
	}{
		"version":          {[]string{"--version"}, "gateway ", ""},
		"no configuration": {nil, "", "--config FILE"},
		"stray argument":   {[]string{"--config", "x", "y"}, "", "--config FILE"},
		"unknown flag":     {[]string{"--loud"}, "", "loud"},
		"no such file":     {[]string{"--config", filepath.Join(dir, "none.yaml")}, "", "none.yaml"},
		"misspelt setting": {[]string{"check-config", "--config", misspelt}, "", "page_sise"},
		"unknown command":  {[]string{"index", "burn", "--config", open}, "", `unknown command "index burn"`},
		"no index there":   {[]string{"index", "check", "--config", misspelt}, "", "page_sise"},
		"two alerts":       {[]string{"screen", "explain", "ab", "cd", "--config", open}, "", `unknown command "screen explain ab cd"`},
		"no region":        {[]string{"screen", "check", "--config", open, "--block", "3"}, "", "--region"},
		"a township":       {[]string{"screen", "explain", "ab", "--config", open, "--region", "530181001"}, "", "--region"},
		"no such flag":     {[]string{"index", "check", "--config", open, "--region", "53"}, "", "region"},
		"HTTP in the open": {[]string{"--config", open}, "", "tls.cert_file and tls.key_file are required"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			err := run(t.Context(), c.args, &out, &errs)
			if c.fail != "" {
				require.ErrorContains(t, err, c.fail)
				return
			}
			require.NoError(t, err)
			require.Contains(t, out.String(), c.out)
		})
	}
}
