package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CheckPrivate is an error when others than its owner may read or change a file that holds a key, a token or a password. A
// file that is not there is left to whoever reads it.
func CheckPrivate(file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s must be readable by its owner only, but its mode is %04o: chmod 600 %s, and replace what it holds "+
			"if others may have read it", file, mode, file)
	}
	return nil
}
