package rest

import "sync"

// maxStreams is how many streams one principal may have at a time, of jobs and of the feed together.
const maxStreams = 64

// Streams counts the streams of server-sent events of each principal.
type Streams struct {
	mu   sync.Mutex
	open map[string]int
}

// Begin reports whether the principal may have another stream, which End then ends.
func (s *Streams) Begin(principal string) bool {
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

// End ends a stream that has begun.
func (s *Streams) End(principal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[principal]--; s.open[principal] == 0 {
		delete(s.open, principal)
	}
}
