package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPatience is how long a command waits for another one that was interrupted a moment ago and has not quite ended.
const lockPatience = time.Second

// Lock keeps two commands from changing one network at the same time. The system releases it when the process that holds it
// ends.
func Lock(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	lock := flock.New(path)
	_, err = lock.TryLockContext(ctx, lockPatience/10)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("another reliefnet command is changing this network (it holds %s): wait until it has ended", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { _ = lock.Unlock() }, nil
}
