package privacyscan

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	plantedName = "欧阳验探"
	plantedCard = "6230599083016619998"
)

// A value is found in each encoding and at each position.
func TestEveryEncodingIsFound(t *testing.T) {
	terms, err := New([]string{plantedName, plantedCard})
	require.NoError(t, err)
	escaped, err := json.Marshal(plantedName)
	require.NoError(t, err)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(plantedName)
	require.NoError(t, err)
	forms := map[string]string{
		"plain": plantedCard, "name": plantedName, "gb18030": gb, "json": string(escaped), "url": url.QueryEscape(plantedName),
		"hex": hex.EncodeToString([]byte(plantedName)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(plantedCard))),
		"utf-16": "i\x00d\x00" + strings.Join(strings.Split(plantedCard, ""), "\x00") + "\x00",
	}
	for _, before := range []string{"", "a", "ab", "abc"} {
		forms["base64 after "+before] = base64.StdEncoding.EncodeToString([]byte(before + plantedCard + "tail"))
		forms["base64url after "+before] = base64.URLEncoding.EncodeToString([]byte(before + plantedName + "x"))
	}
	for name, form := range forms {
		for _, around := range []string{"", "x", strings.Repeat("y", 1000)} {
			require.NotEmpty(t, terms.In("", "", []byte(around+form+around)), name)
		}
	}
	require.Empty(t, terms.In("", "", []byte("6230599083016619997 欧阳验探"[:24])), "another number")
	_, err = New([]string{"王"})
	require.Error(t, err, "so short that it would be found by chance")
}

// Values are found inside databases and compressed files, whose bytes do not contain them in clear.
func TestPackedFiles(t *testing.T) {
	terms, err := New([]string{plantedCard})
	require.NoError(t, err)
	packed := map[string]func(t *testing.T, dir string){
		"gzip": func(t *testing.T, dir string) {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			_, err := w.Write([]byte(plantedCard))
			require.NoError(t, err)
			require.NoError(t, w.Close())
			require.NoError(t, os.WriteFile(filepath.Join(dir, "x.gz"), b.Bytes(), 0o600))
		},
		"a LevelDB journal": func(t *testing.T, dir string) {
			db, err := leveldb.OpenFile(dir, nil)
			require.NoError(t, err)
			// Long enough that the value crosses the journal's chunks of 32 KiB.
			for _, n := range []int{32700, 32740, 32768} {
				require.NoError(t, db.Put([]byte("k"), []byte(strings.Repeat("-", n)+plantedCard), nil))
			}
			require.NoError(t, db.Close())
		},
		"a deleted entry of a LevelDB table": func(t *testing.T, dir string) {
			db, err := leveldb.OpenFile(dir, nil)
			require.NoError(t, err)
			require.NoError(t, db.Put([]byte("k"), []byte(strings.Repeat(plantedCard[:9], 50)+plantedCard), nil))
			require.NoError(t, db.CompactRange(util.Range{})) // into a table
			require.NoError(t, db.Delete([]byte("k"), nil))
			require.NoError(t, db.Close())
		},
		"SQLite, over pages": func(t *testing.T, dir string) {
			db, err := sql.Open("sqlite3", filepath.Join(dir, "x.db"))
			require.NoError(t, err)
			_, err = db.Exec("CREATE TABLE t (a, b)")
			require.NoError(t, err)
			for n := 4000; n < 4100; n += 3 {
				_, err = db.Exec("INSERT INTO t VALUES (1, ?)", strings.Repeat("-", n)+plantedCard)
				require.NoError(t, err)
			}
			require.NoError(t, db.Close())
		},
	}
	for name, write := range packed {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir)
			hits, files, err := terms.Scan(dir)
			require.NoError(t, err)
			require.Positive(t, files)
			require.NotEmpty(t, hits)
			require.NotContains(t, hits[0].String(), plantedCard, "a report does not repeat what it found")
		})
	}
	hits, _, err := terms.Scan(t.TempDir())
	require.NoError(t, err)
	require.Empty(t, hits)
}
