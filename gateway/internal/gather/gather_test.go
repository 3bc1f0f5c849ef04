package gather_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/gather"
)

// item is what the tests carry: its number, and its lane.
type item struct {
	number int
	lane   uint32
}

func lanes(i item) []uint32 { return []uint32{i.lane} }

// record keeps the groups in the order of their starts.
type record struct {
	mu     sync.Mutex
	groups [][]int
	now    int
	most   int
}

// run takes a second for each group.
func (r *record) run(_ string, group []item) ([]int, error) {
	numbers := make([]int, len(group))
	for i := range group {
		numbers[i] = group[i].number
	}
	r.mu.Lock()
	r.groups = append(r.groups, numbers)
	r.now++
	r.most = max(r.most, r.now)
	r.mu.Unlock()
	time.Sleep(time.Second)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
	return numbers, nil
}

// all carries out items that come in their order, all while the first is under way.
func all(t *testing.T, g *gather.Gatherer[string, item, int], items ...item) {
	t.Helper()
	var tasks sync.WaitGroup
	for _, i := range items {
		tasks.Go(func() {
			out, err := g.Do(t.Context(), "key", i)
			require.NoError(t, err)
			require.Equal(t, i.number, out, "each has its own result")
		})
		synctest.Wait()
	}
	tasks.Wait()
	require.False(t, g.Waiting("key"))
}

func TestTheFirstGoesAtOnceAndTheOthersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, began := &record{}, time.Now()
		g := gather.New(r.run, gather.Options[item]{})
		all(t, g, item{number: 1}, item{number: 2}, item{number: 3}, item{number: 4})
		require.Equal(t, [][]int{{1}, {2, 3, 4}}, r.groups)
		require.Equal(t, 2*time.Second, time.Since(began))
	})
}

func TestKeysNeverMeet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, began := &record{}, time.Now()
		g := gather.New(r.run, gather.Options[item]{})
		var tasks sync.WaitGroup
		for n, key := range []string{"a", "b", "c"} {
			tasks.Go(func() {
				_, err := g.Do(t.Context(), key, item{number: n})
				require.NoError(t, err)
			})
		}
		tasks.Wait()
		require.Len(t, r.groups, 3)
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestWhatSharesALaneKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		g := gather.New(r.run, gather.Options[item]{
			Lanes: lanes, AtOnce: 3,
			Group: func() func(item) bool {
				var group []item
				return func(i item) bool {
					if len(group) == 2 || slices.Contains(group, i) {
						return false
					}
					group = append(group, i)
					return true
				}
			},
		})
		all(t, g, item{1, 1}, item{2, 2}, item{3, 1}, item{4, 2}, item{5, 1}, item{6, 3}, item{7, 1})
		require.Equal(t, 3, r.most)
		at := map[int]int{}
		for g, group := range r.groups {
			require.LessOrEqual(t, len(group), 2)
			for _, n := range group {
				at[n] = g
			}
		}
		require.Len(t, at, 7)
		require.True(t, at[1] < at[3] && at[3] <= at[5] && at[5] <= at[7], "%v", r.groups)
		require.Less(t, at[2], at[4])
	})
}

func TestACallerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		g := gather.New(r.run, gather.Options[item]{})
		ctx, cancel := context.WithCancel(t.Context())
		var tasks sync.WaitGroup
		for n := range 2 { // the first is under way and goes on, the second is taken back
			tasks.Go(func() {
				_, err := g.Do(ctx, "key", item{number: n})
				require.ErrorIs(t, err, context.Canceled)
			})
			synctest.Wait()
		}
		require.True(t, g.Waiting("key"))
		cancel()
		tasks.Wait()
		all(t, g, item{number: 2})
		require.Equal(t, [][]int{{0}, {2}}, r.groups)
	})
}

func TestAnErrorIsEverybodys(t *testing.T) {
	fault := errors.New("no")
	g := gather.New(func(string, []item) ([]int, error) { return nil, fault }, gather.Options[item]{})
	_, err := g.Do(t.Context(), "key", item{})
	require.ErrorIs(t, err, fault)
	short := gather.New(func(string, []item) ([]int, error) { return nil, nil }, gather.Options[item]{})
	_, err = short.Do(t.Context(), "key", item{})
	require.ErrorContains(t, err, "number of results")
}

// What is announced is waited for, but not for long.
func TestAnnouncedItemsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, began := &record{}, time.Now()
		g := gather.New(r.run, gather.Options[item]{Patience: 100 * time.Millisecond})
		first, second, gone, late := g.Expect("key"), g.Expect("key"), g.Expect("key"), g.Expect("other")
		var tasks sync.WaitGroup
		carry := func(of *gather.Coming[string, item, int], n int) {
			tasks.Go(func() {
				out, err := of.Do(t.Context(), item{number: n})
				require.NoError(t, err)
				require.Equal(t, n, out)
			})
			synctest.Wait()
		}
		carry(first, 1)
		require.Empty(t, r.groups)
		time.Sleep(10 * time.Millisecond)
		carry(second, 2)
		time.Sleep(10 * time.Millisecond)
		gone.Gone()
		gone.Gone()
		tasks.Wait()
		require.Equal(t, [][]int{{1, 2}}, r.groups)
		require.Equal(t, 1020*time.Millisecond, time.Since(began))

		began = time.Now()
		_, err := g.Do(t.Context(), "other", item{number: 3})
		require.NoError(t, err)
		require.Equal(t, 1100*time.Millisecond, time.Since(began), "who is not here in time goes with the next")
		carry(late, 4)
		tasks.Wait()
		require.Equal(t, [][]int{{1, 2}, {3}, {4}}, r.groups)
	})
}

// Each group waits for company of its own: what the one before it waited does not count.
func TestEachGroupWaitsForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		g := gather.New(r.run, gather.Options[item]{Patience: 100 * time.Millisecond})
		first, second, third := g.Expect("key"), g.Expect("key"), g.Expect("key")
		var tasks sync.WaitGroup
		carry := func(of *gather.Coming[string, item, int], n int) {
			tasks.Go(func() {
				_, err := of.Do(t.Context(), item{number: n})
				require.NoError(t, err)
			})
			synctest.Wait()
		}
		carry(first, 1) // goes after 100 ms, and takes a second
		time.Sleep(200 * time.Millisecond)
		carry(second, 2)
		time.Sleep(950 * time.Millisecond) // the second could start for 50 ms
		carry(third, 3)
		tasks.Wait()
		require.Equal(t, [][]int{{1}, {2, 3}}, r.groups)
	})
}
