package bankdesk

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
)

var (
	bucketMessages   = boltstore.JSON[Message]("messages")      // by id, which begins with the time of arrival
	bucketPending    = boltstore.Bytes("pending")               // ids of the messages that are not worked through
	bucketEntries    = boltstore.JSON[[]entry]("entries")       // by message id, until it is worked through
	bucketKnown      = boltstore.JSON[dedupRecord]("known")     // by kind and name: which message or statement has it
	bucketMentions   = boltstore.JSON[mention]("seen")          // by kind, payment and outcome: which entry said so
	bucketExceptions = boltstore.JSON[Exception]("exceptions")  // by id
	bucketOpen       = boltstore.Bytes("open")                  // ids of the exceptions that are not resolved
	bucketTotals     = boltstore.JSON[BatchTotals]("posted")    // by batch, message and place of the statement in it
	bucketStatements = boltstore.JSON[BatchTotals]("stated")    // by message and place of the statement in it
	bucketWithdrawn  = boltstore.Bytes("withdrawn")             // likewise: the statements that were withdrawn
	bucketFiles      = boltstore.Bytes("files")                 // by message id of a payment file: the batch
	bucketFileTotals = boltstore.JSON[fileTotals]("filetotals") // by message id of a payment file
	bucketKept       = boltstore.Bytes("kept")                  // by batch and hash: the objects that are payment files
	bucketErased     = boltstore.JSON[erasedFile]("erased")     // by batch: files that are not given any more
)

func openStore(path string) (*boltstore.Store, error) {
	return boltstore.Open(path, bucketMessages, bucketPending, bucketEntries, bucketKnown, bucketMentions,
		bucketExceptions, bucketOpen, bucketTotals, bucketStatements, bucketWithdrawn, bucketFiles, bucketFileTotals, bucketKept, bucketErased)
}

// putMessage stores a message, and makes it pending or not by its state.
func putMessage(tx *boltstore.Tx, m *Message) error {
	if err := bucketMessages.Put(tx, m.ID, *m); err != nil {
		return err
	}
	if m.State == Received {
		return bucketPending.Put(tx, m.ID, nil)
	}
	return bucketPending.Delete(tx, m.ID)
}

// saveMessage is putMessage in a transaction of its own.
func (d *Desk) saveMessage(m *Message) error {
	return d.store.Update(func(tx *boltstore.Tx) error { return putMessage(tx, m) })
}

// putException stores an exception without the words of its reason, and makes it open or not by its state.
func putException(tx *boltstore.Tx, x *Exception) error {
	stored := *x
	stored.Text = ""
	if err := bucketExceptions.Put(tx, x.ID, stored); err != nil {
		return err
	}
	if x.State == StateOpen {
		return bucketOpen.Put(tx, x.ID, nil)
	}
	return bucketOpen.Delete(tx, x.ID)
}

// totalsKey names what a message says of a batch: in a statement, by its place in the message from 1, or outside of one, 0.
func totalsKey(batch relief.BatchID, message string, place int) string {
	return string(batch) + "\x00" + statementTotalsKey(message, place)
}

func statementTotalsKey(message string, place int) string {
	return fmt.Sprintf("%s\x00%06d", message, place)
}
