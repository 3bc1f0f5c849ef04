package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"go.etcd.io/bbolt"

	"relieftrail/gateway/internal/ledger"
)

// Do carries out one act under a key. The same key and request answer what the first call did, or join it while it is
// under way; the same key with another request is ErrKeyReused. A refusal is not kept: the key may be used again when
// what stood in the way is gone. A caller that leaves does not stop the act.
func (o *Outbox) Do(ctx context.Context, key Key, request [32]byte, call ledger.Call) (Answer, error) {
	f, first, err := o.join(key, request)
	if err != nil {
		return Answer{}, err
	}
	if first {
		o.tasks.Add(1)
		go func() {
			defer o.tasks.Done()
			o.fly(f, key, call)
		}()
	}
	select {
	case <-f.done:
		answer := f.answer
		answer.Replayed = answer.Replayed || !first
		return answer, f.err
	case <-ctx.Done():
		return Answer{}, &Pending{TxID: o.txOf(key)}
	}
}

// join finds the flight of a key or starts one.
func (o *Outbox) join(key Key, request [32]byte) (f *flight, first bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil, false, errors.New("the outbox is closed")
	}
	id := string(key.bytes())
	if f = o.flights[id]; f != nil {
		if f.request != request {
			return nil, false, ErrKeyReused
		}
		return f, false, nil
	}
	entry, found, err := o.entry(key)
	switch {
	case err != nil:
		return nil, false, err
	case found && !bytes.Equal(entry.Request, request[:]):
		return nil, false, ErrKeyReused
	}
	f = &flight{request: request, done: make(chan struct{})}
	if found && entry.Done {
		f.answer = Answer{entry.TxID, entry.Block, entry.Result, true}
		o.saw(key.Principal, entry.Block)
		close(f.done)
		return f, false, nil
	}
	o.flights[id] = f
	return f, true, nil
}

// fly does the act and tells all who wait; in doubt it goes on after they were told.
func (o *Outbox) fly(f *flight, key Key, call ledger.Call) {
	deadline, cancel := context.WithTimeout(o.ctx, o.opts.Deadline)
	defer cancel()
	tx, found, err := o.unsettledOf(key)
	var answer Answer
	if err == nil {
		if found { // an earlier process or flight had signed it
			answer, err = o.settle(deadline, tx, true)
		} else {
			answer, err = o.submit(deadline, call, txEntry{Key: key.bytes()}, &f.request, nil)
		}
	}
	f.answer, f.err = answer, err
	o.mu.Lock()
	delete(o.flights, string(key.bytes()))
	o.mu.Unlock()
	close(f.done)
	var pending *Pending
	if errors.As(err, &pending) {
		o.follow(pending.TxID)
	}
}

// follow settles a transaction in the background, however long it takes.
func (o *Outbox) follow(txID string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.tasks.Add(1)
	go func() {
		defer o.tasks.Done()
		_ = o.conclude(o.ctx, txID) // its end is kept under the key; when ctx ends, by the next process
	}()
}

// Claim names a file's job under a key. existing is the job of an earlier call with the same key and request.
func (o *Outbox) Claim(key Key, request [32]byte, jobID string) (existing string, err error) {
	err = o.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketKeys)
		if v := b.Get(key.bytes()); v != nil {
			var e keyEntry
			if err := json.Unmarshal(v, &e); err != nil {
				return err
			}
			if !bytes.Equal(e.Request, request[:]) {
				return ErrKeyReused
			}
			existing = e.JobID
			return nil
		}
		return put(b, key.bytes(), keyEntry{Request: request[:], At: o.opts.Now(), JobID: jobID})
	})
	return existing, err
}

// SaveJob keeps a job's document.
func (o *Outbox) SaveJob(id string, doc []byte) error {
	return o.db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket(bucketJobs).Put([]byte(id), doc) })
}

// Job reads a job's document.
func (o *Outbox) Job(id string) (doc []byte, ok bool, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		if v := tx.Bucket(bucketJobs).Get([]byte(id)); v != nil {
			doc, ok = bytes.Clone(v), true
		}
		return nil
	})
	return doc, ok, err
}

// Jobs visits all jobs.
func (o *Outbox) Jobs(visit func(id string, doc []byte) error) error {
	return o.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketJobs).ForEach(func(k, v []byte) error { return visit(string(k), bytes.Clone(v)) })
	})
}

func (o *Outbox) entry(key Key) (e keyEntry, found bool, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		v := tx.Bucket(bucketKeys).Get(key.bytes())
		if v == nil {
			return nil
		}
		found = true
		return json.Unmarshal(v, &e)
	})
	return e, found, err
}

func (o *Outbox) txOf(key Key) string {
	e, _, _ := o.entry(key)
	return e.TxID
}

// unsettledOf is the signed transaction of a key whose end is not known.
func (o *Outbox) unsettledOf(key Key) (ledger.Signed, bool, error) {
	e, found, err := o.entry(key)
	if err != nil || !found || e.TxID == "" {
		return ledger.Signed{}, false, err
	}
	return o.unsettled(e.TxID)
}

func (o *Outbox) unsettled(txID string) (signed ledger.Signed, ok bool, err error) {
	err = o.db.View(func(tx *bbolt.Tx) error {
		v := tx.Bucket(bucketTxs).Get([]byte(txID))
		if v == nil {
			return nil
		}
		var e txEntry
		ok = true
		err := json.Unmarshal(v, &e)
		signed = ledger.Signed{TxID: txID, Signer: e.Signer, Envelope: e.Envelope, Result: e.Result}
		return err
	})
	return signed, ok, err
}

func put(b *bbolt.Bucket, key []byte, value any) error {
	doc, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, doc)
}
