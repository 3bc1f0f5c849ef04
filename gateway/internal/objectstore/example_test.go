package objectstore_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"relieftrail/gateway/internal/objectstore"
)

// A file is kept under the hash of its content, and read back by it.
func ExampleFolder() {
	dir, err := os.MkdirTemp("", "objects-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		log.Fatal(err)
	}
	keyFile := filepath.Join(dir, "objects.key")
	if err := os.WriteFile(keyFile, []byte(key.String()), 0o600); err != nil {
		log.Fatal(err)
	}
	store, err := objectstore.OpenFolder(filepath.Join(dir, "objects"), keyFile)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	info, err := store.Put(ctx, strings.NewReader("the minutes of a home visit"), nil)
	if err != nil {
		log.Fatal(err)
	}
	object, err := store.Get(ctx, info.Hash)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = object.Close() }()
	content, err := io.ReadAll(object)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Hash[:8], info.Size, string(content))
	// Output: 6380af22 27 the minutes of a home visit
}
