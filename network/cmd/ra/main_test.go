package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEverySettingIsRequired(t *testing.T) {
	_, err := parse(nil)
	require.ErrorContains(t, err, "is required")
	args := []string{
		"-listen", "127.0.0.1:0", "-cert", "a", "-key", "b", "-root", "c", "-gateway", "gateway", "-officials", "d",
		"-authority", "127.0.0.1:1", "-authority-name", "ca", "-authority-cert", "e", "-authority-key", "f",
	}
	s, err := parse(args)
	require.NoError(t, err)
	require.Equal(t, "gateway", s.gateway)
	for i := 0; i < len(args); i += 2 {
		_, err := parse(append(append([]string{}, args[:i]...), args[i+2:]...))
		require.ErrorContains(t, err, args[i]+" is required")
	}
	require.Error(t, run(t.Context(), args), "its files are not there")
}
