package yearexport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// carry brings an export to its end, or as far as it comes before the gateway stops.
func (r *Runner) carry(ctx context.Context, fetch Fetch, e *Export) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r.mu.Lock()
	r.carrying, r.stop = e.ID, stop
	r.mu.Unlock()
	err := r.make(ctx, fetch, e)
	r.mu.Lock()
	r.carrying = ""
	r.mu.Unlock()
	switch {
	case errors.Is(err, ErrNone) || ctx.Err() != nil && r.gone(e.ID):
		if err := os.RemoveAll(r.folder(e.ID)); err != nil {
			r.options.Log.Error("a deleted export's files are left", "export", e.ID, "error", err)
		}
	case ctx.Err() != nil: // the gateway stops; the next one goes on
	case err != nil:
		r.fail(e, err)
	}
}

func (r *Runner) gone(id string) bool {
	_, err := r.get(id)
	return errors.Is(err, ErrNone)
}

// make fetches the lists that are not there yet and packs them.
func (r *Runner) make(ctx context.Context, fetch Fetch, e *Export) error {
	e.State = Running
	if err := r.begin(e); err != nil {
		return err
	}
	lists := contents(&e.Request)
	for i := len(e.Files); i < len(lists); i++ {
		file, err := r.fetchPatiently(ctx, fetch, e, &lists[i])
		if err != nil {
			return err
		}
		e.Files = append(e.Files, file)
		e.Rows += file.Rows
		if err := r.save(e); err != nil {
			return err
		}
	}
	if err := r.pack(e); err != nil {
		return err
	}
	e.State, e.EndedAt = Ready, r.options.Now().UTC()
	e.KeptUntil = e.EndedAt.Add(r.options.Keep)
	if err := r.save(e); err != nil {
		return err
	}
	r.options.Log.Info("an archive of a year is ready", "export", e.ID, "principal", e.Principal, "files", len(e.Files), "rows", e.Rows, "bytes", e.Bytes)
	if err := r.dropParts(e); err != nil { // they go with the archive
		r.options.Log.Error("files of an archive are left beside it", "export", e.ID, "error", err)
	}
	return nil
}

// begin makes the folder, and keeps those files of an earlier process that are whole.
func (r *Runner) begin(e *Export) error {
	if err := os.MkdirAll(r.folder(e.ID), 0o700); err != nil {
		return err
	}
	whole := 0
	for whole < len(e.Files) && r.isWhole(e, &e.Files[whole]) {
		whole++
	}
	e.Files, e.Rows = e.Files[:whole], 0
	for i := range e.Files {
		e.Rows += e.Files[i].Rows
	}
	return r.save(e)
}

func (r *Runner) isWhole(e *Export, f *File) bool {
	file, err := os.Open(r.part(e, f.Name))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	_, err = io.Copy(h, file)
	return err == nil && hex.EncodeToString(h.Sum(nil)) == f.SHA256
}

func (r *Runner) part(e *Export, name string) string { return filepath.Join(r.folder(e.ID), name) }

// tries is how often a list is asked for while the trouble is expected to pass.
const tries = 40

// fetchPatiently asks for a list, and again while what is wrong is expected to pass.
func (r *Runner) fetchPatiently(ctx context.Context, fetch Fetch, e *Export, l *list) (File, error) {
	for n := 1; ; n++ {
		file, err := r.fetch(ctx, fetch, e, l)
		var refused *Refused
		if err == nil || !errors.As(err, &refused) || !refused.Passing || n == tries {
			return file, err
		}
		pause := time.NewTimer(r.options.Pause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return file, ctx.Err()
		}
	}
}

func (r *Runner) fetch(ctx context.Context, fetch Fetch, e *Export, l *list) (f File, err error) {
	f = File{Name: l.name + "." + e.Format.Extension(), List: e.asFile(l)}
	out, err := os.OpenFile(r.part(e, f.Name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return f, err
	}
	m := &measure{out: out, hash: sha256.New(), room: r.options.MaxBytes}
	for i := range e.Files {
		m.room -= e.Files[i].Bytes
	}
	fetched, err := fetch(ctx, e.Principal, f.List, m)
	if m.err != nil {
		err = m.err // why the list was cut off
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return f, err
	}
	f.Rows, f.Block, f.LastBlock = fetched.Rows, fetched.Block, fetched.LastBlock
	f.Bytes, f.SHA256 = m.bytes, hex.EncodeToString(m.hash.Sum(nil))
	return f, nil
}

// errTooLarge means that the files of an archive are more than it may hold.
var errTooLarge = errors.New("the archive is larger than it may be")

// measure writes a file, as much as there is room for, and counts and hashes what it writes.
type measure struct {
	out   io.Writer
	hash  hash.Hash
	room  int64
	bytes int64
	err   error
}

func (m *measure) Write(b []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if m.bytes+int64(len(b)) > m.room {
		m.err = errTooLarge
		return 0, m.err
	}
	n, err := m.out.Write(b)
	m.bytes += int64(n)
	_, _ = m.hash.Write(b[:n]) // a hash takes everything
	m.err = err
	return n, err
}

// fail ends an export with the reason that its official sees. The files go, the reason stays as long as an archive would.
func (r *Runner) fail(e *Export, err error) {
	e.State, e.EndedAt, e.Error = Failed, r.options.Now().UTC(), r.reason(err)
	e.KeptUntil = e.EndedAt.Add(r.options.Keep)
	r.options.Log.Error("an archive of a year was not made", "export", e.ID, "principal", e.Principal, "error", err)
	if err := errors.Join(r.save(e), os.RemoveAll(r.folder(e.ID))); err != nil {
		r.options.Log.Error("a failed export cannot be kept", "export", e.ID, "error", err)
	}
}

func (r *Runner) reason(err error) string {
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return refused.Reason
	case errors.Is(err, errTooLarge):
		return fmt.Sprintf("压缩包内容超过 %d 字节，请减少项目。 · The files are more than %d bytes: ask for fewer programmes.", r.options.MaxBytes, r.options.MaxBytes)
	case errors.Is(err, syscall.ENOSPC):
		return "本网关磁盘已满，请联系系统管理员。 · The gateway's disk is full: tell its operator."
	default:
		return "网关内部错误，详情见网关日志。 · Something went wrong in the gateway; its log says what."
	}
}
