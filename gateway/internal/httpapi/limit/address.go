package limit

import (
	"math"
	"net/netip"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// addressesKept bounds how many addresses are told apart; the one that was not seen for longest is forgotten.
const addressesKept = 65_536

// ByAddress gives each address its own bucket. It is safe for concurrent use.
type ByAddress struct {
	rate  rate.Limit
	burst int
	known *lru.Cache[netip.Prefix, *rate.Limiter]
}

// NewByAddress makes buckets that hold burst, at least 1, and are filled by so many a second; 0 a second is no limit.
func NewByAddress(perSecond float64, burst int) *ByAddress {
	known, _ := lru.New[netip.Prefix, *rate.Limiter](addressesKept) // fails for a size of 0 only
	return &ByAddress{rate.Limit(perSecond), max(burst, 1), known}
}

// Wait takes one from the bucket of an address, or says how long the address has to wait; 0 when it may go on.
func (l *ByAddress) Wait(address string) time.Duration {
	if l.rate == 0 {
		return 0
	}
	r := l.bucket(address).Reserve()
	delay := r.Delay()
	if delay > 0 {
		r.Cancel()
	}
	return delay
}

// Empty takes nothing: it says how long an address has to wait until its bucket has one; 0 when there is one.
func (l *ByAddress) Empty(address string) time.Duration {
	if l.rate == 0 {
		return 0
	}
	missing := 1 - l.bucket(address).Tokens()
	if missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(l.rate) * float64(time.Second))
}

// bucket is an address's own; of IPv6 the 64 bits that one subscriber is given count. What is no address has a bucket, too.
func (l *ByAddress) bucket(address string) *rate.Limiter {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		addr = netip.IPv4Unspecified()
	}
	bits := 32
	if addr = addr.Unmap(); addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.WithZone("").Prefix(bits) // the length fits the address
	if b, ok := l.known.Get(prefix); ok {
		return b
	}
	b := rate.NewLimiter(l.rate, l.burst)
	if earlier, ok, _ := l.known.PeekOrAdd(prefix, b); ok {
		return earlier
	}
	return b
}

// RetryAfter writes a wait as the header Retry-After has it, in whole seconds (RFC 9110, 10.2.3).
func RetryAfter(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }
