package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/operator"
)

func reliefnet(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), append(args, "--state", t.TempDir()), &out, io.Discard)
	return out.String(), err
}

func TestCommandsOnANetworkThatIsNotThere(t *testing.T) {
	out, err := reliefnet(t, "status")
	require.ErrorContains(t, err, "the network is down: scripts/up starts it")
	require.Contains(t, out, "civil-affairs/peer")
	out, err = reliefnet(t, "status", "--json")
	require.Error(t, err)
	require.True(t, strings.HasPrefix(out, "{"), out)
	out, err = reliefnet(t, "down")
	require.NoError(t, err)
	require.Contains(t, out, "Nothing of network dev was running")
	_, err = reliefnet(t, "logs", "finance/peer")
	require.ErrorContains(t, err, "never started")
	_, err = reliefnet(t, "deploy")
	require.ErrorContains(t, err, "not up")
	_, err = reliefnet(t, "enrol", "--org", "audit", "--name", "x")
	require.ErrorContains(t, err, `"region", "role" not set`)
	_, err = reliefnet(t, "invite", "--org", "audit", "--name", "x")
	require.ErrorContains(t, err, `"region", "role" not set`)
	_, err = reliefnet(t, "invite", "--org", "audit", "--name", "x", "--role", "reader", "--region", "53", "--days", "91")
	require.ErrorContains(t, err, "--days must be from 1 to 90")
	_, err = reliefnet(t, "invite", "--org", "audit", "--name", "x", "--role", "reader", "--region", "53")
	require.ErrorContains(t, err, "not up")
	_, err = reliefnet(t, "status", "--topology", "no-such-file.yaml")
	require.ErrorContains(t, err, "no-such-file.yaml")
	_, err = reliefnet(t, "status", "--port-offset", "60000")
	require.ErrorContains(t, err, "is not a port")
}

func TestAdviceFitsWhatIsWrong(t *testing.T) {
	for want, states := range map[string][]string{
		"":                            {operator.Running, operator.Running},
		"the network is down":         {operator.Stopped, operator.Stopped},
		"1 of 2 nodes are not":        {operator.Running, operator.Died},
		"1 of 2 nodes run but do not": {operator.Running, operator.Silent},
		"1 of 3 nodes are not":        {operator.Running, operator.Silent, operator.Stopped},
	} {
		var status operator.Status
		for _, state := range states {
			status.Nodes = append(status.Nodes, operator.NodeStatus{State: state})
		}
		err := advice(status)
		require.Equal(t, want == "", err == nil)
		require.Equal(t, want == "", status.Up())
		if err != nil {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestTail(t *testing.T) {
	for want, c := range map[string]struct {
		text  string
		lines int
	}{
		"b\nc\n":    {"a\nb\nc\n", 2},
		"a\nb\nc\n": {"a\nb\nc\n", 9},
		"c":         {"a\nb\nc", 1},
		"":          {"a\n", 0},
	} {
		var out bytes.Buffer
		require.NoError(t, tail(strings.NewReader(c.text), c.lines, &out))
		require.Equal(t, want, out.String())
	}
}
