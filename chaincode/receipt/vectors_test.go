package receipt_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
)

// vector is one file of testdata and what every verifier must say of it.
type vector struct {
	File  string       `json:"file"`
	Valid bool         `json:"valid"`
	Code  receipt.Code `json:"code,omitempty"`
	Note  string       `json:"note"`

	content []byte
}

type vectors struct {
	t    testing.TB
	s    *signing
	list []vector
}

func (v *vectors) valid(name, note string, content []byte) {
	v.list = append(v.list, vector{name, true, "", note, content})
}

func (v *vectors) invalid(name string, code receipt.Code, note string, content []byte) {
	v.list = append(v.list, vector{name, false, code, note, content})
}

// change is the good receipt with some of its text replaced.
func change(t testing.TB, file []byte, old, with string) []byte {
	t.Helper()
	require.Contains(t, string(file), old)
	return []byte(strings.Replace(string(file), old, with, 1))
}

func makeVectors(t testing.TB) *vectors {
	v := &vectors{t: t, s: newSigning(t)}
	v.good()
	v.badLeaves()
	v.badPaths()
	v.badSignatures()
	v.badSpellings()
	v.notReceipts()
	return v
}

func (v *vectors) good() {
	s, leaf := v.s, aLeaf()
	receiptOf := func(l relief.Leaf, index, size uint64) *receipt.Receipt {
		return s.inLog(v.t, l, index, size, s.all()...)
	}
	v.valid("county.receipt", "one of 266 records", receiptOf(leaf, 73, 266).Marshal())
	v.valid("first-and-only.receipt", "a log of one record has no path", receiptOf(leaf, 0, 1).Marshal())
	v.valid("first-of-two.receipt", "", receiptOf(leaf, 0, 2).Marshal())
	v.valid("last-of-three.receipt", "the right edge of a tree that is not full", receiptOf(leaf, 2, 3).Marshal())
	v.valid("hundred-million.receipt", "27 hashes", receiptOf(leaf, 73_894_112, 100_000_000).Marshal())
	again := leaf
	again.Payment.Attempt, again.Batch = 2, "dibao-530181-2026-11-again"
	v.valid("paid-again.receipt", "a payment that was returned and paid again", receiptOf(again, 265, 266).Marshal())
	quarter := leaf
	quarter.Payment.Period, _ = relief.ParsePeriod("2026-Q4")
	v.valid("quarter.receipt", "a quarterly programme", receiptOf(quarter, 12, 26_600).Marshal())
	longest := leaf
	longest.Payment.Programme, longest.Payment.Number, longest.Amount = "abcdefghij", relief.MaxRollNumber, relief.MaxFen
	longest.Batch = relief.BatchID(strings.Repeat("b", 40))
	v.valid("longest.receipt", "the longest identifiers", receiptOf(longest, 73_894_112, 100_000_000).Marshal())
	witness := cosigner(v.t, "witness.example", "witness", 9)
	v.valid("another-witness.receipt", "a signature that the policy does not know is passed over (C2SP signed-note)",
		s.inLog(v.t, leaf, 73, 266, append(s.all(), witness)...).Marshal())
	code, err := receiptOf(leaf, 73, 266).EncodeCode()
	require.NoError(v.t, err)
	v.valid("county.code", "the same receipt as a QR code holds it", []byte(code))
	v.valid("pasted.code", "pasted with white space round it", []byte("\n  "+code+"\r\n"))
	v.invalid("lower-case.code", receipt.CodeForm, "a code is in capitals", []byte(strings.ToLower(code)))
	v.invalid("cut.code", receipt.CodeForm, "a part is missing", []byte(code[:4+3*300]))
	v.invalid("changed.code", receipt.CodeSignature, "one character differs", []byte(code[:300]+"00"+code[302:]))
}

func (v *vectors) badLeaves() {
	s := v.s
	changes := map[string]func(l *relief.Leaf){
		"amount": func(l *relief.Leaf) { l.Amount = 6200000 }, "subject": func(l *relief.Leaf) { l.Subject[5] ^= 1 },
		"region": func(l *relief.Leaf) { l.Region = "530181003215" }, "period": func(l *relief.Leaf) { l.Payment.Period, _ = relief.ParsePeriod("2026-12") },
		"attempt": func(l *relief.Leaf) { l.Payment.Attempt = 2 }, "date": func(l *relief.Leaf) { l.Day++ }, "salt": func(l *relief.Leaf) { l.Salt[0] ^= 1 },
		"programme": func(l *relief.Leaf) { l.Payment.Programme = "tekun" }, "batch": func(l *relief.Leaf) { l.Batch = "another" },
		"transaction": func(l *relief.Leaf) { l.Tx[0] ^= 1 }, "bank-reference": func(l *relief.Leaf) { l.BankRef[0] ^= 1 },
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		r := s.inLog(v.t, aLeaf(), 73, 266, s.all()...)
		changes[name](&r.Leaf)
		v.invalid("other-"+name+".receipt", receipt.CodeInclusion, "the "+name+" was changed", r.Marshal())
	}
}

func (v *vectors) badPaths() {
	s := v.s
	altered := func(alter func(r *receipt.Receipt)) []byte {
		r := s.inLog(v.t, aLeaf(), 73, 266, s.all()...)
		alter(r)
		return r.Marshal()
	}
	v.invalid("path-hash.receipt", receipt.CodeInclusion, "a hash of the path was changed", altered(func(r *receipt.Receipt) { r.Path[3][0] ^= 1 }))
	v.invalid("path-order.receipt", receipt.CodeInclusion, "two hashes were exchanged", altered(func(r *receipt.Receipt) { r.Path[0], r.Path[1] = r.Path[1], r.Path[0] }))
	v.invalid("path-short.receipt", receipt.CodeInclusion, "a hash is missing", altered(func(r *receipt.Receipt) { r.Path = r.Path[1:] }))
	v.invalid("path-long.receipt", receipt.CodeInclusion, "a hash too many", altered(func(r *receipt.Receipt) { r.Path = append(r.Path, r.Path[0]) }))
	v.invalid("index.receipt", receipt.CodeInclusion, "another place in the log", altered(func(r *receipt.Receipt) { r.Index++ }))
	v.invalid("index-outside.receipt", receipt.CodeInclusion, "a place beyond the log's end", altered(func(r *receipt.Receipt) { r.Index = 266 }))
	other := s.inLog(v.t, aLeaf(), 73, 267, s.all()...)
	v.invalid("other-checkpoint.receipt", receipt.CodeInclusion, "a genuine checkpoint of another tree",
		altered(func(r *receipt.Receipt) { r.Path[2] = [32]byte{1}; r.Checkpoint = other.Checkpoint }))
	v.invalid("empty-log.receipt", receipt.CodeInclusion, "a signed checkpoint of an empty log", altered(func(r *receipt.Receipt) {
		r.Index, r.Path = 0, nil
		r.Checkpoint = sign(v.t, receipt.Checkpoint{Origin: origin}, s.all()...)
	}))
}

func (v *vectors) badSignatures() {
	s, t := v.s, v.t
	with := func(signers ...note.Signer) []byte { return s.inLog(t, aLeaf(), 73, 266, signers...).Marshal() }
	civil, finance, audit := s.agencies[0], s.agencies[1], s.agencies[2]
	v.invalid("without-audit.receipt", receipt.CodeQuorum, "audit has not signed", with(s.log, civil, finance))
	v.invalid("log-alone.receipt", receipt.CodeQuorum, "no agency has signed", with(s.log))
	v.invalid("without-log.receipt", receipt.CodeLog, "the agencies have signed, the log has not", with(civil, finance, audit))
	v.invalid("another-log.receipt", receipt.CodeLog, "another log of the same name", with(logSigner(t, origin, "forger")))
	v.invalid("forged-by-all.receipt", receipt.CodeLog, "all keys are a forger's", with(
		logSigner(t, origin, "f0"), cosigner(t, civil.Name(), "f1", 0), cosigner(t, finance.Name(), "f2", 1), cosigner(t, audit.Name(), "f3", 2)))
	v.invalid("audit-by-forger.receipt", receipt.CodeQuorum, "audit's name with a forger's key", with(s.log, civil, finance, cosigner(t, audit.Name(), "f3", 2)))
	v.invalid("audit-forged.receipt", receipt.CodeSignature, "audit's name and key id with a signature by another key",
		with(s.log, civil, finance, imitation{audit, cosigner(t, audit.Name(), "f3", 2)}))
	v.invalid("log-as-agency.receipt", receipt.CodeQuorum, "the log's key does not sign for an agency", with(s.log, civil, finance, cosigner(t, audit.Name(), "log", 2)))
	good := with(s.all()...)
	lines := strings.SplitAfter(string(good), "\n")
	last := lines[len(lines)-2]
	v.invalid("signed-twice.receipt", receipt.CodeSpelling, "a second line of the same key is never looked at", append(bytes.Clone(good), last...))
	elsewhere := s.inLog(t, aLeaf(), 73, 266, s.all()...)
	text, _, _ := strings.Cut(string(elsewhere.Checkpoint), "\n\n")
	there, err := receipt.ParseCheckpoint(text + "\n")
	require.NoError(t, err)
	there.Origin = "other.example"
	elsewhere.Checkpoint = sign(t, there, s.all()...)
	v.invalid("another-origin.receipt", receipt.CodeLog, "genuine signatures under another log's name", elsewhere.Marshal())
	v.invalid("time.receipt", receipt.CodeSignature, "an agency's time of signing was changed", with(s.log, civil, finance, postdated{audit}))
	v.invalid("size.receipt", receipt.CodeSignature, "the number of records was changed", change(t, good, "\n266\n", "\n267\n"))
	v.invalid("extension.receipt", receipt.CodeCheckpoint, "a checkpoint with a further line", s.extended(t))
}

// imitation signs with another key under a key's name and id.
type imitation struct {
	*receipt.Signer
	with note.Signer
}

func (i imitation) Sign(text []byte) ([]byte, error) { return i.with.Sign(text) }

// postdated changes the time behind a signature.
type postdated struct{ *receipt.Signer }

func (p postdated) Sign(text []byte) ([]byte, error) {
	signature, err := p.Signer.Sign(text)
	if err == nil {
		signature[7]++
	}
	return signature, err
}

func (s *signing) extended(t testing.TB) []byte {
	r := s.inLog(t, aLeaf(), 73, 266, s.all()...)
	text, _, _ := bytes.Cut(r.Checkpoint, []byte("\n\n"))
	signed, err := note.Sign(&note.Note{Text: string(text) + "\nextension\n"}, s.all()...)
	require.NoError(t, err)
	r.Checkpoint = signed
	return r.Marshal()
}

func (v *vectors) badSpellings() {
	t := v.t
	r := v.s.inLog(t, aLeaf(), 73, 266, v.s.all()...)
	good := r.Marshal()
	spelling := func(name, note string, content []byte) { v.invalid(name, receipt.CodeSpelling, note, content) }
	spelling("crlf.receipt", "line ends of another system", bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")))
	spelling("leading-zero.receipt", "index 073", change(t, good, "index 73", "index 073"))
	spelling("no-last-line-end.receipt", "the last line has no end", good[:len(good)-1])
	v.invalid("more-text.receipt", receipt.CodeCheckpoint, "text behind the signatures", append(bytes.Clone(good), "PS\n"...))
	lines := strings.Split(string(good), "\n")
	spelling("spare-bits-path.receipt", "spare bits of base64 are set in the path", change(t, good, lines[3], spareBits(lines[3])))
	at := strings.LastIndexByte(lines[len(lines)-2], ' ') + 1
	signature := lines[len(lines)-2][at:]
	spelling("spare-bits-signature.receipt", "spare bits of base64 are set in a signature", change(t, good, signature, spareBits(signature)))
	v.invalid("version.receipt", receipt.CodeForm, "a later version of tlog-proof", change(t, good, "tlog-proof@v1", "tlog-proof@v2"))
	v.invalid("no-leaf.receipt", receipt.CodeLeaf, "a proof of something that is not said", change(t, good, lines[1]+"\n", ""))
	v.invalid("leaf-version.receipt", receipt.CodeLeaf, "a later version of the leaf", change(t, good, lines[1][:10], "extra ZgMF"))
	v.invalid("byte-order-mark.receipt", receipt.CodeForm, "a byte order mark before the text", append([]byte("\ufeff"), good...))
	v.invalid("cut.receipt", receipt.CodeForm, "cut short in the path", good[:400])
}

// spareBits sets the lowest bit of the last character before the padding, which no byte needs.
func spareBits(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	end := len(strings.TrimRight(s, "=")) - 1
	return s[:end] + string(alphabet[strings.IndexByte(alphabet, s[end])|1]) + s[end+1:]
}

func (v *vectors) notReceipts() {
	v.invalid("empty.receipt", receipt.CodeForm, "an empty file", nil)
	v.invalid("json.receipt", receipt.CodeForm, "a JSON file", []byte(`{"amount":"620.00"}`))
	v.invalid("binary.receipt", receipt.CodeForm, "a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	v.invalid("huge.receipt", receipt.CodeTooLong, "longer than any receipt", bytes.Repeat([]byte("A"), receipt.MaxBytes+1))
}

// The vectors are what the command and the browser are held to as well.
func TestVectors(t *testing.T) {
	v := makeVectors(t)
	if *update {
		writeVectors(t, v)
	}
	text, err := os.ReadFile("testdata/policy.txt")
	require.NoError(t, err)
	require.Equal(t, v.s.policy, string(text), "go test ./chaincode/receipt -run Vectors -update")
	policy, err := receipt.ParsePolicy(text)
	require.NoError(t, err)
	var list []vector
	manifest, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(manifest, &list))
	require.Len(t, list, len(v.list))
	for _, vec := range list {
		t.Run(vec.File, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", vec.File))
			require.NoError(t, err)
			r, err := receipt.ParseAny(content)
			var result *receipt.Result
			if err == nil {
				result, err = r.Verify(policy)
			}
			if vec.Valid {
				require.NoError(t, err)
				require.Len(t, result.Signers, 3)
				return
			}
			var refused *receipt.Error
			require.ErrorAs(t, err, &refused, "it was accepted")
			require.Equal(t, vec.Code, refused.Code)
		})
	}
}

func writeVectors(t *testing.T, v *vectors) {
	old, err := filepath.Glob("testdata/*.[rc]*")
	require.NoError(t, err)
	for _, name := range old {
		require.NoError(t, os.Remove(name))
	}
	require.NoError(t, os.MkdirAll("testdata", 0o755))
	for _, vec := range v.list {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", vec.File), vec.content, 0o600))
	}
	manifest, err := json.MarshalIndent(v.list, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("testdata/vectors.json", append(manifest, '\n'), 0o600))
	require.NoError(t, os.WriteFile("testdata/policy.txt", []byte(v.s.policy), 0o600))
}
