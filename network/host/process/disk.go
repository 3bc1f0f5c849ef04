package process

import (
	"fmt"
	"os"
	"syscall"
)

// NeedBytes is the free space below which nothing is started: to free space takes less time than to repair a ledger whose
// disk became full in the middle of a block.
const NeedBytes = 500 << 20

// CheckSpace is an error when the disk that holds dir has less than NeedBytes free.
func CheckSpace(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return enough(dir, fs.Bavail*uint64(fs.Bsize)) //nolint:gosec // a block size is positive
}

func enough(dir string, free uint64) error {
	if free < NeedBytes {
		return fmt.Errorf("the disk with %s has %d MB free, and starting needs %d: free some, or name another folder with --state",
			dir, free>>20, NeedBytes>>20)
	}
	return nil
}
