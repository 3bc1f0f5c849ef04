package bankdesk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/objectstore"
)

// Index is what the desk asks of the index of the ledger to erase what is erased there.
type Index interface {
	BatchesOf(ctx context.Context, ref relief.SubjectRef) ([]relief.BatchID, error)
	Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error)
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
}

// ErrFileErased says that a batch's payment file was deleted: it named somebody whose details were erased, or was kept as long
// as the settings say.
var ErrFileErased = errors.New("the payment file was erased")

// erasedFile is a batch whose payment files are not given any more. They are deleted at once, or when no legal hold is on
// anybody in them.
type erasedFile struct {
	At      time.Time `json:"at"`
	Deleted bool      `json:"deleted"`
}

// Erase gives the payment files that name erased people to nobody any more and deletes them, and takes out of what the bank
// wrote what it wrote of their payments. A file is whole, and its hash is on the ledger: nobody can be taken out of it. By then
// each of the person's payments has its answer, and the bank has books of its own.
func (d *Desk) Erase(ctx context.Context, e *index.Erasure) error {
	for _, ref := range e.Subjects {
		batches, err := d.options.Index.BatchesOf(ctx, ref)
		if err != nil {
			return err
		}
		if err := d.withhold(batches); err != nil {
			return err
		}
		if err := d.eraseDetails(ctx, ref); err != nil {
			return err
		}
	}
	return d.deleteWithheld(ctx)
}

// Sweep deletes payment files, and what the bank wrote of people, when they were kept as long as the settings say.
func (d *Desk) Sweep(ctx context.Context) error {
	if d.options.Keep > 0 {
		old, err := d.endedBatches(ctx, d.options.Now().Add(-d.options.Keep))
		if err != nil {
			return err
		}
		if err := errors.Join(d.withhold(old), d.dropOldDetails(ctx)); err != nil {
			return err
		}
	}
	return d.deleteWithheld(ctx)
}

// withhold marks batches whose files are not given any more.
func (d *Desk) withhold(batches []relief.BatchID) error {
	return d.store.Update(func(tx *boltstore.Tx) error {
		for _, id := range batches {
			if bucketErased.Has(tx, string(id)) {
				continue
			}
			if err := bucketErased.Put(tx, string(id), erasedFile{At: d.options.Now().UTC()}); err != nil {
				return err
			}
		}
		return nil
	})
}

// erasedFile returns ErrFileErased for a batch whose file is not given any more.
func (d *Desk) erasedFile(id relief.BatchID) error {
	return d.store.View(func(tx *boltstore.Tx) error {
		if bucketErased.Has(tx, string(id)) {
			return ErrFileErased
		}
		return nil
	})
}

// deleteWithheld deletes the files of marked batches, but those with somebody whom audit holds.
func (d *Desk) deleteWithheld(ctx context.Context) error {
	var waiting []relief.BatchID
	err := d.store.View(func(tx *boltstore.Tx) error {
		for c := bucketErased.All(tx); c.Next(); {
			f, err := c.Value()
			if err != nil {
				return err
			}
			if !f.Deleted {
				waiting = append(waiting, relief.BatchID(c.Key()))
			}
		}
		return nil
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	held, err := d.heldBatches(ctx)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		if held[id] {
			continue
		}
		if err := d.deleteFiles(ctx, id); err != nil {
			return fmt.Errorf("deleting the payment files of batch %s: %w", id, err)
		}
	}
	return nil
}

// deleteFiles deletes every payment file that was ever made for a batch.
func (d *Desk) deleteFiles(ctx context.Context, id relief.BatchID) error {
	var hashes []string
	err := d.store.View(func(tx *boltstore.Tx) error {
		for c := bucketKept.Prefix(tx, string(id)+"\x00"); c.Next(); {
			_, hash, _ := strings.Cut(c.Key(), "\x00")
			hashes = append(hashes, hash)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := d.options.Objects.Delete(ctx, hash); err != nil && !errors.Is(err, objectstore.ErrNotFound) {
			return err
		}
	}
	return d.store.Update(func(tx *boltstore.Tx) error {
		for _, hash := range hashes {
			if err := bucketKept.Delete(tx, keptKey(id, hash)); err != nil {
				return err
			}
		}
		return bucketErased.Put(tx, string(id), erasedFile{At: d.options.Now().UTC(), Deleted: true})
	})
}

func keptKey(id relief.BatchID, hash string) string { return string(id) + "\x00" + hash }

// remembersFile puts on disk that an object is a batch's payment file, before the object is: what a crash leaves behind is found
// by the row.
func (d *Desk) remembersFile(id relief.BatchID) func(objectstore.Info) error {
	return func(info objectstore.Info) error {
		return d.store.Update(func(tx *boltstore.Tx) error {
			return errors.Join(bucketKept.Put(tx, keptKey(id, info.Hash), nil), bucketErased.Delete(tx, string(id)))
		})
	}
}

// heldBatches are the batches that paid somebody whom audit holds, by name or in a case.
func (d *Desk) heldBatches(ctx context.Context) (map[relief.BatchID]bool, error) {
	held := map[relief.BatchID]bool{}
	for cursor := ""; ; {
		page, err := d.options.Index.Records(ctx, relief.KindHold, cursor, index.MaxPage, inForce)
		if err != nil {
			return nil, err
		}
		for _, document := range page.Items {
			people, err := d.heldPeople(ctx, document)
			if err != nil {
				return nil, err
			}
			for _, ref := range people {
				batches, err := d.options.Index.BatchesOf(ctx, ref)
				if err != nil {
					return nil, err
				}
				for _, id := range batches {
					held[id] = true
				}
			}
		}
		if cursor = page.Next; cursor == "" {
			return held, nil
		}
	}
}

func inForce(document json.RawMessage) (bool, error) {
	var h roll.Hold
	err := json.Unmarshal(document, &h)
	return h.State == roll.HoldInForce, err
}

// heldPeople are those whom a hold names, or the household of the case that it names.
func (d *Desk) heldPeople(ctx context.Context, document json.RawMessage) ([]relief.SubjectRef, error) {
	var h roll.Hold
	if err := json.Unmarshal(document, &h); err != nil {
		return nil, err
	}
	if h.Case == "" {
		return []relief.SubjectRef{h.Subject}, nil
	}
	document, err := d.options.Index.Record(ctx, relief.KindCase, string(h.Case))
	if err != nil {
		return nil, err
	}
	var c casework.Case
	err = json.Unmarshal(document, &c)
	return c.Members, err
}

// endedBatches are the batches with files here that came to their end before a time.
func (d *Desk) endedBatches(ctx context.Context, before time.Time) (ended []relief.BatchID, err error) {
	var batches []relief.BatchID
	err = d.store.View(func(tx *boltstore.Tx) error {
		for c := bucketKept.All(tx); c.Next(); {
			id, _, _ := strings.Cut(c.Key(), "\x00")
			batches = append(batches, relief.BatchID(id))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Compact(batches) {
		document, err := d.options.Index.Record(ctx, relief.KindBatch, string(id))
		if errors.Is(err, &relief.Error{Code: relief.CodeNotFound}) {
			continue // the index is being made
		}
		if err != nil {
			return nil, err
		}
		var b payment.Batch
		if err := json.Unmarshal(document, &b); err != nil {
			return nil, err
		}
		over := b.State == payment.BatchClosed || b.State == payment.BatchCancelled
		if over && b.Acts[len(b.Acts)-1].At.Before(before) {
			ended = append(ended, id)
		}
	}
	return ended, nil
}

// eraseDetails takes out of the bank's messages that are kept what they say of a person's payments.
func (d *Desk) eraseDetails(ctx context.Context, ref relief.SubjectRef) error {
	messages, err := d.detailed()
	if err != nil || len(messages) == 0 {
		return err
	}
	payments, err := d.paymentsOf(ctx, ref)
	if err != nil || len(payments) == 0 {
		return err
	}
	for i := range messages {
		if err := d.rewriteDetails(ctx, &messages[i], payments); err != nil {
			return err
		}
	}
	return nil
}

// detailed are the messages of which something is kept of people.
func (d *Desk) detailed() (messages []Message, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		for c := bucketMessages.All(tx); c.Next(); {
			m, err := c.Value()
			if err != nil {
				return err
			}
			if m.Details != "" {
				messages = append(messages, m)
			}
		}
		return nil
	})
	return messages, err
}

func (d *Desk) paymentsOf(ctx context.Context, ref relief.SubjectRef) (ids []string, err error) {
	for cursor := ""; ; {
		page, err := d.options.Index.Payments(ctx, index.PaymentQuery{Subject: ref}, cursor, index.MaxPage)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			ids = append(ids, page.Items[i].ID.String())
		}
		if cursor = page.Next; cursor == "" {
			return ids, nil
		}
	}
}

// rewriteDetails keeps a message's details without the lines that name one of the payments.
func (d *Desk) rewriteDetails(ctx context.Context, m *Message, payments []string) error {
	r, err := d.options.Objects.Get(ctx, m.Details)
	if errors.Is(err, objectstore.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	rest, found, err := withoutPayments(r, payments)
	if err = errors.Join(err, r.Close()); err != nil || !found {
		return err
	}
	info, err := d.options.Objects.Put(ctx, bytes.NewReader(rest), nil)
	if err != nil {
		return err
	}
	old := m.Details
	m.Details = info.Hash
	if err := d.saveMessage(m); err != nil {
		return err
	}
	if err := d.options.Objects.Delete(ctx, old); err != nil && !errors.Is(err, objectstore.ErrNotFound) {
		return err
	}
	return nil
}

func withoutPayments(r io.Reader, payments []string) (rest []byte, found bool, err error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for decoder := json.NewDecoder(r); ; {
		var line Details
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			return out.Bytes(), found, nil
		} else if err != nil {
			return nil, false, errors.New("what is kept of a bank's message cannot be read") // not the decoder's error, which may repeat it
		}
		if slices.ContainsFunc(payments, func(id string) bool { return strings.Contains(line.EndToEndID, id) }) {
			found = true
			continue
		}
		if err := encoder.Encode(line); err != nil {
			return nil, false, err
		}
	}
}

// dropOldDetails deletes what messages say of people when they were kept long enough, although an exception may be open.
func (d *Desk) dropOldDetails(ctx context.Context) error {
	messages, err := d.detailed()
	if err != nil {
		return err
	}
	before := d.options.Now().Add(-d.options.Keep)
	for i := range messages {
		if m := &messages[i]; m.State != Received && m.ReceivedAt.Before(before) {
			if err := d.dropDetails(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}
