package faults

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/host/process"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology"
)

// alteredChaincode makes one agency run other rules. Nothing of them may be committed, clients are told which peer
// disagrees, and work continues when the agency runs the agreed rules again.
func (s *Suite) alteredChaincode(t *testing.T) {
	const name = "one agency runs altered chaincode"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		binary := filepath.Join(s.net.NodeSettings.Cache, "chaincode-altered")
		require.NoError(t, s.build(t.Context(), binary, "", s.net.Chaincode.Package+"/testnet/altered"))
		nodes := s.net.NodesOf(topology.KindChaincode)
		for i, n := range nodes[len(nodes)-of(s, 1, 3):] {
			s.now.times++
			s.altered(t, binary, n, i)
		}
		s.count(t)
	})
}

func (s *Suite) altered(t *testing.T, binary string, node *topology.Node, n int) {
	run := func(how string) {
		require.NoError(t, s.net.restart(node.Name, func(p *process.Process) {
			if how != "" {
				p.Exe, p.Env = binary, append(p.Env, "CHAINCODE_ALTERED="+how)
			}
		}))
		require.NoError(t, s.net.whole(t.Context())) // a ping writes nothing, so all peers agree on it
	}
	period := fmt.Sprintf("2026-%02d", 3+n)
	id := fmt.Sprintf("%s-altered%d", s.load.name, n)
	list, count, sum := s.fixture.list(period, []int{0, 1})
	terms := map[string]any{"id": id, "programme": programmeID, "region": county, "period": period, "tranche": tranches[0], "count": count, "sum": sum}

	run("amounts")
	before := s.height(t)
	problem := s.disagree(t, "/v1/batches", terms)
	require.Contains(t, problem.Detail, node.Organisation.MSPID, "the response names the organisation whose peer disagrees")
	require.Equal(t, before, s.height(t), "nothing was committed")

	run("")
	require.NoError(t, s.fixture.act(t.Context(), s.fixture.civilPreparer, "/v1/batches", id, terms), "the same key works when the rules are the agreed ones")
	s.load.note(id, tally{acts: 1})

	// A file waits while an agency's peer disagrees.
	run("amounts")
	before = s.height(t)
	job := make(chan error, 1)
	go func() {
		j, err := s.fixture.file(t.Context(), s.fixture.civilPreparer, http.MethodPut, "/v1/batches/"+id+"/lines", id+"-lines", list)
		if err != nil {
			job <- err
			return
		}
		job <- all(id, j.Result.Accepted, count)
	}()
	select {
	case err := <-job:
		require.Fail(t, "the file ended", "%v", err)
	case <-time.After(of(s, 2*time.Second, 15*time.Second)):
	}
	require.Equal(t, before, s.height(t), "nothing was committed")
	run("")
	require.NoError(t, <-job)
	s.load.note(id, tally{listed: count})
	s.paidTwice(t, run, id, terms, list, count)
}

// paidTwice makes the agency's chaincode blind to earlier payments. The same list in a second batch is still refused.
func (s *Suite) paidTwice(t *testing.T, run func(string), id string, terms map[string]any, list string, count int) {
	second := id + "-twice"
	terms["id"] = second
	require.NoError(t, s.fixture.act(t.Context(), s.fixture.civilPreparer, "/v1/batches", second, terms))
	s.load.note(second, tally{acts: 1})
	run("twice")
	before := s.height(t)
	ctx, cancel := context.WithTimeout(t.Context(), of(s, 2*time.Second, 10*time.Second))
	defer cancel()
	_, err := s.fixture.file(ctx, s.fixture.civilPreparer, http.MethodPut, "/v1/batches/"+second+"/lines", second+"-lines", list)
	require.ErrorIs(t, err, context.DeadlineExceeded, "it waits")
	require.Equal(t, before, s.height(t), "nothing was committed")
	run("")
	job, err := s.fixture.file(t.Context(), s.fixture.civilPreparer, http.MethodPut, "/v1/batches/"+second+"/lines", second+"-lines", list)
	require.NoError(t, err)
	require.Equal(t, count, job.Result.Refused, "nobody is paid twice")
}

func (s *Suite) height(t *testing.T) uint64 {
	h, err := s.net.client.Height(t.Context(), s.net.NodesOf(topology.KindPeer)[0])
	require.NoError(t, err)
	return h
}

// disagree does an act on which the peers must disagree, and returns the problem.
func (s *Suite) disagree(t *testing.T, path string, body map[string]any) *restclient.Problem {
	_, err := s.fixture.civilPreparer.Post(t.Context(), path, fmt.Sprint(body["id"]), body, nil)
	var problem *restclient.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, http.StatusServiceUnavailable, problem.Status)
	require.True(t, strings.HasSuffix(problem.Type, "agencies-disagree"), problem.Type)
	s.now.note = fmt.Sprintf("; %d: %s", problem.Status, problem.Detail)
	return problem
}
