package oversight

import "crypto/sha256"

// tree is the Merkle tree hash of RFC 6962 over leaf hashes as they come. It keeps the roots of the full subtrees alone, the
// largest first.
type tree struct {
	size  uint64
	roots [][32]byte
}

func (t *tree) add(leaf [32]byte) {
	t.roots = append(t.roots, leaf)
	t.size++
	for size := t.size; size%2 == 0; size /= 2 {
		t.join()
	}
}

// join joins the last two subtrees.
func (t *tree) join() {
	n := len(t.roots)
	t.roots[n-2] = parent(t.roots[n-2], t.roots[n-1])
	t.roots = t.roots[:n-1]
}

// root is the hash of the tree; of an empty one the hash of no bytes.
func (t *tree) root() [32]byte {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	whole := tree{roots: append([][32]byte(nil), t.roots...)}
	for len(whole.roots) > 1 {
		whole.join()
	}
	return whole.roots[0]
}

func parent(left, right [32]byte) [32]byte {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// Root is the RFC 6962 root over rows in their order.
func Root(rows []Row) [32]byte {
	return RootOf(Hashes(rows))
}

// Hashes are the leaf hashes of rows.
func Hashes(rows []Row) [][32]byte {
	hashes := make([][32]byte, len(rows))
	for i := range rows {
		hashes[i] = rows[i].Hash()
	}
	return hashes
}

// Path is the inclusion path of RFC 6962 (section 2.1.1) of the n-th of some leaf hashes, from the leaf up: with it, the leaf's hash
// and the number of leaves anyone works the root out.
func Path(leaves [][32]byte, n int) [][32]byte {
	if len(leaves) < 2 {
		return nil
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	if n < k {
		return append(Path(leaves[:k], n), RootOf(leaves[k:]))
	}
	return append(Path(leaves[k:], n-k), RootOf(leaves[:k]))
}

// RootOf is the RFC 6962 root over leaf hashes.
func RootOf(leaves [][32]byte) [32]byte {
	var t tree
	for i := range leaves {
		t.add(leaves[i])
	}
	return t.root()
}
