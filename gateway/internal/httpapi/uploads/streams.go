package uploads

import "sync"

// maxStreams is how many jobs one principal may follow at a time: a stream lasts as long as its job.
const maxStreams = 64

// streams counts the streams of each principal.
type streams struct {
	mu   sync.Mutex
	open map[string]int
}

// begin reports whether the principal may have another stream, which end then ends.
func (s *streams) begin(principal string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[principal] >= maxStreams {
		return false
	}
	if s.open == nil {
		s.open = map[string]int{}
	}
	s.open[principal]++
	return true
}

func (s *streams) end(principal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[principal]--; s.open[principal] == 0 {
		delete(s.open, principal)
	}
}
