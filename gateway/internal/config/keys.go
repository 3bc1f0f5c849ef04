package config

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// SharedKey is a key that agencies share: 32 bytes, in hexadecimal, in a file. Epoch and File are of the key that seals or makes
// tags from now on. Of subject_key the registry on the ledger says which epoch makes references of people who are new, for all
// agencies at once, and Epoch is the one before the registry says any.
type SharedKey struct {
	Epoch uint8      `mapstructure:"epoch"`
	File  string     `mapstructure:"file"`
	Also  []EpochKey `mapstructure:"also"` // of other epochs: they open and find what was sealed and made with them
}

// EpochKey is the key of one epoch.
type EpochKey struct {
	Epoch uint8  `mapstructure:"epoch"`
	File  string `mapstructure:"file"`
}

// Secret is the key of an epoch as it was read.
type Secret struct {
	Epoch uint8
	Key   []byte
}

// Epochs are the keys of all epochs, the one that seals first.
func (k SharedKey) Epochs() []EpochKey { return append([]EpochKey{{k.Epoch, k.File}}, k.Also...) }

// Read reads the keys of all epochs, the one that seals first. Its errors name files and repeat nothing of their content.
func (k SharedKey) Read() ([]Secret, error) {
	var secrets []Secret
	for _, e := range k.Epochs() {
		key, err := readKey("a shared key", e.File)
		if err != nil {
			return nil, err
		}
		for _, other := range secrets {
			if bytes.Equal(other.Key, key) {
				return nil, fmt.Errorf("a shared key: %s holds the key of epoch %d: each epoch has a key of its own", e.File, other.Epoch)
			}
		}
		secrets = append(secrets, Secret{e.Epoch, key})
	}
	return secrets, nil
}

// ReceiptKeys reads the keys that salt the leaves of receipts, the one in use first; nil where no receipts are made.
func (c *Config) ReceiptKeys() (keys [][]byte, err error) {
	if c.ReceiptKeyFile == "" {
		return nil, nil
	}
	for _, file := range append([]string{c.ReceiptKeyFile}, c.EarlierReceiptKeyFiles...) {
		key, err := readKey("receipt_key_file", file)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func readKey(what, file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: %s must hold 32 bytes in hexadecimal", what, file)
	}
	return key, nil
}

// maxEpochs is the largest number of keys of one kind that a gateway holds.
const maxEpochs = 8

// validateKeys checks the keys that agencies share.
func (c *Config) validateKeys(faults *faults) {
	faults.required("subject_key.file", c.SubjectKey.File)
	for _, k := range c.sharedKeys() {
		k.key.validate(k.name, faults)
	}
	if (c.PersonsKey.File == "") != (c.TagKey.File == "") {
		faults.add("tag_key.file: set it together with persons_key.file: who keeps private details makes the tags of payees")
	}
	if c.ReceiptKeyFile == "" && len(c.EarlierReceiptKeyFiles) > 0 {
		faults.add("earlier_receipt_key_files: needs receipt_key_file, the key in use")
	}
	if len(c.EarlierReceiptKeyFiles) >= maxEpochs {
		faults.add("earlier_receipt_key_files: must be at most %d", maxEpochs-1)
	}
}

func (k SharedKey) validate(name string, faults *faults) {
	if k.File == "" && len(k.Also) > 0 {
		faults.add("%s.also: needs %[1]s.file, the key that seals", name)
	}
	if len(k.Also) >= maxEpochs {
		faults.add("%s.also: must be at most %d", name, maxEpochs-1)
	}
	seen := map[uint8]bool{}
	for i, e := range k.Epochs() {
		setting := name
		if i > 0 {
			setting = fmt.Sprintf("%s.also[%d]", name, i-1)
			faults.required(setting+".file", e.File)
		}
		if e.Epoch == 0 || seen[e.Epoch] {
			faults.add("%s.epoch: must be from 1 to 255, another one for each key", setting)
		}
		seen[e.Epoch] = true
	}
}

// namedKey is a shared key and the name of its setting.
type namedKey struct {
	name string
	key  *SharedKey
}

func (c *Config) sharedKeys() []namedKey {
	return []namedKey{{"subject_key", &c.SubjectKey}, {"persons_key", &c.PersonsKey}, {"tag_key", &c.TagKey}}
}

// keyFiles are the settings with the files of all shared keys and of the salts of receipts.
func (c *Config) keyFiles() []*string {
	var files []*string
	for _, k := range c.sharedKeys() {
		files = append(files, &k.key.File)
		for i := range k.key.Also {
			files = append(files, &k.key.Also[i].File)
		}
	}
	files = append(files, &c.ReceiptKeyFile)
	for i := range c.EarlierReceiptKeyFiles {
		files = append(files, &c.EarlierReceiptKeyFiles[i])
	}
	return files
}
