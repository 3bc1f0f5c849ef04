package jobs

import (
	"context"
	"errors"
	"io"
	"sync"

	"relieftrail/gateway/internal/intake"
)

const (
	linesTogether = 128 // lines that are handed on at a time
	groupsWaiting = 2   // groups that wait to be worked on
)

// readLine is a line of a file: a value, or the refusal of one.
type readLine struct {
	intake.Line
	refusal *intake.Refusal
}

// lineSource gives the lines of a file in their order. It reads some hundred lines ahead in a goroutine of its own: while a job looks
// at the roll, makes tags or seals, the next lines are read.
type lineSource struct {
	stop   context.CancelFunc
	tasks  sync.WaitGroup
	groups chan []*readLine
	group  []*readLine // of which the first is the next line
	end    error       // what ended the reading; to be looked at when groups is closed
}

// readAhead begins to read. Whoever asked for it calls close before the file is closed.
func readAhead(ctx context.Context, r *intake.Reader) *lineSource {
	ctx, stop := context.WithCancel(ctx)
	s := &lineSource{stop: stop, groups: make(chan []*readLine, groupsWaiting)}
	s.tasks.Go(func() {
		defer close(s.groups)
		for s.end == nil {
			s.end = s.read(ctx, r)
		}
	})
	return s
}

// read hands a group of lines on. Its error is what ended the reading.
func (s *lineSource) read(ctx context.Context, r *intake.Reader) (err error) {
	group := make([]*readLine, 0, linesTogether)
	for len(group) < linesTogether && err == nil {
		l := &readLine{}
		if l.Line, l.refusal, err = r.Next(); err == nil {
			group = append(group, l)
		}
	}
	select {
	case s.groups <- group:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next gives the next line, which is valid for good. At the end of the file the error is io.EOF.
func (s *lineSource) next() (*readLine, error) {
	for len(s.group) == 0 {
		group, more := <-s.groups
		if !more {
			return nil, s.end
		}
		s.group = group
	}
	l := s.group[0]
	s.group = s.group[1:]
	return l, nil
}

// close ends the reading and waits for its end.
func (s *lineSource) close() {
	s.stop()
	s.tasks.Wait()
}

// eachLine gives every line of a file to work, with its refusal if it is refused, and says now and then how many lines were read.
func (a *attempt) eachLine(r *intake.Reader, work func(*readLine) error) error {
	lines := readAhead(a.ctx, r)
	defer lines.close()
	for n := 1; ; n++ {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			a.job.read(n - 1)
			return nil
		}
		if err == nil {
			err = work(line)
		}
		if err == nil {
			err = a.progress(n)
		}
		if err != nil {
			return err
		}
	}
}
