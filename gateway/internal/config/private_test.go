package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesThatOthersMayReadAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.key")
	require.NoError(t, os.WriteFile(file, []byte("secret"), 0o600))
	c := &Config{ReceiptKeyFile: file}
	require.NoError(t, c.CheckFiles())
	require.NoError(t, os.Chmod(file, 0o640))
	require.ErrorContains(t, c.CheckFiles(), file)
}

// TestNoSecretFileIsForgotten gives every setting that names a file of a key, token or password a name of its own and looks
// for it among the files that are checked.
func TestNoSecretFileIsForgotten(t *testing.T) {
	c := &Config{Principals: make([]Principal, 1)}
	c.Matching.Sources = []MatchingSource{{REST: &MatchingREST{}}}
	c.Index.Database = "postgres://gateway@db/index?passfile=/etc/pass"
	var want []string
	nameFiles(reflect.ValueOf(c).Elem(), "", &want)
	require.Greater(t, len(want), 12)
	got := c.secretFiles()
	for _, name := range append(want, "/etc/pass") {
		require.True(t, slices.Contains(got, name), "%s is not checked", name)
	}
}

func nameFiles(v reflect.Value, path string, names *[]string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			nameFiles(v.Elem(), path, names)
		}
	case reflect.Slice:
		for i := range v.Len() {
			nameFiles(v.Index(i), fmt.Sprintf("%s[%d]", path, i), names)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field, tag := v.Field(i), v.Type().Field(i).Tag.Get("mapstructure")
			at := path + "." + tag
			shared := v.Type() == reflect.TypeFor[SharedKey]() && tag == "file"
			if shared || strings.HasSuffix(tag, "key_file") || strings.HasSuffix(tag, "token_file") {
				field.SetString(at)
				*names = append(*names, at)
				continue
			}
			if field.CanSet() {
				nameFiles(field, at, names)
			}
		}
	}
}
