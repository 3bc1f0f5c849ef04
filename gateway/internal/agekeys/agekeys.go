// Package agekeys reads the keys with which a gateway encrypts what it keeps: age identities in a file that the operator owns.
package agekeys

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

// Keys are age identities, at least one. The first encrypts from now on; all of them decrypt, so that a key is replaced by putting
// another one on top of the file.
type Keys []*age.X25519Identity

// Read reads the X25519 identities in a file, as age-keygen writes them. Its errors say what the key is of and name the file, and
// repeat nothing of its content.
func Read(of, file string) (keys Keys, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the key of %s: %w", of, err)
	}
	defer func() { _ = f.Close() }()
	identities, _ := age.ParseIdentities(f) // its error may repeat a part of the key
	for _, i := range identities {
		if key, ok := i.(*age.X25519Identity); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("the key of %s: %s must hold an age identity (AGE-SECRET-KEY-1…)", of, file)
	}
	return keys, nil
}

// Recipient is who can open what is encrypted from now on.
func (k Keys) Recipient() age.Recipient { return k[0].Recipient() }

// Identities open what any of the keys has encrypted.
func (k Keys) Identities() []age.Identity {
	all := make([]age.Identity, len(k))
	for i := range k {
		all[i] = k[i]
	}
	return all
}

// Seal encrypts a small value with the first key.
func (k Keys) Seal(clear []byte) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, k.Recipient())
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(clear); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// Open decrypts what Seal has encrypted, with any of the keys.
func (k Keys) Open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), k.Identities()...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
