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

// Head is a state of the log: how many leaves, and the RFC 6962 tree hash over them.
type Head struct {
	Size int64     `json:"size"`
	Root tlog.Hash `json:"root"`
}

// String is short: the size and the root in base64.
func (h Head) String() string { return strconv.FormatInt(h.Size, 10) + " " + h.Root.String() }

// body is the text of a checkpoint that is signed.
func (h Head) body(origin string) string {
	c := receipt.Checkpoint{Origin: origin, Size: uint64(h.Size), Root: h.Root} //nolint:gosec // not negative
	return c.Text()
}

var errBody = errors.New("not a checkpoint of this log")

// parseBody reads what body writes and nothing else.
func parseBody(text, origin string) (Head, error) {
	c, err := receipt.ParseCheckpoint(text)
	if err != nil || c.Origin != origin {
		return Head{}, errBody
	}
	return Head{int64(c.Size), c.Root}, nil //nolint:gosec // 63 bits
}

// headOf reads which state a checkpoint is of, without looking at its signatures.
func headOf(text []byte, origin string) (Head, error) {
	body, _, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return Head{}, errBody
	}
	return parseBody(string(body)+"\n", origin)
}

// CosignerName is the key name of an agency's cosignatures.
func CosignerName(origin, mspID string) string { return origin + "/" + mspID }

// signatureLine is the line by which a signer signs a body, with its newline.
func signatureLine(body string, signer note.Signer) (string, error) {
	signed, err := note.Sign(&note.Note{Text: body}, signer)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(string(signed), body+"\n"), nil
}

// signLog and cosign make the two lines that an agency signs.
func signLog(origin, body string, key ed25519.PrivateKey) (string, error) {
	signer, err := receipt.NewLogSigner(origin, key)
	if err != nil {
		return "", err
	}
	return signatureLine(body, signer)
}

func cosign(origin, mspID, body string, at time.Time, key ed25519.PrivateKey) (string, error) {
	signer, err := receipt.NewCosigner(CosignerName(origin, mspID), key, func() time.Time { return at })
	if err != nil {
		return "", err
	}
	return signatureLine(body, signer)
}

// opened is a checkpoint whose signatures were checked.
type opened struct {
	Head
	body     string
	cosigned map[string]string // by agency: its cosignature's line
}

// maxNote bounds a checkpoint with its signatures, in bytes.
const maxNote = 8 << 10

// open checks a checkpoint against the agencies' keys. It fails when none of them has cosigned.
func open(text []byte, origin string, agencies []Agency) (opened, error) {
	if len(text) > maxNote {
		return opened{}, errBody
	}
	var known []note.Verifier
	for _, a := range agencies {
		for _, public := range a.Keys {
			if key, err := receipt.CosignerKey(CosignerName(origin, a.MSPID), public); err == nil {
				known = append(known, key)
			}
		}
	}
	n, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return opened{}, fmt.Errorf("a checkpoint: %w", err)
	}
	head, err := parseBody(n.Text, origin)
	if err != nil {
		return opened{}, err
	}
	o := opened{Head: head, body: n.Text, cosigned: map[string]string{}}
	for _, s := range n.Sigs {
		o.cosigned[strings.TrimPrefix(s.Name, origin+"/")] = "— " + s.Name + " " + s.Base64 + "\n"
	}
	return o, nil
}

// assemble is a checkpoint: the body, the log's signature, the cosignatures.
func assemble(body string, lines ...string) []byte {
	var b bytes.Buffer
	b.WriteString(body + "\n")
	for _, line := range lines {
		b.WriteString(line)
	}
	return b.Bytes()
}
