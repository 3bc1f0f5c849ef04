package crosscheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// What any act accepts, the cross-check reads: random acts with values at and beyond every bound leave no value that it could not.
// The acts come from a program of their own, which has another generation of Fabric's messages. Their signers are not those of the
// transaction here, so that the cross-check finds other things. RELIEF_ACTS sets how many acts.
func TestWhatIsAcceptedIsRead(t *testing.T) {
	total := 1_000
	if s := os.Getenv("RELIEF_ACTS"); s != "" {
		var err error
		total, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	tx, err := parseTransaction(newWorld(t).transaction(spec{}))
	require.NoError(t, err)
	const round = 5_000
	for n := 0; n*round < total; n++ {
		acts := strconv.Itoa(min(round, total-n*round))
		out, err := exec.CommandContext(t.Context(), "go", "run", "relieftrail/chaincode/fakeledger/randomacts/dump", "-acts", acts, "-seed", strconv.Itoa(200+n)).Output()
		require.NoError(t, err)
		state := newLedgerState()
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var written struct {
				Function string `json:"function"`
				Writes   []struct{ Key, Value []byte }
			}
			err := d.Decode(&written)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			var records []record
			for _, w := range written.Writes {
				k, ok := relief.ParseKey(string(w.Key))
				require.True(t, ok, "%q", w.Key)
				records = append(records, record{key: k, name: string(w.Key), value: w.Value})
			}
			for _, p := range state.apply(tx, records) {
				require.NotContains(t, p.detail, "cannot be read", written.Function)
			}
		}
		require.NotEmpty(t, state.Batches)
		state.paidTwice()
	}
}
