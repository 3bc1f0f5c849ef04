package index

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"relieftrail/gateway/internal/ledger"
)

// names remembers what the numbers of words, identities and endorsements stand for: a number, once given, keeps its
// meaning, and there are few.
type names struct {
	mu         sync.RWMutex
	words      map[int64]string
	identities map[int64]ledger.Identity
	endorsers  map[int64][]ledger.Identity
}

func (n *names) clear() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.words, n.identities, n.endorsers = nil, nil, nil
}

// meaning finds a number's meaning in a map of names, or else looks it up.
func meaning[T any](r *reader, in func(*names) *map[int64]T, number int64, look func() (T, error)) (T, error) {
	r.names.mu.RLock()
	v, ok := (*in(r.names))[number]
	r.names.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := look()
	if err != nil {
		return v, err
	}
	r.names.mu.Lock()
	defer r.names.mu.Unlock()
	m := in(r.names)
	if *m == nil {
		*m = map[int64]T{}
	}
	(*m)[number] = v
	return v, nil
}

func (r *reader) word(n int64) (string, error) {
	return meaning(r, func(m *names) *map[int64]string { return &m.words }, n, func() (word string, err error) {
		err = r.tx.QueryRowContext(r.ctx, "SELECT word FROM words WHERE n = $1", n).Scan(&word)
		return word, err
	})
}

func (r *reader) identity(n int64) (ledger.Identity, error) {
	return meaning(r, func(m *names) *map[int64]ledger.Identity { return &m.identities }, n, func() (i ledger.Identity, err error) {
		err = r.tx.QueryRowContext(r.ctx, "SELECT agency, name, role, region FROM identities WHERE n = $1", n).Scan(&i.MSPID, &i.Name, &i.Role, &i.Region)
		return i, err
	})
}

// endorsers are the members of an endorsement. The caller does not change them.
func (r *reader) endorsers(n int64) ([]ledger.Identity, error) {
	all, err := meaning(r, func(m *names) *map[int64][]ledger.Identity { return &m.endorsers }, n, func() (all []ledger.Identity, err error) {
		var members string
		if err := r.tx.QueryRowContext(r.ctx, "SELECT members FROM endorsements WHERE n = $1", n).Scan(&members); err != nil || members == "" {
			return nil, err
		}
		for text := range strings.SplitSeq(members, ",") {
			i, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, err
			}
			endorser, err := r.identity(i)
			if err != nil {
				return nil, err
			}
			all = append(all, endorser)
		}
		return all, nil
	})
	return slices.Clip(all), err
}
