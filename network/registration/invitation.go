package registration

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"filippo.io/age"

	"relieftrail/network/host/process"
)

// Invitation is the operator's word that an official may have one certificate for a key that the gateway makes.
type Invitation struct {
	Ends time.Time `json:"ends"`
	// Sealed is the secret, for the gateway's key-encryption key alone: a copy of this folder, or of the gateway's disc, enrols nobody.
	Sealed []byte `json:"sealed"`
	// SHA256 is of the secret, which has too many bits to be guessed. A wrong one is refused here: fabric-ca locks an identity after ten.
	SHA256 []byte `json:"sha256"`
}

// opensWith reports whether a secret is the invitation's.
func (i Invitation) opensWith(password string) bool {
	hash := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(i.SHA256, hash[:]) == 1
}

// secret is what is sealed. The name is in it, so that one official's invitation is not taken for another's.
type secret struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
}

// nameForm is that of principals in a topology. Nothing in it leads to another folder.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Seal makes an invitation that the holder of a key-encryption key can use until it ends.
func Seal(to age.Recipient, name, password string, ends time.Time) (Invitation, error) {
	text, err := json.Marshal(secret{name, password}) //nolint:gosec // it is sealed next
	if err != nil {
		return Invitation{}, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return Invitation{}, err
	}
	if _, err := w.Write(text); err != nil {
		return Invitation{}, err
	}
	if err := w.Close(); err != nil {
		return Invitation{}, err
	}
	hash := sha256.Sum256([]byte(password))
	return Invitation{ends.UTC().Truncate(time.Second), sealed.Bytes(), hash[:]}, nil
}

// CertFile is the file with the newest certificate that an official has got through the door.
func CertFile(dir, name string) string { return filepath.Join(dir, name, "cert.pem") }

func invitationFile(dir, name string) string { return filepath.Join(dir, name, "invitation.json") }

// Put opens the door for an official, once. An earlier invitation counts no more.
func Put(dir, name string, i Invitation) error {
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return process.WriteFile(invitationFile(dir, name), text)
}

// Withdraw closes the door for an official. Without an invitation there is nothing to do.
func Withdraw(dir, name string) error {
	if err := os.Remove(invitationFile(dir, name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// errNone is the answer to a name that is not invited now.
var errNone = errors.New("there is no invitation")

// read gives the invitation of a name that has not ended, and its text.
func read(dir, name string, now time.Time) (i Invitation, text []byte, err error) {
	text, err = os.ReadFile(invitationFile(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return i, nil, errNone
	}
	if err != nil {
		return i, nil, err
	}
	if err := json.Unmarshal(text, &i); err != nil {
		return i, nil, err
	}
	if !now.Before(i.Ends) {
		return i, nil, errNone
	}
	return i, text, nil
}

// use takes an invitation away, unless the operator has put another one there meanwhile.
func use(dir, name string, used []byte) error {
	text, err := os.ReadFile(invitationFile(dir, name))
	if err != nil || !bytes.Equal(text, used) {
		return err
	}
	return Withdraw(dir, name)
}
