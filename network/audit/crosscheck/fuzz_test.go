package crosscheck

import (
	"bytes"
	"testing"
)

// Blocks come from peers that are not trusted: no content makes the parser fail, and what it reads it writes back
// unchanged.
func FuzzBlock(f *testing.F) {
	w := newWorld(&testing.T{})
	w.add(spec{writes: map[string]string{"a": "1"}, reads: []string{"b"}})
	for i := range w.blocks {
		f.Add(appendBlock(nil, &w.blocks[i]))
	}
	f.Add([]byte{})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	c, err := newConfiguration(testChannel, w.config)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := ParseBlock(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(appendBlock(nil, &b), raw) {
			t.Error("a block is not written as it was read")
		}
		v := c.verify(b)
		c.checkSignatures(&b, 0, v.when())
		if envelope, channel, err := configOf(&b); err == nil && envelope != nil {
			_, _ = c.next(envelope, channel)
			_, _ = newConfiguration(channel, envelope.GetConfig())
		}
		r := newReplay(testChaincode)
		r.apply(v)
		nextCommitHash(nil, v)
	})
}

func FuzzTransaction(f *testing.F) {
	w := newWorld(&testing.T{})
	f.Add(w.transaction(spec{writes: map[string]string{"a": "1"}}))
	c, err := newConfiguration(testChannel, w.config)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if tx, err := parseTransaction(raw); err == nil {
			tx.check(c, true)
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte("relieftrail/test\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x AQIDBAUG\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := parseCheckpoint(raw); err == nil && !bytes.HasPrefix(raw, c.text) {
			t.Error("the text that is signed is not the note's")
		}
	})
}

func FuzzPieces(f *testing.F) {
	w := newWorld(&testing.T{})
	w.add(spec{writes: map[string]string{"a": "1"}})
	f.Add(w.blockFile())
	f.Fuzz(func(t *testing.T, content []byte) {
		for n, size := uint64(0), len(content)+1; len(content) > 0; n++ {
			if len(content) >= size {
				t.Fatal("nextPiece makes no progress")
			}
			size = len(content)
			_, content, _ = nextPiece(content, n)
		}
	})
}
