package outbox

import (
	"time"

	"relieftrail/gateway/internal/boltstore"
)

const (
	expireEvery  = time.Hour
	expireAtOnce = 5_000 // keys read or deleted in one transaction of the store, so that no write waits long
)

// expired reports whether a key's time is over. A key whose transaction is not settled does not expire.
func (o *Outbox) expired(e *keyEntry) bool {
	return (e.Done || e.JobID != "") && e.At.Before(o.opts.Now().Add(-o.opts.Keep))
}

// expireRegularly frees the space of expired keys, which have no effect any more, until the outbox is closed.
func (o *Outbox) expireRegularly() {
	for {
		if err := o.expire(); err != nil {
			o.opts.Log.Warn("expired keys could not be deleted", "error", err)
		}
		timer := time.NewTimer(expireEvery)
		select {
		case <-timer.C:
		case <-o.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// expire deletes the expired keys. It looks at all keys, some at a time.
func (o *Outbox) expire() error {
	for after, more := "", true; more; {
		var expired []string
		err := o.store.View(func(tx *boltstore.Tx) (err error) {
			expired, after, more, err = o.expiredAfter(tx, after)
			return err
		})
		if err != nil {
			return err
		}
		if err := o.deleteExpired(expired); err != nil {
			return err
		}
		more = more && o.ctx.Err() == nil
	}
	return nil
}

// expiredAfter finds the expired ones among the next keys. last is the key to go on after, if there are more.
func (o *Outbox) expiredAfter(tx *boltstore.Tx, after string) (expired []string, last string, more bool, err error) {
	last = after
	c := bucketKeys.After(tx, after)
	for range expireAtOnce {
		if !c.Next() {
			return expired, last, false, nil
		}
		e, err := c.Value()
		if err != nil {
			return nil, "", false, err
		}
		if o.expired(&e) {
			expired = append(expired, c.Key())
		}
		last = c.Key()
	}
	return expired, last, true, nil
}

// deleteExpired deletes keys unless they have been used again meanwhile.
func (o *Outbox) deleteExpired(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return o.store.Update(func(tx *boltstore.Tx) error {
		for _, key := range keys {
			e, found, err := bucketKeys.Get(tx, key)
			if err != nil {
				return err
			}
			if !found || !o.expired(&e) {
				continue
			}
			if err := bucketKeys.Delete(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}
