package public

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"relieftrail/gateway/internal/httpapi/rest"
)

const (
	recentTime = time.Second // for which an answer is given again
	recentKept = 1024        // answers
)

// recent keeps what was answered for a second, unless the index gets a block before: what everybody may ask is made out once.
type recent[T any] struct {
	height  func() uint64
	answers *lru.Cache[string, answered[T]]
	flights singleflight.Group
}

type answered[T any] struct {
	value  T
	height uint64
	at     time.Time
}

func newRecent[T any](height func() uint64) *recent[T] {
	answers, _ := lru.New[string, answered[T]](recentKept) // fails for a size of 0 only
	return &recent[T]{height: height, answers: answers}
}

// get is the answer to a question, made now or a moment ago. Who hangs up does not stop it: others may wait for it. An error is
// not kept.
func (r *recent[T]) get(ctx context.Context, question string, find func(context.Context) (T, error)) (T, error) {
	if a, ok := r.answers.Get(question); ok && a.height == r.height() && time.Since(a.at) < recentTime {
		return a.value, nil
	}
	v, err, _ := r.flights.Do(question, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rest.ReadTime)
		defer cancel()
		height := r.height()
		value, err := find(ctx)
		if err == nil {
			r.answers.Add(question, answered[T]{value, height, time.Now()})
		}
		return value, err
	})
	return v.(T), err
}
