package receipt_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"math/bits"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
)

var update = flag.Bool("update", false, "write the vectors again")

const origin = "relief.example"

// signing holds the keys of the log and of all agencies, made from fixed seeds.
type signing struct {
	log      *receipt.Signer
	agencies []*receipt.Signer
	policy   string
}

func seed(name string) ed25519.PrivateKey {
	sum := sha256.Sum256([]byte("relieftrail test key " + name))
	return ed25519.NewKeyFromSeed(sum[:])
}

func newSigning(t testing.TB) *signing {
	t.Helper()
	s := &signing{log: logSigner(t, origin, "log")}
	var agencies []receipt.Agency
	for i, a := range [][3]string{{"civil", "民政部门", "Civil affairs"}, {"finance", "财政部门", "Finance"}, {"audit", "审计部门", "Audit"}} {
		c := cosigner(t, origin+"/"+a[0], a[0], i)
		s.agencies = append(s.agencies, c)
		agencies = append(agencies, receipt.Agency{Name: receipt.AgencyName(a[1], a[2]), Key: c.Key})
	}
	s.policy = receipt.NewPolicy(s.log.Key, agencies)
	return s
}

func logSigner(t testing.TB, name, key string) *receipt.Signer {
	t.Helper()
	s, err := receipt.NewLogSigner(name, seed(key))
	require.NoError(t, err)
	return s
}

func cosigner(t testing.TB, name, key string, seconds int) *receipt.Signer {
	t.Helper()
	at := time.Date(2026, 11, 12, 1, 30, seconds, 0, time.UTC)
	s, err := receipt.NewCosigner(name, seed(key), func() time.Time { return at })
	require.NoError(t, err)
	return s
}

func (s *signing) all() []note.Signer {
	return []note.Signer{s.log, s.agencies[0], s.agencies[1], s.agencies[2]}
}

func (s *signing) trusted(t testing.TB) *receipt.Policy {
	t.Helper()
	p, err := receipt.ParsePolicy([]byte(s.policy))
	require.NoError(t, err)
	return p
}

func aLeaf() relief.Leaf {
	id, err := relief.ParsePaymentID("dibao-530181-0000298-202611-1")
	if err != nil {
		panic(err)
	}
	ref, err := relief.ParseSubjectRef("1-m5xw63dfovrxi2lpnzuxg5djmm")
	if err != nil {
		panic(err)
	}
	return relief.Leaf{
		Payment: id, Region: "530181003214", Subject: ref, Amount: 62000, Day: 20767, Batch: "dibao-530181-2026-11",
		Tx: sha256.Sum256([]byte("tx")), BankRef: relief.HashBankRef([]byte("bank")), Salt: relief.LeafSalt([]byte("test"), id),
	}
}

// inLog makes a receipt of a leaf at a place of a log of some size. The neighbours are made up: a path of any hashes
// leads to some root.
func (s *signing) inLog(t testing.TB, leaf relief.Leaf, index, size uint64, signers ...note.Signer) *receipt.Receipt {
	t.Helper()
	r := &receipt.Receipt{Leaf: leaf, Index: index}
	inner := bits.Len64(index ^ (size - 1))
	n := inner + bits.OnesCount64(index>>uint(inner))
	path := make([][]byte, n)
	for i := range n {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("neighbour"), uint64(i)))
		r.Path, path[i] = append(r.Path, sum), sum[:]
	}
	hash := leaf.Hash()
	root, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, index, size, hash[:], path)
	require.NoError(t, err)
	r.Checkpoint = sign(t, receipt.Checkpoint{Origin: origin, Size: size, Root: [32]byte(root)}, signers...)
	return r
}

func sign(t testing.TB, c receipt.Checkpoint, signers ...note.Signer) []byte {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	require.NoError(t, err)
	return signed
}
