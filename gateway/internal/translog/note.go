package translog

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
)

// Head is a state of the log: the number of leaves and the RFC 6962 tree hash over them.
type Head struct {
	Size int64     `json:"size"`
	Root tlog.Hash `json:"root"`
}

// String is the size and the root in base64.
func (h Head) String() string { return strconv.FormatInt(h.Size, 10) + " " + h.Root.String() }

// body is the part of a checkpoint that is signed.
func (h Head) body(origin string) string {
	c := receipt.Checkpoint{Origin: origin, Size: uint64(h.Size), Root: h.Root} //nolint:gosec // not negative
	return c.Text()
}

var errNotCheckpoint = errors.New("not a checkpoint of this log")

// parseBody reads what body writes, in that form only.
func parseBody(text, origin string) (Head, error) {
	c, err := receipt.ParseCheckpoint(text)
	if err != nil || c.Origin != origin {
		return Head{}, errNotCheckpoint
	}
	return Head{int64(c.Size), c.Root}, nil //nolint:gosec // 63 bits
}

// headOf reads the state of a checkpoint without checking its signatures.
func headOf(text []byte, origin string) (Head, error) {
	body, _, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return Head{}, errNotCheckpoint
	}
	return parseBody(string(body)+"\n", origin)
}

// CosignerName is the name of an agency's cosigning key.
func CosignerName(origin, mspID string) string { return origin + "/" + mspID }

// signatureLine is a signer's signature line for a body, with its newline.
func signatureLine(body string, signer note.Signer) (string, error) {
	signed, err := note.Sign(&note.Note{Text: body}, signer)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(string(signed), body+"\n"), nil
}

// signLog returns the signature line of an agency that signs as the log.
func signLog(origin, body string, key ed25519.PrivateKey) (string, error) {
	signer, err := receipt.NewLogSigner(origin, key)
	if err != nil {
		return "", err
	}
	return signatureLine(body, signer)
}

// cosign returns the signature line of an agency that cosigns.
func cosign(origin, mspID, body string, at time.Time, key ed25519.PrivateKey) (string, error) {
	signer, err := receipt.NewCosigner(CosignerName(origin, mspID), key, func() time.Time { return at })
	if err != nil {
		return "", err
	}
	return signatureLine(body, signer)
}

// openedCheckpoint is a checkpoint with checked signatures.
type openedCheckpoint struct {
	Head
	body     string
	cosigned map[string]string // the line of each agency's cosignature
}

// maxNote bounds the size of a checkpoint with its signatures, in bytes.
const maxNote = 8 << 10

// openCheckpoint checks a checkpoint with the agencies' keys. It fails if no agency has cosigned. What a retired key signed beyond its
// last size is passed over.
func openCheckpoint(text []byte, origin string, agencies []Agency) (openedCheckpoint, error) {
	if len(text) > maxNote {
		return openedCheckpoint{}, errNotCheckpoint
	}
	claimed, err := headOf(text, origin)
	if err != nil {
		return openedCheckpoint{}, err
	}
	var known []note.Verifier
	for _, a := range agencies {
		for _, k := range a.Keys {
			key, err := receipt.CosignerKey(CosignerName(origin, a.MSPID), k.Public)
			if err == nil && k.signs(claimed.Size) {
				known = append(known, key)
			}
		}
	}
	n, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return openedCheckpoint{}, fmt.Errorf("a checkpoint: %w", err)
	}
	head, err := parseBody(n.Text, origin)
	if err != nil {
		return openedCheckpoint{}, err
	}
	o := openedCheckpoint{Head: head, body: n.Text, cosigned: map[string]string{}}
	for _, s := range n.Sigs {
		o.cosigned[strings.TrimPrefix(s.Name, origin+"/")] = "— " + s.Name + " " + s.Base64 + "\n"
	}
	return o, nil
}

// assemble joins the body of a checkpoint, the log's signature and the cosignatures.
func assemble(body string, lines ...string) []byte {
	var b bytes.Buffer
	b.WriteString(body + "\n")
	for _, line := range lines {
		b.WriteString(line)
	}
	return b.Bytes()
}
