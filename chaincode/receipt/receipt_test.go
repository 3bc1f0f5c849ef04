package receipt_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
)

// memory is a tree's hashes.
type memory []tlog.Hash

func (m memory) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range at {
		out = append(out, m[i])
	}
	return out, nil
}

// A log as package tlog makes it, leaf by leaf, gives receipts that verify.
func TestReceiptsOfARealTree(t *testing.T) {
	s := newSigning(t)
	var hashes memory
	var leaves []relief.Leaf
	const size = 75
	for n := range int64(size) {
		leaf := aLeaf()
		leaf.Payment.Number = uint32(n)
		leaf.Salt = relief.LeafSalt([]byte("test"), leaf.Payment)
		leaves = append(leaves, leaf)
		hash := leaf.Hash()
		require.Equal(t, [32]byte(tlog.RecordHash(leaf.AppendJSON(nil))), hash)
		stored, err := tlog.StoredHashesForRecordHash(n, hash, hashes)
		require.NoError(t, err)
		hashes = append(hashes, stored...)
	}
	root, err := tlog.TreeHash(size, hashes)
	require.NoError(t, err)
	checkpoint := sign(t, receipt.Checkpoint{Origin: origin, Size: size, Root: root}, s.all()...)
	for n := range int64(size) {
		path, err := tlog.ProveRecord(size, n, hashes)
		require.NoError(t, err)
		r := receipt.Receipt{Leaf: leaves[n], Index: uint64(n), Checkpoint: checkpoint}
		for _, h := range path {
			r.Path = append(r.Path, h)
		}
		result, err := receipt.Verify(r.Marshal(), s.trusted(t))
		require.NoError(t, err)
		require.Equal(t, leaves[n], result.Leaf)
		require.EqualValues(t, size, result.Checkpoint.Size)
		code, err := r.EncodeCode()
		require.NoError(t, err)
		back, err := receipt.DecodeCode(code)
		require.NoError(t, err)
		require.Equal(t, &r, back)
	}
}

// Under 2 KB at a log of 100 million leaves, also with the longest identifiers that a payment can have.
func TestSizes(t *testing.T) {
	for name, limit := range map[string]int{"hundred-million.receipt": 2048, "longest.receipt": 2048, "county.receipt": 1300} {
		file, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		require.LessOrEqual(t, len(file), limit, name)
		r, err := receipt.Parse(file)
		require.NoError(t, err)
		code, err := r.EncodeCode()
		require.NoError(t, err)
		t.Logf("%s: file %d bytes, code %d characters, link %d", name, len(file), len(code), len(receipt.Link("https://gateway.example/", &r.Leaf)))
	}
}

// Every change of one bit is refused, of the file and of its code: all of them.
func TestEveryBitCounts(t *testing.T) {
	s := newSigning(t)
	policy := s.trusted(t)
	r := s.inLog(t, aLeaf(), 73, 266, s.all()...)
	code, err := r.EncodeCode()
	require.NoError(t, err)
	for name, good := range map[string][]byte{"file": r.Marshal(), "code": []byte(code)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for bit := range len(good) * 8 {
				bad := bytes.Clone(good)
				bad[bit/8] ^= 1 << (bit % 8)
				got, err := receipt.ParseAny(bad)
				if err == nil {
					_, err = got.Verify(policy)
				}
				if err == nil {
					t.Fatalf("bit %d of byte %d (%q) may be changed", bit%8, bit/8, good[bit/8])
				}
			}
		})
	}
}

// Every receipt that is cut short or has a byte more is refused.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	s := newSigning(t)
	policy := s.trusted(t)
	good := s.inLog(t, aLeaf(), 73, 266, s.all()...).Marshal()
	for n := range good {
		_, err := receipt.Verify(good[:n], policy)
		require.Error(t, err, n)
		for _, c := range []byte("\x00\n\r=A") {
			_, err := receipt.Verify(bytes.Join([][]byte{good[:n], good[n:]}, []byte{c}), policy)
			require.Error(t, err, "%d %q", n, c)
		}
		_, err = receipt.Verify(append(bytes.Clone(good[:n]), good[n+1:]...), policy)
		require.Error(t, err, n)
	}
}

// Other people's libraries read what is written here and the other way round.
func TestSignaturesAreC2SP(t *testing.T) {
	s := newSigning(t)
	signed := s.inLog(t, aLeaf(), 73, 266, s.all()...).Checkpoint
	var verifiers []note.Verifier
	for _, c := range s.agencies {
		v, err := formats.NewVerifierForCosignatureV1(c.Key.String())
		require.NoError(t, err)
		verifiers = append(verifiers, v)
	}
	logKey, err := note.NewVerifier(s.log.Key.String())
	require.NoError(t, err)
	n, err := note.Open(signed, note.VerifierList(append(verifiers, logKey)...))
	require.NoError(t, err)
	require.Len(t, n.Sigs, 4)
	at, err := formats.CoSigV1Timestamp(n.Sigs[2])
	require.NoError(t, err)
	require.Equal(t, "2026-11-12T01:30:01Z", at.UTC().Format("2006-01-02T15:04:05Z07:00"))
	group, err := witness.ParsePolicy([]byte(regexp.MustCompile("(?m)^(witness .*)$").ReplaceAllString(s.policy, "$1 https://w.example/")))
	require.NoError(t, err)
	require.True(t, group.Satisfied(signed))

	skey, vkey, err := note.GenerateKey(nil, "witness.example")
	require.NoError(t, err)
	theirs, err := formats.NewSignerForCosignatureV1(skey)
	require.NoError(t, err)
	ours, err := note.NewVerifier(vkey)
	require.NoError(t, err)
	require.NotEqual(t, ours.KeyHash(), theirs.KeyHash(), "a cosigner's key has an id of its own")
}

func TestReceiptInWords(t *testing.T) {
	s := newSigning(t)
	result, err := receipt.Verify(s.inLog(t, aLeaf(), 73, 26_600, s.all()...).Marshal(), s.trusted(t))
	require.NoError(t, err)
	got := map[string][2]string{}
	for _, f := range result.Facts() {
		got[f.Name] = [2]string{f.Value, f.ValueEn}
	}
	require.Equal(t, [2]string{"620.00 元", "CNY 620.00"}, got["amount"])
	require.Equal(t, [2]string{"2026年11月", "November 2026"}, got["period"])
	require.Equal(t, [2]string{"民政部门、财政部门、审计部门", "Civil affairs, Finance, Audit"}, got["signed_by"])
	require.Equal(t, [2]string{"共 26,600 条，此为第 74 条", "26,600, of which this is number 74"}, got["records"])
	require.Equal(t, "1-m5xw63dfovrxi2lpnzuxg5djmm", got["subject"][0])
	require.Equal(t, [2]string{"常规发放", "Regular payment"}, got["kind"])
	again := aLeaf()
	again.Payment.Attempt = 2
	for _, f := range (&receipt.Result{Leaf: again}).Facts() {
		if f.Name == "kind" {
			require.Equal(t, "退票后重新发放（本期第 2 笔）", f.Value)
			require.Equal(t, "Paid again after a return (payment 2 of the period)", f.ValueEn)
		}
	}
	report := receipt.NewReport(nil, &receipt.Error{Code: receipt.CodeQuorum, Zh: "缺", En: "missing"})
	require.False(t, report.Valid)
	require.Equal(t, receipt.CodeQuorum, report.Error.Code)
}

func TestLinks(t *testing.T) {
	leaf := aLeaf()
	link := receipt.Link("https://gateway.example/", &leaf)
	back, err := receipt.ParseLink(link)
	require.NoError(t, err)
	require.Equal(t, leaf, back)
	require.True(t, receipt.IsLink(link))
	s := newSigning(t)
	whole := s.inLog(t, leaf, 73, 266, s.all()...)
	joined, err := receipt.ParseProof(back, whole.Proof())
	require.NoError(t, err)
	require.Equal(t, whole, joined)
	require.Len(t, whole.Proof(), len(whole.Marshal())-len("extra \n")-len(base64.StdEncoding.EncodeToString(receipt.AppendLeaf(nil, &leaf))))
	_, err = receipt.ParseProof(back, whole.Marshal())
	require.Error(t, err, "a proof has no leaf of its own")
	for _, bad := range []string{"", "https://gateway.example/", link[:len(link)-1], link + "A", link + "=", link[:60] + "\n" + link[60:]} {
		_, err := receipt.ParseLink(bad)
		require.Error(t, err, bad)
	}
}

func TestHashesAsPeopleCopyThem(t *testing.T) {
	leaf := aLeaf()
	hash := leaf.Hash()
	text := receipt.HashText(hash)
	for _, copied := range []string{
		text, strings.ToUpper(text), " " + text + "\r\n", text[:10] + " " + text[10:30] + "\n\t" + text[30:], "\u3000" + text,
	} {
		back, ok := receipt.ParseHash(copied)
		require.True(t, ok, copied)
		require.Equal(t, hash, back)
	}
	for _, other := range []string{"", text[1:], text + "0", "g" + text[1:], text + " x", strings.Repeat(" ", 600) + text, text[:63] + "é"} {
		_, ok := receipt.ParseHash(other)
		require.False(t, ok, other)
	}
}

// A bare hash is held against a server's proof as a whole receipt is.
func TestAHashIsProved(t *testing.T) {
	s := newSigning(t)
	leaf := aLeaf()
	whole := s.inLog(t, leaf, 73, 266, s.all()...)
	result, err := receipt.VerifyHash(leaf.Hash(), whole.Proof(), s.trusted(t))
	require.NoError(t, err)
	require.Equal(t, uint64(73), result.Index)
	require.Equal(t, uint64(266), result.Checkpoint.Size)
	require.Len(t, result.Signers, 3)
	_, err = receipt.VerifyHash([32]byte{1}, whole.Proof(), s.trusted(t))
	require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodeInclusion})
	_, err = receipt.VerifyHash(leaf.Hash(), whole.Marshal(), s.trusted(t))
	require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodeForm}, "a proof has no leaf of its own")
	_, err = receipt.VerifyHash(leaf.Hash(), s.inLog(t, leaf, 73, 266, s.log).Proof(), s.trusted(t))
	require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodeQuorum})
}

func TestPolicies(t *testing.T) {
	good := newSigning(t).policy
	lines := bytes.SplitAfter([]byte(good), []byte("\n"))
	for name, text := range map[string]string{
		"empty": "", "no quorum": string(bytes.Join(lines[:5], nil)), "no log": string(bytes.Join(lines[1:], nil)),
		"quorum of nobody": good + "quorum nobody\n", "two quorums": good + "quorum agencies\n", "a word too many": good + "x\n",
		"the log twice": string(lines[0]) + good, "a cosigner as log": "log " + newSigning(t).agencies[0].String() + "\n" + good,
		"a witness twice": string(lines[1]) + good, "another control character": good + "\x01\n", "line ends": string(bytes.ReplaceAll([]byte(good), []byte("\n"), []byte("\r\n"))),
		"a member twice":  string(bytes.Join(lines[:4], nil)) + "group g 1 民政部门·Civil_affairs 民政部门·Civil_affairs\nquorum g\n",
		"too many needed": string(bytes.Join(lines[:4], nil)) + "group g 2 民政部门·Civil_affairs\nquorum g\n", "a member of two groups": good + "group g any 财政部门·Finance\n",
	} {
		_, err := receipt.ParsePolicy([]byte(text))
		require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodePolicy}, name)
	}
	two := string(bytes.Join(lines[:4], nil)) + "# two of three\n\tgroup g 2 民政部门·Civil_affairs 财政部门·Finance 审计部门·Audit \nquorum g\n"
	policy, err := receipt.ParsePolicy([]byte(two))
	require.NoError(t, err)
	s := newSigning(t)
	result, err := receipt.Verify(s.inLog(t, aLeaf(), 73, 266, s.log, s.agencies[0], s.agencies[2]).Marshal(), policy)
	require.NoError(t, err)
	require.Len(t, result.Signers, 2)
	_, err = receipt.Verify(s.inLog(t, aLeaf(), 73, 266, s.log, s.agencies[0]).Marshal(), policy)
	require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodeQuorum})
	require.Contains(t, err.Error(), "财政部门、审计部门")
}

func TestSignersRefuseBadNames(t *testing.T) {
	for _, name := range []string{"", "a b", "a+b", "a\nb", "a\u2003b"} {
		_, err := receipt.NewLogSigner(name, seed("log"))
		require.Error(t, err, name)
	}
	_, err := receipt.ParseKey("relief.example+00000000+" + "AQ==")
	require.Error(t, err)
}

func FuzzParse(f *testing.F) {
	for _, vec := range makeVectors(f).list {
		f.Add(vec.content)
	}
	leaf := aLeaf()
	f.Add([]byte(receipt.Link("https://x/", &leaf)))
	policy := newSigning(f).trusted(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := receipt.Parse(b); err == nil {
			require.Equal(t, b, r.Marshal())
		}
		if r, err := receipt.ParseAny(b); err == nil {
			_, _ = r.Verify(policy)
			if code, err := r.EncodeCode(); err == nil {
				again, err := receipt.DecodeCode(code)
				require.NoError(t, err)
				require.Equal(t, r.Marshal(), again.Marshal())
			}
		}
		if leaf, err := receipt.ParseLeaf(b); err == nil {
			require.Equal(t, b, receipt.AppendLeaf(nil, &leaf))
		}
		if c, err := receipt.ParseCheckpoint(string(b)); err == nil {
			require.Equal(t, string(b), c.Text())
		}
		if k, err := receipt.ParseKey(string(b)); err == nil {
			require.Equal(t, string(b), k.String())
		}
		_, _ = receipt.ParseLink(string(b))
		if p, err := receipt.ParsePolicy(b); err == nil {
			require.NotEmpty(t, p.Logs)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := newSigning(b)
	policy := s.trusted(b)
	file := s.inLog(b, aLeaf(), 73_894_112, 100_000_000, s.all()...).Marshal()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := receipt.Verify(file, policy); err != nil {
			b.Fatal(err)
		}
	}
}

// A policy retires keys: what they sign of a larger log counts for nothing, what they signed before counts as ever.
func TestRetiredKeys(t *testing.T) {
	s := newSigning(t)
	at266 := s.inLog(t, aLeaf(), 73, 266, s.all()...).Marshal()
	for name, c := range map[string]struct {
		line string
		code receipt.Code
	}{
		"beyond":         {receipt.Until(s.agencies[1].Key, 265), receipt.CodeQuorum},
		"the last":       {receipt.Until(s.agencies[1].Key, 266), ""},
		"the log beyond": {receipt.Until(s.log.Key, 265), receipt.CodeLog},
		"the log's last": {receipt.Until(s.log.Key, 266), ""},
	} {
		policy, err := receipt.ParsePolicy([]byte(s.policy + c.line))
		require.NoError(t, err, name)
		_, err = receipt.Verify(at266, policy)
		if c.code == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, &receipt.Error{Code: c.code}, name)
	}
	for name, lines := range map[string]string{
		"before the key": receipt.Until(s.log.Key, 1) + s.policy,
		"twice":          s.policy + receipt.Until(s.log.Key, 1) + receipt.Until(s.log.Key, 2),
		"a stranger":     s.policy + receipt.Until(logSigner(t, origin, "another").Key, 1),
		"no number":      s.policy + "until " + s.log.String() + " 01\n",
		"too large":      s.policy + "until " + s.log.String() + " 9223372036854775808\n",
	} {
		_, err := receipt.ParsePolicy([]byte(lines))
		require.ErrorIs(t, err, &receipt.Error{Code: receipt.CodePolicy}, name)
	}
}
