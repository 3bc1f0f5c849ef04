package crosscheck

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/audit/rules"
)

// treeHash is the root of a Merkle tree over leaf hashes (RFC 6962, section 2.1).
func treeHash(leaves [][32]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	left := 1 << (bits.Len(uint(len(leaves)-1)) - 1) // the largest power of two below the length
	a, b := treeHash(leaves[:left]), treeHash(leaves[left:])
	return sha256.Sum256(append(append([]byte{1}, a[:]...), b[:]...))
}

// checkpoint is a signed state of a log (C2SP tlog-checkpoint).
type checkpoint struct {
	text       []byte // what is signed
	origin     string
	size       uint64
	root       [32]byte
	signatures []noteSignature
}

type noteSignature struct {
	name string
	sig  []byte // after the four bytes of the key's hash
	hash [4]byte
}

const maxCheckpointBytes = 64 << 10

var errCheckpoint = errors.New("the checkpoint cannot be read")

// parseCheckpoint reads a note: origin, size and root in lines of their own, an empty line, the signatures.
func parseCheckpoint(b []byte) (*checkpoint, error) {
	text, signatures, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok || len(b) > maxCheckpointBytes {
		return nil, errCheckpoint
	}
	c := &checkpoint{text: append(bytes.Clone(text), '\n')}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 3 {
		return nil, errCheckpoint
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || err2 != nil || len(root) != 32 {
		return nil, errCheckpoint
	}
	c.origin, c.size, c.root = lines[0], size, [32]byte(root)
	for line := range strings.Lines(string(signatures)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[0] != "—" {
			return nil, errCheckpoint
		}
		sig, err := base64.StdEncoding.DecodeString(fields[2])
		if err != nil || len(sig) < 5 {
			return nil, errCheckpoint
		}
		c.signatures = append(c.signatures, noteSignature{fields[1], sig[4:], [4]byte(sig[:4])})
	}
	return c, nil
}

// cosigned reports whether a checkpoint has a cosignature/v1 (C2SP tlog-cosignature) by a key: Ed25519 over time and
// note.
func (c *checkpoint) cosigned(key ed25519.PublicKey) bool {
	return slices.ContainsFunc(c.signatures, func(s noteSignature) bool {
		if len(s.sig) != 8+ed25519.SignatureSize {
			return false
		}
		at := binary.BigEndian.Uint64(s.sig)
		return ed25519.Verify(key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, c.text), s.sig[8:])
	})
}

// signed reports whether the checkpoint has the log's own signature by a key.
func (c *checkpoint) signed(key ed25519.PublicKey) bool {
	return slices.ContainsFunc(c.signatures, func(s noteSignature) bool {
		return len(s.sig) == ed25519.SignatureSize && ed25519.Verify(key, c.text, s.sig)
	})
}

// LogOf says of which of the two logs a checkpoint is.
type LogOf string

// The logs, by the paths of their checkpoints at a gateway.
const (
	OfPayments   LogOf = "/log/checkpoint"
	OfStatements LogOf = "/statements/checkpoint"
)

// Noun is what the log has.
func (l LogOf) Noun() string {
	if l == OfStatements {
		return "statements"
	}
	return "payments"
}

// leaves are the log's, as the blocks have them.
func (l LogOf) leaves(b *rules.State) [][32]byte {
	if l == OfStatements {
		return b.Statements
	}
	return b.Leaves
}

// until is the last size of the log that a retired key signs, 0 for a key in use.
func (l LogOf) until(k *registry.CosigningKey) int64 {
	if l == OfStatements {
		return k.UntilStatements
	}
	return k.UntilSize
}

// signers checks the signatures with the keys on the ledger: cosigned says for each agency whether it has cosigned, log
// whether the log's own signature is there. A retired key signs nothing beyond its last size.
func (c *checkpoint) signers(of LogOf, keys []registry.CosigningKey) (cosigned map[string]bool, log bool) {
	cosigned = map[string]bool{}
	for i := range keys {
		k := &keys[i]
		key, err := base64.StdEncoding.DecodeString(k.Key)
		if err != nil || len(key) != ed25519.PublicKeySize {
			continue
		}
		until := of.until(k)
		retired := until > 0 && c.size > uint64(until)
		if k.Use == registry.KeyUseLog {
			log = log || !retired && c.signed(key)
		} else {
			cosigned[k.Agency] = cosigned[k.Agency] || !retired && c.cosigned(key)
		}
	}
	return cosigned, log
}

// Checkpoint compares a gateway's checkpoint of a log with the log worked out from the blocks, and its cosignatures with the
// keys on the ledger. The blocks checked so far must be at least as new as the checkpoint.
func (c *Checker) Checkpoint(organisation string, of LogOf, note []byte) {
	if c.blind != "" {
		return
	}
	report := func(kind Kind, form string, args ...any) {
		c.add([]string{organisation}, Finding{Kind: kind, Detail: fmt.Sprintf(form, args...)})
	}
	p, err := parseCheckpoint(note)
	if err != nil {
		report(Log, "%v", err)
		return
	}
	leaves := of.leaves(c.replay.ledger)
	if p.size > uint64(len(leaves)) {
		report(Log, "its log has %d %s, the blocks have %d", p.size, of.Noun(), len(leaves))
		return
	}
	if root := treeHash(leaves[:p.size]); root != p.root {
		report(Log, "the root of its log at %d %s is %x, by the blocks it is %x", p.size, of.Noun(), p.root, root)
	}
	cosigned, log := p.signers(of, c.replay.ledger.Keys)
	if !log {
		report(Cosignature, "its checkpoint at %d %s is not signed by a log's key on the ledger", p.size, of.Noun())
	}
	for _, agency := range slices.Sorted(maps.Keys(cosigned)) {
		if !cosigned[agency] {
			report(Cosignature, "its checkpoint at %d %s has no valid cosignature by the key of %s on the ledger", p.size, of.Noun(), agency)
		}
	}
}
