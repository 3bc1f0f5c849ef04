// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFork(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, putPrivate("persons", "p", "before"))
	fork := &ledger{l.Fork(), l.cc}
	require.Equal(t, l.Height(), fork.Height())
	require.Equal(t, l.Now(), fork.Now())

	fork.commit(t, putPrivate("persons", "p", "in the fork"))
	fork.commit(t, putPrivate("persons", "q", "in the fork"))
	l.commit(t, putPrivate("persons", "p", "after"))
	assert.Equal(t, "after", string(l.GetPrivate(finance, "persons", "p")))
	assert.Nil(t, l.GetPrivate(finance, "persons", "q"))
	assert.Equal(t, "in the fork", string(fork.GetPrivate(finance, "persons", "p")))
	assert.Len(t, l.PrivateHistory(finance, "persons", "p"), 2)
	assert.Len(t, fork.PrivateHistory(finance, "persons", "p"), 2)
	assert.EqualValues(t, 3, l.Height())
	assert.EqualValues(t, 4, fork.Height())
}
