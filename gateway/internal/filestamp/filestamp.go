package filestamp

import (
	"os"
	"syscall"
	"time"
)

// Stamp is what changes when a file is written, replaced or deleted. The zero Stamp is that of no file.
type Stamp struct {
	modified time.Time
	size     int64
	inode    uint64
}

// Of is the stamp of a file as it is now; a file that cannot be looked at counts as none.
func Of(path string) Stamp {
	info, err := os.Stat(path)
	if err != nil {
		return Stamp{}
	}
	s := Stamp{modified: info.ModTime(), size: info.Size()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = sys.Ino
	}
	return s
}
