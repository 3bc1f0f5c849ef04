package limit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEachAddressHasItsOwnBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewByAddress(2, 3)
		for range 3 {
			require.Zero(t, l.Empty("192.0.2.1"))
			require.Zero(t, l.Wait("192.0.2.1"))
		}
		require.Equal(t, time.Second/2, l.Wait("192.0.2.1"))
		require.Equal(t, time.Second/2, l.Empty("192.0.2.1"))
		require.Equal(t, "1", RetryAfter(l.Wait("192.0.2.1")))
		require.Zero(t, l.Wait("192.0.2.2"))
		require.Equal(t, time.Second/2, l.Wait("::ffff:192.0.2.1"), "the same address, written as IPv6")
		time.Sleep(time.Second / 2)
		require.Zero(t, l.Wait("192.0.2.1"))
	})
}

// A subscriber has a whole network of IPv6 addresses.
func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	l := NewByAddress(0.01, 2)
	for i := range 2 {
		require.Zero(t, l.Wait(fmt.Sprintf("2001:db8::%d", i)))
	}
	require.NotZero(t, l.Wait("2001:db8::ffff:0:1"))
	require.NotZero(t, l.Wait("2001:db8::1%eth0"))
	require.Zero(t, l.Wait("2001:db8:0:1::1"))
}

func TestWhatIsNoAddressIsLimitedToo(t *testing.T) {
	l := NewByAddress(0.01, 1)
	require.Zero(t, l.Wait(""))
	require.NotZero(t, l.Wait("no address"))
	require.NotZero(t, l.Empty(""))
}

func TestNoRateIsNoLimit(t *testing.T) {
	l := NewByAddress(0, 0)
	for range 100 {
		require.Zero(t, l.Wait("192.0.2.1"))
		require.Zero(t, l.Empty("192.0.2.1"))
	}
}
