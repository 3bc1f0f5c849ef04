package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/ledger"
)

const (
	conflictTries = 8 // how often a call that has lost a race is endorsed again
	reachTries    = 4 // how often peers are asked again that cannot be reached
)

// Send carries out one transaction of a longer job: it goes on through outages until ctx ends. worthwhile, if not nil,
// looks at what the contract answered and may say that there is nothing to submit; then TxID is empty.
func (o *Outbox) Send(
	ctx context.Context, owner string, call ledger.Call, worthwhile func(result []byte) bool,
) (Answer, error) {
	return o.submit(ctx, call, true, func(result []byte) (txEntry, bool, error) {
		return txEntry{Owner: owner}, worthwhile == nil || worthwhile(result), nil
	})
}

// submit endorses, keeps, submits and settles; a call that has lost a race is endorsed again. This is the only place
// that does so. entryOf says, by what the contract answered, what is kept, and whether there is anything to submit.
func (o *Outbox) submit(
	ctx context.Context, call ledger.Call, patient bool, entryOf func(result []byte) (entry txEntry, worthwhile bool, err error),
) (Answer, error) {
	return backoff.Retry(ctx, func() (Answer, error) {
		signed, err := o.endorse(ctx, call, patient)
		if err != nil {
			return Answer{}, backoff.Permanent(err)
		}
		crashpoint.Point("endorsed")
		entry, worthwhile, err := entryOf(signed.Result)
		if err != nil {
			return Answer{}, backoff.Permanent(err)
		}
		if !worthwhile {
			return Answer{Result: signed.Result}, nil
		}
		if err := o.keep(signed, entry); err != nil {
			return Answer{}, backoff.Permanent(err)
		}
		crashpoint.Point("kept")
		answer, err := o.settle(ctx, signed, false)
		crashpoint.Point("settled")
		var invalid *ledger.CommittedInvalid
		if errors.As(err, &invalid) && invalid.Conflict() {
			o.conflicts.Add(1)
			return Answer{}, err
		}
		if err != nil {
			err = backoff.Permanent(err)
		}
		return answer, err
	}, backoff.WithBackOff(pauses(20*time.Millisecond, time.Second)), backoff.WithMaxTries(conflictTries), backoff.WithMaxElapsedTime(0))
}

// endorse asks for endorsements. Peers that do not agree may be blocks apart and are asked again for a while, peers
// that cannot be reached a few times; patient goes on with both for as long as it takes. A refusal is final.
func (o *Outbox) endorse(ctx context.Context, call ledger.Call, patient bool) (ledger.Signed, error) {
	tries, began := 0, time.Now()
	return backoff.Retry(ctx, func() (ledger.Signed, error) {
		signed, err := o.ledger.Endorse(ctx, call)
		if err == nil {
			return signed, nil
		}
		tries++
		var failed *ledger.NotEndorsed
		switch {
		case !errors.As(err, &failed), failed.Refusal != nil:
			return signed, backoff.Permanent(err)
		case patient:
		case len(failed.Differ) > 0 && time.Since(began) > o.opts.ApartWait, len(failed.Differ) == 0 && tries >= reachTries:
			return signed, backoff.Permanent(err)
		}
		return signed, err
	}, backoff.WithBackOff(pauses(60*time.Millisecond, time.Second)), backoff.WithMaxElapsedTime(0))
}

func pauses(first, longest time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = first, longest
	return b
}

// keep puts the signed transaction on disk, before it is submitted for the first time.
func (o *Outbox) keep(signed ledger.Signed, entry txEntry) error {
	entry.Signer, entry.Envelope, entry.Result = signed.Signer, signed.Envelope, signed.Result
	return o.store.Batch(func(tx *boltstore.Tx) error {
		if err := bucketTxs.Put(tx, signed.TxID, entry); err != nil {
			return err
		}
		for i := range entry.Acts {
			act := &entry.Acts[i]
			err := bucketKeys.Put(tx, string(act.Key), keyEntry{Request: act.Request, At: o.opts.Now(), TxID: signed.TxID})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// settle stays with a kept transaction to its end. Without an end in time it returns *Pending. inDoubt is true when the
// transaction may have been submitted before.
func (o *Outbox) settle(ctx context.Context, signed ledger.Signed, inDoubt bool) (Answer, error) {
	commit, err := o.await(ctx, signed, inDoubt)
	if err != nil {
		return Answer{}, &Pending{TxID: signed.TxID}
	}
	crashpoint.Point("committed")
	o.saw(signed.Signer, commit.Block)
	if err := o.forget(signed, commit); err != nil {
		// The caller learns the end. On disk the transaction is still in doubt until the store can be written again.
		o.opts.Log.Warn("the end of a transaction could not be kept yet", "tx_id", signed.TxID, "error", err)
		o.follow(signed.TxID)
	}
	if !commit.Valid {
		return Answer{}, &ledger.CommittedInvalid{Commit: commit}
	}
	return Answer{TxID: signed.TxID, Block: commit.Block, Result: signed.Result}, nil
}

// await submits until a block holds the transaction or ctx ends: in doubt it asks by id, and when no block holds the
// transaction it sends the same bytes again. A transaction that an orderer took and lost is found out after the first,
// short wait; the next ones are longer, so that a slow network is not sent everything twice.
func (o *Outbox) await(ctx context.Context, signed ledger.Signed, inDoubt bool) (ledger.Commit, error) {
	patience := o.opts.StatusWait / 4
	return backoff.Retry(ctx, func() (ledger.Commit, error) {
		if inDoubt {
			if c, ok, err := o.ledger.Find(ctx, signed.TxID); err == nil && ok {
				return c, nil
			}
			o.resent.Add(1)
		}
		inDoubt = true
		c, err := o.once(ctx, signed, patience)
		patience = min(2*patience, o.opts.StatusWait)
		var invalid *ledger.CommittedInvalid
		if errors.As(err, &invalid) && invalid.Commit.Code != "DUPLICATE_TXID" {
			return invalid.Commit, nil
		}
		return c, err
	}, backoff.WithBackOff(pauses(100*time.Millisecond, 3*time.Second)), backoff.WithMaxElapsedTime(0))
}

// conclude brings a transaction that is on disk to its end and takes it off, however long that takes.
func (o *Outbox) conclude(ctx context.Context, txID string) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		signed, kept, err := o.unsettled(txID)
		if err != nil || kept.Envelope == nil {
			return struct{}{}, err
		}
		commit, err := o.await(ctx, signed, true)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, o.forget(signed, commit)
	}, backoff.WithBackOff(pauses(100*time.Millisecond, 10*time.Second)), backoff.WithMaxElapsedTime(0))
	return err
}

// once submits and waits for the commit. A failed submission may have been taken all the same, so both kinds of doubt
// end at the caller's question by id.
func (o *Outbox) once(ctx context.Context, signed ledger.Signed, patience time.Duration) (ledger.Commit, error) {
	if err := o.ledger.Submit(ctx, signed); err != nil {
		return ledger.Commit{}, err
	}
	crashpoint.Point("submitted")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return o.ledger.Status(ctx, signed)
}

// forget takes a settled transaction off the disk; a valid one's answers stay under the keys of its acts, an invalid one frees
// them.
func (o *Outbox) forget(signed ledger.Signed, commit ledger.Commit) error {
	return o.store.Batch(func(tx *boltstore.Tx) error {
		e, found, err := bucketTxs.Get(tx, signed.TxID)
		if err != nil || !found {
			return err
		}
		if err := bucketTxs.Delete(tx, signed.TxID); err != nil {
			return err
		}
		for i := range e.Acts {
			if err := e.Acts[i].end(tx, &e, commit); err != nil {
				return err
			}
		}
		return nil
	})
}

// end keeps what became of an act under its key.
func (a *actEntry) end(tx *boltstore.Tx, of *txEntry, commit ledger.Commit) error {
	key := string(a.Key)
	if !commit.Valid {
		return bucketKeys.Delete(tx, key)
	}
	entry, found, err := bucketKeys.Get(tx, key)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("the key of transaction %s is gone", commit.TxID)
	}
	entry.Done, entry.Block, entry.Result = true, commit.Block, a.Result
	if a.Result == nil {
		entry.Result = of.Result
	}
	return bucketKeys.Put(tx, key, entry)
}

// recoverAtOnce bounds how many transactions Recover has in its hands at a time.
const recoverAtOnce = 32

// Recover settles every transaction that an earlier process left in doubt.
func (o *Outbox) Recover(ctx context.Context) error {
	var ids []string
	if err := o.store.View(func(tx *boltstore.Tx) error {
		for c := bucketTxs.All(tx); c.Next(); {
			ids = append(ids, c.Key())
		}
		return nil
	}); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(recoverAtOnce)
	for _, id := range ids {
		group.Go(func() error {
			if err := o.conclude(ctx, id); err != nil {
				return err
			}
			o.opts.Log.Info("settled what an earlier process had begun", "tx_id", id)
			return nil
		})
	}
	return group.Wait()
}

// DiskFull reports whether something could not be kept for want of space. bbolt gives some of its errors as text only.
func DiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		err != nil && strings.Contains(err.Error(), syscall.ENOSPC.Error())
}
