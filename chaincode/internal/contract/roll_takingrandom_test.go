// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief/roll"
)

// split makes households of one to three of some people, each in one of them. It notes who is in one.
func split(r *rand.Rand, people []int, somewhere map[int]bool) (lines []roll.Input) {
	for len(people) > 0 {
		n := min(1+r.IntN(3), len(people))
		for _, p := range people[:n] {
			somewhere[p] = true
		}
		lines = append(lines, headOf(people[0], n, people[1:n]...))
		people = people[n:]
	}
	return lines
}

// Whatever households people form on three rolls, each person is paid once: as many persons are taken as there are people. When
// others come onto the first roll afterwards and the month is taken once more, nobody is paid again.
func TestEverybodyIsTakenOnce(t *testing.T) {
	const people = 24
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 23))
			w := rolls(t, fakeledger.Endorsers(1))
			somewhere := map[int]bool{}
			first := r.Perm(people)
			late := first[people/2:]
			w.puts("dibao", split(r, first[:people/4], somewhere)...)
			w.puts("tekun", split(r, r.Perm(people)[:people/2], somewhere)...)
			w.puts("guer", split(r, r.Perm(people)[:people/2], somewhere)...)
			rate := w.rate("2026-08", "35.00")
			count := func(taken []roll.Taken) (persons int) {
				for _, p := range taken {
					persons += int(p.Persons)
				}
				return persons
			}
			taken, _ := w.takenFrom("2026-08")
			require.Equal(t, len(somewhere), count(taken))
			w.chunk(w.takes("first", "2026-08", rate["digest"], linesOfTaken(taken)), len(taken), 0)

			for i, line := range split(r, late, somewhere) {
				line.Seq = uint32(i + 1)
				w.imports(rollInput("dibao", 0), chunkOf(line))
			}
			taken, _ = w.takenFrom("2026-08")
			w.takes("again", "2026-08", rate["digest"], linesOfTaken(taken))
			var entries api.RollEntries
			payload, err := w.try(civilPreparer, "roll:Segment", obj{"programme": "wujia", "county": county, "segment": 0}, nil)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(payload, &entries))
			paid := 0
			for _, e := range entries.Entries {
				paid += int(e.Persons)
			}
			require.LessOrEqual(t, paid, len(somewhere))
		})
	}
}
