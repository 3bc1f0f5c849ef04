package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
)

// A key may have earlier and later epochs beside the one that seals; each is another file of the folder of the settings.
func TestKeysOfSeveralEpochs(t *testing.T) {
	text := replaceSection(complete, `subject_key: {epoch: 1, file: subject.key, also: [{epoch: 2, file: later.key}]}`) + `
persons_key: {epoch: 2, file: persons.key, also: [{epoch: 1, file: earlier.key}]}
tag_key: {epoch: 1, file: tag.key}
receipt_key_file: receipt.key
earlier_receipt_key_files: [first.key]
`
	cfg, dir, err := load(t, text)
	require.NoError(t, err)
	at := func(name string) string { return filepath.Join(dir, name) }
	require.Equal(t, []config.EpochKey{{Epoch: 1, File: at("subject.key")}, {Epoch: 2, File: at("later.key")}}, cfg.SubjectKey.Epochs())
	require.Equal(t, []config.EpochKey{{Epoch: 2, File: at("persons.key")}, {Epoch: 1, File: at("earlier.key")}}, cfg.PersonsKey.Epochs())
	require.Equal(t, []string{at("first.key")}, cfg.EarlierReceiptKeyFiles)

	for name, fill := range map[string]string{"subject.key": "a", "later.key": "b", "receipt.key": "c", "first.key": "d"} {
		require.NoError(t, os.WriteFile(at(name), []byte(strings.Repeat(fill, 64)), 0o600))
	}
	secrets, err := cfg.SubjectKey.Read()
	require.NoError(t, err)
	require.Len(t, secrets, 2)
	require.Equal(t, uint8(2), secrets[1].Epoch)
	receipts, err := cfg.ReceiptKeys()
	require.NoError(t, err)
	require.Equal(t, byte(0xcc), receipts[0][0], "the one in use comes first")
	require.NoError(t, os.Chmod(at("later.key"), 0o644))
	require.ErrorContains(t, cfg.CheckFiles(), "later.key")

	require.NoError(t, os.WriteFile(at("later.key"), []byte(strings.Repeat("a", 64)), 0o600))
	_, err = cfg.SubjectKey.Read()
	require.ErrorContains(t, err, "each epoch has a key of its own")
}

func TestEpochsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`subject_key: {epoch: 1, file: a.key, also: [{epoch: 1, file: b.key}]}`:                               "subject_key.also[0].epoch",
		`subject_key: {epoch: 1, file: a.key, also: [{epoch: 2}]}`:                                            "subject_key.also[0].file",
		`subject_key: {epoch: 0, file: a.key}`:                                                                "subject_key.epoch",
		`persons_key: {also: [{epoch: 2, file: b.key}]}`:                                                      "persons_key.also: needs persons_key.file",
		`earlier_receipt_key_files: [a.key]`:                                                                  "earlier_receipt_key_files: needs receipt_key_file",
		`subject_key: {epoch: 1, file: a.key, also: [` + strings.Repeat(`{epoch: 2, file: b.key},`, 8) + `]}`: "subject_key.also: must be at most 7",
	} {
		if strings.HasPrefix(text, "subject_key") {
			text = replaceSection(complete, text)
		} else {
			text = complete + text
		}
		_, _, err := load(t, text)
		require.ErrorContains(t, err, want)
	}
}
