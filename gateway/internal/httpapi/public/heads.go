package public

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"relieftrail/chaincode/relief/casework"
)

const (
	// namesKept bounds how many masked names are remembered; one is a character and an asterisk.
	namesKept = 10_000
	// namelessTime is how long a name that could not be had is not asked for again.
	namelessTime = 5 * time.Minute
	// The peer is asked for so many names a second, and so many at once, whatever the public asks: a page has maxNotices.
	namesPerSecond = 5
	namesAtOnce    = maxNotices
	// tellEvery is how often the log says that notices go without names.
	tellEvery = time.Minute
)

// heads are the masked names of the heads of households on notice. Whatever the public asks, and however often, the peer is
// asked for a few names a second, and for none that the official of the setting public.notices_as may not read.
type heads struct {
	known *lru.Cache[string, head] // by case and hash of its facts
	asks  *rate.Limiter

	mu       sync.Mutex
	nameless int // notices that went without a name since the log said so
	told     time.Time
}

// head is a masked name; "" for one that could not be had at a time.
type head struct {
	masked string
	at     time.Time
}

func newHeads() *heads {
	known, _ := lru.New[string, head](namesKept) // fails for a size of 0 only
	return &heads{known: known, asks: rate.NewLimiter(namesPerSecond, namesAtOnce)}
}

// headOf is the masked name of the head of a household: the ledger has no name, so it is unsealed in the name of the official
// that the setting public.notices_as names, if their region covers the case's and their duty allows. Otherwise the notice goes
// without a name. Only the mask leaves this function.
func (h *Handlers) headOf(ctx context.Context, c *casework.Case) string {
	if h.Persons == nil || h.Settings.NoticesAs == "" {
		return ""
	}
	by, ok := h.core.Ledger.Identity(h.Settings.NoticesAs)
	if !ok || !by.Official().Region.Covers(c.Region) {
		h.namelessNotice(ctx)
		return ""
	}
	key := string(c.ID) + "\x00" + c.Facts
	if known, ok := h.heads.known.Get(key); ok && (known.masked != "" || time.Since(known.at) < namelessTime) {
		return known.masked
	}
	if !h.heads.asks.Allow() {
		return "" // the next answer may have it
	}
	name, err := h.unsealHead(ctx, c)
	masked := ""
	if err == nil {
		masked = maskName(name)
	}
	h.heads.known.Add(key, head{masked, time.Now()})
	if masked == "" {
		h.namelessNotice(ctx)
	}
	return masked
}

// namelessNotice has the log say now and then how many notices went without a name.
func (h *Handlers) namelessNotice(ctx context.Context) {
	h.heads.mu.Lock()
	defer h.heads.mu.Unlock()
	h.heads.nameless++
	if time.Since(h.heads.told) < tellEvery {
		return
	}
	h.core.Log.WarnContext(ctx, "public notices go without a name: the official of public.notices_as may not read it",
		"count", h.heads.nameless)
	h.heads.nameless, h.heads.told = 0, time.Now()
}
