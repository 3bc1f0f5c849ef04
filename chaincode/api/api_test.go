// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief"
)

func TestEachRowIsWhole(t *testing.T) {
	names := map[string]bool{}
	for _, r := range api.Rows() {
		require.False(t, names[r.Name], "%s is there once", r.Name)
		names[r.Name] = true
		require.Contains(t, api.Contracts(), r.Contract(), r.Name)
		require.True(t, strings.ContainsFunc(r.Zh, func(c rune) bool { return unicode.Is(unicode.Han, c) }), "%s in Chinese", r.Name)
		require.NotEmpty(t, r.En, "%s in English", r.Name)
		require.NotNil(t, r.Answer, r.Name)
		found, ok := api.Lookup(r.Name)
		require.True(t, ok && found == r, r.Name)
		if r.Fileable {
			require.NotEmpty(t, r.Act, "%s: a file is by the act's duty", r.Name)
			require.False(t, r.ReadOnly, r.Name)
			require.Contains(t, api.FileableActs(), r.Act, r.Name)
		}
		for _, key := range r.Transient {
			require.Contains(t, []string{"lines", "settlements", "roll", "persons", "pages", "sealed", "facts"}, key, r.Name)
		}
	}
}

// Each act of the table can be done: the founding document of the dev network gives its duty to an agency.
func TestEachActHasWordsAndADuty(t *testing.T) {
	var registry struct{ Duties []relief.Duty }
	require.NoError(t, json.Unmarshal(founding.Dev, &registry))
	for _, act := range api.Acts() {
		zh, en := api.ActWords(act)
		require.NotEmpty(t, zh, act)
		require.NotEmpty(t, en, act)
		require.True(t, slices.ContainsFunc(registry.Duties, func(d relief.Duty) bool { return d.Act == act }), "a duty for %s", act)
	}
	for _, d := range registry.Duties {
		require.Contains(t, api.Acts(), d.Act)
	}
}

func TestLookupTakesOneSpelling(t *testing.T) {
	for _, name := range []string{"", "payment", "payment:", "payment:open", "Payment:Open", ":Open", "case:ImportRoll", "payment:Open "} {
		_, ok := api.Lookup(name)
		require.False(t, ok, name)
	}
}
