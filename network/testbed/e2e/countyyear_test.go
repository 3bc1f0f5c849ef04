package e2e

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/testbed/year"
)

// testCountyYear: a county of 490 households lives a budget year as scripts/demo --year tells it. Each part of the year has its
// figures, and after each month the ledger's books are those of an independent reckoning.
func testCountyYear(t *testing.T) {
	officials := map[string]*restclient.Client{}
	for _, name := range year.Officials {
		officials[name] = as(t, name)
	}
	var out bytes.Buffer
	county := year.New(printer.New(&out), officials)
	err := county.Live(t.Context(), false)
	t.Log("\n" + out.String())
	require.NoError(t, err)
	for _, part := range county.Parts() {
		t.Run(fmt.Sprintf("%d, %s", part.Number, part.English), func(t *testing.T) { require.NoError(t, part.Err) })
	}
}
