package receipt

import (
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"relieftrail/chaincode/relief"
)

// A code is the content of a QR code: the whole receipt in the characters of a QR code's alphanumeric mode, or a link
// with the leaf in its fragment. A browser does not send the fragment, so no server's log has it.
const (
	codePrefix   = "RT1:"
	linkFragment = "#r1="
	codeKind     = 'q'
	codeVersion  = 1

	// MaxCode is the largest number of characters in a whole receipt's code: those of a QR code of version 25 with the
	// lowest error correction (ISO/IEC 18004, table 7). Phone cameras read larger codes badly; a link takes their
	// place.
	MaxCode = 1853
	// maxText is the largest length of a code, a link or a file.
	maxText = MaxBytes
)

// EncodeCode writes the whole receipt as a code. The code leaves out the root, which follows from leaf and path.
func (r *Receipt) EncodeCode() (string, error) {
	n, err := r.open()
	if err != nil {
		return "", err
	}
	checkpoint, err := ParseCheckpoint(n.Text)
	if err != nil {
		return "", err
	}
	b := []byte{codeKind, codeVersion}
	leaf := AppendLeaf(nil, &r.Leaf)
	b = append(append(b, byte(len(leaf))), leaf...) //nolint:gosec // at most maxLeaf - 1
	b = binary.AppendUvarint(b, r.Index)
	b = binary.AppendUvarint(b, checkpoint.Size)
	for i := range r.Path {
		b = append(b, r.Path[i][:]...)
	}
	b = appendText(b, checkpoint.Origin)
	for _, s := range n.UnverifiedSigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || len(raw) > 255 {
			return "", refuse(CodeForm)
		}
		b = appendText(appendText(b, shortName(s.Name, checkpoint.Origin)), string(raw))
	}
	code := codePrefix + encode45(b)
	// The code is good only if it decodes to the same file.
	if back, err := DecodeCode(code); err != nil || string(back.Marshal()) != string(r.Marshal()) {
		return "", refuse(CodeForm)
	}
	return code, nil
}

// shortName replaces the origin, with which names of keys begin, by a zero byte.
func shortName(name, origin string) string {
	if rest, ok := strings.CutPrefix(name, origin); ok {
		return "\x00" + rest
	}
	return name
}

func longName(name, origin string) string {
	if rest, ok := strings.CutPrefix(name, "\x00"); ok {
		return origin + rest
	}
	return name
}

// open splits the checkpoint into text and signatures without verifying them.
func (r *Receipt) open() (*note.Note, error) {
	_, err := note.Open(r.Checkpoint, note.VerifierList())
	unverified, ok := err.(*note.UnverifiedNoteError) //nolint:errorlint // as package note documents it
	if !ok {
		return nil, refuse(CodeCheckpoint)
	}
	return unverified.Note, nil
}

// DecodeCode reads what EncodeCode writes and no other spelling. It verifies nothing.
func DecodeCode(code string) (*Receipt, error) {
	text, ok := strings.CutPrefix(code, codePrefix)
	if !ok || len(code) > maxText {
		return nil, refuse(CodeForm)
	}
	b, ok := decode45(text)
	if !ok {
		return nil, refuse(CodeSpelling)
	}
	r := reader{b: b}
	if r.byte() != codeKind || r.byte() != codeVersion {
		return nil, refuse(CodeForm)
	}
	leaf, err := ParseLeaf(r.bytes(int(r.byte())))
	if err != nil {
		return nil, err
	}
	out := Receipt{Leaf: leaf, Index: r.uvarint()}
	checkpoint := Checkpoint{Size: r.uvarint()}
	if r.bad || out.Index >= checkpoint.Size || checkpoint.Size > 1<<62 {
		return nil, refuse(CodeForm)
	}
	for range pathLength(out.Index, checkpoint.Size) {
		var hash [32]byte
		r.copy(hash[:])
		out.Path = append(out.Path, hash)
	}
	checkpoint.Origin = r.text()
	if checkpoint.Root, err = out.root(checkpoint.Size); err != nil {
		return nil, err
	}
	signatures, ok := r.signatures(checkpoint.Origin)
	if !ok || !validName(checkpoint.Origin) {
		return nil, refuse(CodeForm)
	}
	out.Checkpoint = []byte(checkpoint.Text() + "\n" + signatures)
	return &out, nil
}

// signatures reads the rest of a code as the signature lines of a note.
func (r *reader) signatures(origin string) (lines string, ok bool) {
	for !r.bad && len(r.b) > 0 {
		name, raw := longName(r.text(), origin), r.text()
		if !validName(name) {
			return "", false
		}
		lines += "— " + name + " " + base64.StdEncoding.EncodeToString([]byte(raw)) + "\n"
	}
	return lines, !r.bad
}

// pathLength is the number of hashes that lead from a leaf to the root (RFC 6962, section 2.1.1).
func pathLength(index, size uint64) int {
	inner := bits.Len64(index ^ (size - 1))
	return inner + bits.OnesCount64(index>>uint(inner))
}

// root is the root to which the path leads from the leaf.
func (r *Receipt) root(size uint64) (root [32]byte, err error) {
	hash := r.Leaf.Hash()
	path := make([][]byte, len(r.Path))
	for i := range r.Path {
		path[i] = r.Path[i][:]
	}
	b, err := proof.RootFromInclusionProof(rfc6962.DefaultHasher, r.Index, size, hash[:], path)
	if err != nil || len(b) != len(root) {
		return root, refuse(CodeInclusion)
	}
	return [32]byte(b), nil
}

// Link is a page's address with a leaf in its fragment. base is the gateway's address, such as
// https://gateway.example/.
func Link(base string, leaf *relief.Leaf) string {
	return base + linkFragment + base64.RawURLEncoding.EncodeToString(AppendLeaf(nil, leaf))
}

// ParseLink reads the leaf of a link, or of its fragment alone.
func ParseLink(link string) (relief.Leaf, error) {
	_, text, ok := strings.Cut(link, linkFragment)
	if !ok || len(link) > maxText {
		return relief.Leaf{}, refuse(CodeForm)
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != text {
		return relief.Leaf{}, refuse(CodeSpelling)
	}
	return ParseLeaf(b)
}

// IsLink reports whether a text is a link and not a whole receipt.
func IsLink(text string) bool { return strings.Contains(text, linkFragment) }

// ParseAny reads a receipt's file or its code. A code may have white space around it. Its errors are of type *Error and say what
// else a text is that is no receipt, or what became of a receipt on its way.
func ParseAny(text []byte) (*Receipt, error) {
	r, err := read(text)
	if err != nil {
		return nil, unread(text, asError(err))
	}
	return r, nil
}

func read(text []byte) (*Receipt, error) {
	if len(text) > maxText {
		return nil, refuse(CodeTooLong)
	}
	if code := strings.Trim(string(text), " \t\r\n"); strings.HasPrefix(code, codePrefix) {
		return DecodeCode(code)
	}
	return Parse(text)
}
