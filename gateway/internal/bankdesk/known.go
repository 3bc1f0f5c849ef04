package bankdesk

import (
	"errors"
	"fmt"

	"relieftrail/gateway/internal/boltstore"
)

// dedupRecord is which message has a name, and the hash of what it says; of a statement's balances its form.
type dedupRecord struct {
	Message string `json:"message"`
	Digest  string `json:"digest"`
	Place   int    `json:"place,omitempty"` // of a statement in its message, from 1
}

var errDuplicateMessage = errors.New("the message's id is taken")

func messageKey(m *Message) string {
	key := "m\x00" + string(m.Kind) + "\x00" + m.MessageID
	if m.Page > 0 {
		key += fmt.Sprintf("\x00%d", m.Page)
	}
	return key
}

// known finds the message that came before under the same id.
func (d *Desk) known(p *ParsedMessage) (found Message, ok bool, err error) {
	m := &p.message
	var conflict *Conflict
	err = d.store.Update(func(tx *boltstore.Tx) error {
		k, has, err := bucketKnown.Get(tx, messageKey(m))
		if err != nil || !has {
			return err
		}
		if found, ok, err = bucketMessages.Get(tx, k.Message); err != nil || !ok {
			return err
		}
		if k.Digest == m.SHA256 && corrects(tx, &found, m) {
			ok = false
			return bucketKnown.Delete(tx, messageKey(m))
		}
		if k.Digest != m.SHA256 {
			x := Exception{
				ID: exceptionID(m.ID, 0), Message: k.Message, Reason: MessageConflict, Batch: m.Batch,
				State: StateOpen, RaisedAt: m.ReceivedAt,
			}
			conflict = &Conflict{x.ID}
			return putException(tx, &x)
		}
		if found.State == Failed {
			found.State, found.Error = Received, ""
			return putMessage(tx, &found)
		}
		found.Duplicate = true
		return nil
	})
	switch {
	case err != nil:
		return Message{}, false, err
	case conflict != nil:
		return Message{}, true, conflict
	case ok:
		d.wakeUp()
	}
	return found, ok, nil
}

// corrects reports whether a message, which comes again, has a statement that was not taken because of another one, which was
// withdrawn since.
func corrects(tx *boltstore.Tx, before, again *Message) bool {
	for i := range before.Statements {
		s := &before.Statements[i]
		if !s.Conflict || i >= len(again.Statements) {
			continue
		}
		k, known, err := bucketKnown.Get(tx, numberKey(before, again.Statements[i].owner, s))
		if err == nil && known && withdrawnStatement(tx, k.Message, k.Place) {
			return true
		}
	}
	return false
}

// number looks whether a statement came before, by its account, id, day, number and page: numbers, and ids of some banks,
// begin again each year.
func (d *Desk) number(tx *boltstore.Tx, m *Message, i int) error {
	s := &m.Statements[i]
	if s.Aside != NotAside {
		return nil
	}
	key := numberKey(m, s.owner, s)
	k, ok, err := bucketKnown.Get(tx, key)
	switch {
	case err != nil:
		return err
	case !ok, withdrawnStatement(tx, k.Message, k.Place):
		return errors.Join(bucketKnown.Put(tx, key, dedupRecord{m.ID, s.Digest, i + 1}), otherForm(tx, m, i))
	case k.Message == m.ID: // twice in one message
		s.Repeated = true
	default:
		s.Repeated, s.Conflict = k.Digest == s.Digest, k.Digest != s.Digest
	}
	if s.Conflict {
		x := Exception{
			ID: exceptionID(m.ID, -1-i), Message: m.ID, Reason: StatementConflict, Batch: m.Batch, Statement: s.ID,
			State: StateOpen, RaisedAt: m.ReceivedAt,
		}
		m.Counts.Exceptions++
		return putException(tx, &x)
	}
	return nil
}

// otherForm marks a statement that came before in another form, camt.053 or MT940, which has another name in it: of the same account and day,
// between the same balances, with the same sums.
func otherForm(tx *boltstore.Tx, m *Message, i int) error {
	s := &m.Statements[i]
	if !m.Kind.Statement() || s.Opening == nil || s.Closing == nil || s.Page > 0 {
		return nil
	}
	key := fmt.Sprintf("t\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s", s.owner, s.Day, s.Opening, s.Closing, s.Debits, s.Credits)
	k, ok, err := bucketKnown.Get(tx, key)
	switch {
	case err != nil:
		return err
	case !ok, withdrawnStatement(tx, k.Message, k.Place):
		return bucketKnown.Put(tx, key, dedupRecord{Message: m.ID, Digest: string(m.Kind), Place: i + 1})
	}
	s.Repeated = k.Digest != string(m.Kind)
	return nil
}

// numberKey names a statement, or a page of one, as the bank does.
func numberKey(m *Message, owner string, s *StatementRecord) string {
	return fmt.Sprintf("s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d", m.Kind, owner, s.ID, s.Day, s.Sequence, s.Page)
}
