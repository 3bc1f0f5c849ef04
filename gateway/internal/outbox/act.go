package outbox

import (
	"bytes"
	"context"
	"errors"

	"relieftrail/gateway/internal/boltstore"
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
	id := key.text()
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

// fly does the act and answers all callers that wait. In doubt it goes on after that.
func (o *Outbox) fly(f *flight, key Key, call ledger.Call) {
	deadline, cancel := context.WithTimeout(o.ctx, o.opts.Deadline)
	defer cancel()
	f.answer, f.err = o.carryOut(deadline, f, key, call)
	o.mu.Lock()
	delete(o.flights, key.text())
	o.mu.Unlock()
	close(f.done)
	var pending *Pending
	if errors.As(f.err, &pending) {
		o.follow(pending.TxID)
	}
}

// carryOut settles the transaction of a key if an earlier process or flight has signed one, or else submits one.
func (o *Outbox) carryOut(ctx context.Context, f *flight, key Key, call ledger.Call) (Answer, error) {
	signed, found, err := o.unsettledOf(key)
	if err != nil {
		return Answer{}, err
	}
	if found {
		return o.settle(ctx, signed, true)
	}
	a := act{key, f.request, call}
	if o.opts.Joiner == nil || !o.opts.Joiner.Joins(&call) {
		return o.submit(ctx, call, false, a.alone)
	}
	out, err := o.acts.Do(ctx, togetherKey{call.Signer, call.Function}, a)
	if err != nil {
		return Answer{}, err
	}
	return out.answer, out.err
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
	err = o.store.Batch(func(tx *boltstore.Tx) error {
		existing = ""
		claim := keyEntry{Request: request[:], At: o.opts.Now(), JobID: jobID}
		e, found, err := bucketKeys.Get(tx, key.text())
		if err != nil {
			return err
		}
		if !found || o.expired(&e) {
			return bucketKeys.Put(tx, key.text(), claim)
		}
		if !bytes.Equal(e.Request, request[:]) {
			return ErrKeyReused
		}
		existing = e.JobID
		return nil
	})
	return existing, err
}

// Claimed is the job that a key names, "" for none.
func (o *Outbox) Claimed(key Key) (jobID string, err error) {
	e, _, err := o.entry(key)
	return e.JobID, err
}

// entry reads what is kept under a key. A key whose time is over has none.
func (o *Outbox) entry(key Key) (e keyEntry, found bool, err error) {
	err = o.store.View(func(tx *boltstore.Tx) error {
		e, found, err = bucketKeys.Get(tx, key.text())
		return err
	})
	if found && o.expired(&e) {
		return keyEntry{}, false, err
	}
	return e, found, err
}

func (o *Outbox) txOf(key Key) string {
	e, _, _ := o.entry(key)
	return e.TxID
}

// unsettledOf is the signed transaction of a key whose end is not known, with the result of the key's act.
func (o *Outbox) unsettledOf(key Key) (ledger.Signed, bool, error) {
	e, found, err := o.entry(key)
	if err != nil || !found || e.TxID == "" {
		return ledger.Signed{}, false, err
	}
	signed, kept, err := o.unsettled(e.TxID)
	for i := range kept.Acts {
		if act := &kept.Acts[i]; string(act.Key) == key.text() && act.Result != nil {
			signed.Result = act.Result
		}
	}
	return signed, kept.Envelope != nil, err
}

func (o *Outbox) unsettled(txID string) (signed ledger.Signed, e txEntry, err error) {
	err = o.store.View(func(tx *boltstore.Tx) error {
		e, _, err = bucketTxs.Get(tx, txID)
		signed = ledger.Signed{TxID: txID, Signer: e.Signer, Envelope: e.Envelope, Result: e.Result}
		return err
	})
	return signed, e, err
}
