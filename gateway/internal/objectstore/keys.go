package objectstore

import (
	"fmt"
	"os"

	"filippo.io/age"
)

// Keys are the age identities of a store, at least one. The first encrypts from now on; all of them decrypt, so that a key is
// replaced by putting another one on top of the file.
type Keys []*age.X25519Identity

// ReadKeys reads the X25519 identities in a file. Its errors name the file and repeat nothing of its content.
func ReadKeys(file string) (keys Keys, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the key of the object store: %w", err)
	}
	defer func() { _ = f.Close() }()
	identities, _ := age.ParseIdentities(f) // its error may repeat a part of the key
	for _, i := range identities {
		if key, ok := i.(*age.X25519Identity); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("the key of the object store: %s must hold an age identity (AGE-SECRET-KEY-1…)", file)
	}
	return keys, nil
}

func (k Keys) recipient() age.Recipient { return k[0].Recipient() }

func (k Keys) identities() []age.Identity {
	all := make([]age.Identity, len(k))
	for i := range k {
		all[i] = k[i]
	}
	return all
}
