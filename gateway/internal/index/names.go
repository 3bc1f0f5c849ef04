package index

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/gateway/internal/ledger"
)

// names caches what the numbers of words, identities and endorsements stand for, of which there are few, and transactions that
// were read lately. A number keeps its meaning as long as the tables live.
type names struct {
	words        numbered[string]
	identities   numbered[ledger.Identity]
	endorsers    numbered[[]ledger.Identity]
	transactions *lru.Cache[int64, *ledger.Transaction] // by their places
}

// transactionsKept bounds the transactions in memory, of some 200 bytes each: those of 8 million payments.
const transactionsKept = 1 << 15

func (n *names) clear() {
	n.transactions.Purge()
	n.words.clear()
	n.identities.clear()
	n.endorsers.clear()
}

// numbered is a map from numbers, safe for concurrent use.
type numbered[T any] struct {
	mu     sync.RWMutex
	values map[int64]T
}

func (n *numbered[T]) get(number int64) (v T, ok bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	v, ok = n.values[number]
	return v, ok
}

func (n *numbered[T]) put(number int64, v T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.values == nil {
		n.values = map[int64]T{}
	}
	n.values[number] = v
}

func (n *numbered[T]) clear() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.values = nil
}

func (r *reader) word(n int64) (string, error) {
	if word, ok := r.names.words.get(n); ok {
		return word, nil
	}
	var word string
	if err := r.tx.QueryRowContext(r.ctx, "SELECT word FROM words WHERE n = $1", n).Scan(&word); err != nil {
		return "", err
	}
	r.names.words.put(n, word)
	return word, nil
}

func (r *reader) identity(n int64) (ledger.Identity, error) {
	if i, ok := r.names.identities.get(n); ok {
		return i, nil
	}
	var i ledger.Identity
	row := r.tx.QueryRowContext(r.ctx, "SELECT agency, name, role, region FROM identities WHERE n = $1", n)
	if err := row.Scan(&i.MSPID, &i.Name, &i.Role, &i.Region); err != nil {
		return i, err
	}
	r.names.identities.put(n, i)
	return i, nil
}

// endorsers are the members of an endorsement. The caller must not change them.
func (r *reader) endorsers(n int64) ([]ledger.Identity, error) {
	if all, ok := r.names.endorsers.get(n); ok {
		return all, nil
	}
	var members string
	if err := r.tx.QueryRowContext(r.ctx, "SELECT members FROM endorsements WHERE n = $1", n).Scan(&members); err != nil {
		return nil, err
	}
	var all []ledger.Identity
	for member := range strings.SplitSeq(members, ",") {
		if member == "" {
			continue // an endorsement by nobody is the empty text
		}
		i, err := strconv.ParseInt(member, 10, 64)
		if err != nil {
			return nil, err
		}
		endorser, err := r.identity(i)
		if err != nil {
			return nil, err
		}
		all = append(all, endorser)
	}
	all = slices.Clip(all)
	r.names.endorsers.put(n, all)
	return all, nil
}
