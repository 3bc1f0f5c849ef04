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
	var t tree
	for i := range rows {
		t.add(rows[i].Hash())
	}
	return t.root()
}
