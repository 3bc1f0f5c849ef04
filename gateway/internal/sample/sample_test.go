package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const lottery = "ssq:2026150:03,09,14,21,27,32+08"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ids are those of twelve payments, in order.
func ids() (all []string) {
	for i := range 12 {
		all = append(all, fmt.Sprintf("dibao-530181-%07d-202611-1", i))
	}
	return all
}

func draw(seed string, size int) *Draw {
	d := NewDraw(must(NewSeed(seed)), size)
	for i, id := range ids() {
		d.Offer([]byte(id), int64(i))
	}
	return d
}

// The vector was made by another program. It must never change: samples that were drawn can be repeated for ever.
func TestGoldenVector(t *testing.T) {
	seed := must(NewSeed(lottery))
	require.Equal(t, "4779301dac71731d5396fba225435afa56fa237c4ccedddacb2da2f299efa69a", hex.EncodeToString(seed[:]))
	order := []int64{4, 9, 7, 0, 3, 1, 6, 2, 5, 10, 8, 11}
	for size := range 14 {
		d := draw(lottery, size)
		require.Equal(t, Frame{12, "42abc1835a56b90b2a7af6a3ffd5f6c040f19c11d8231a6e500fd6127becc729"}, d.Frame())
		drawn := d.Drawn()
		require.Len(t, drawn, min(size, 12))
		for i, u := range drawn {
			require.Equal(t, order[i], u.N, "a larger sample begins with the smaller one")
		}
	}
	require.Equal(t, "06c2127638834bc1b8e69541046b9d281f65776ce8e647a4ccaa92c19dd0588a", draw(lottery, 1).Drawn()[0].Ticket.String())
}

// A draw of published lists has the same tickets: those of the vector of its design, in which the units are hashes of leaves.
func TestTicketsOfADraw(t *testing.T) {
	seed := Seed(must(hex.DecodeString("8054c59decf89cc88bce905af63902608119158c955bdc74fa848fd7d8632e3b")))
	d := NewDraw(seed, 8)
	for i := range int64(8) {
		leaf := sha256.Sum256(fmt.Appendf(nil, "leaf %d", i))
		d.Offer(leaf[:], i)
	}
	var order []int64
	for _, u := range d.Drawn() {
		order = append(order, u.N)
	}
	require.Equal(t, []int64{7, 3, 0, 6, 4, 1, 5, 2}, order)
	require.Equal(t, "5a942797578f42a6", d.Drawn()[0].Ticket.String()[:16])
}

func TestSeeds(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("9", MaxSeed+1)} {
		_, err := NewSeed(text)
		require.Error(t, err)
	}
	require.NotEqual(t, must(NewSeed("1")), must(NewSeed("2")))
}

// TestTheGuidesProgramRepeatsASample runs the program in the auditor's guide on a list as it is exported, in another order.
func TestTheGuidesProgramRepeatsASample(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	guide := must(os.ReadFile("../../../docs/guides/auditor.md"))
	program := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(guide)
	require.NotNil(t, program)
	list := "\ufeffid,subject,amount\r\n"
	all := ids()
	slices.Reverse(all)
	for _, id := range all {
		list += id + ",1-aaaaaaaaaaaaaaaaaaaaaaaaaa,620.00\r\n"
	}
	path := filepath.Join(t.TempDir(), "list.csv")
	require.NoError(t, os.WriteFile(path, []byte(list), 0o600))
	out, err := exec.CommandContext(t.Context(), python, "-c", string(program[1]), path, lottery, "3").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "12 42abc1835a56b90b2a7af6a3ffd5f6c040f19c11d8231a6e500fd6127becc729\n"+
		"dibao-530181-0000004-202611-1\ndibao-530181-0000009-202611-1\ndibao-530181-0000007-202611-1\n", string(out))
}
