package rollimport

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// turned is a line whose tags are made with the key of epoch 2; those of epoch 1 are with it.
func turned(seq uint32, person, name, account byte) Line {
	l := line(seq, person, name, account)
	l.Under = []roll.Payee{{Name: relief.Tag{2, name}, Account: relief.Tag{2, account}}, l.Payee}
	l.Payee = l.Under[0]
	return l
}

// A roll whose tags are of an earlier epoch is compared under the key of that epoch: nobody changes who is the same.
func TestARollWithTagsOfAnEarlierEpoch(t *testing.T) {
	on := onRoll(t, line(2, 1, 1, 1), line(3, 2, 2, 2), line(4, 3, 3, 3))
	c := Compare([]Line{turned(2, 1, 1, 1), turned(3, 2, 2, 9), turned(4, 4, 4, 3)}, nil, on, from, nil)
	require.Equal(t, 1, c.Unchanged.Count)
	require.Equal(t, 1, c.Changed.Count)
	require.Equal(t, roll.Payee{Name: relief.Tag{1, 2}, Account: relief.Tag{2, 9}}, c.lines[1].Payee)
	require.Equal(t, []Change{{Column: ColumnAccount}}, c.changes(&c.lines[1]))
	require.Equal(t, []int{4}, refused(c), "the account is somebody else's, whatever the epoch of the tag")
	require.Equal(t, relief.LineSharedAccount, c.lines[2].Code)

	again := Compare([]Line{turned(2, 4, 4, 3)}, nil, on, from, map[relief.Tag]bool{{1, 3}: true})
	require.Empty(t, refused(again), "a declaration counts under whatever key it was made")
	require.Contains(t, SharedAccounts([]Line{turned(2, 4, 4, 3)}, on), relief.Tag{1, 3})
}
