package yearexport

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// manifestName is the name of the manifest in an archive.
const manifestName = "manifest.json"

// pack makes the archive of the files. It has its name only once it is whole.
func (r *Runner) pack(e *Export) (err error) {
	making := r.archive(e.ID) + ".part"
	out, err := os.OpenFile(making, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	m := &measure{out: out, hash: sha256.New(), room: math.MaxInt64}
	buffered := bufio.NewWriterSize(m, 1<<20)
	if err = r.zip(zip.NewWriter(buffered), e); err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	e.Bytes, e.SHA256 = m.bytes, hex.EncodeToString(m.hash.Sum(nil))
	return os.Rename(making, r.archive(e.ID))
}

func (r *Runner) zip(z *zip.Writer, e *Export) error {
	text, err := json.MarshalIndent(manifest{ID: e.ID, Principal: e.Principal, Request: e.Request, AskedAt: e.AskedAt, Files: e.Files}, "", "  ")
	if err != nil {
		return err
	}
	add := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.AskedAt})
	}
	w, err := add(manifestName)
	if err != nil {
		return err
	}
	if _, err := w.Write(append(text, '\n')); err != nil {
		return err
	}
	for i := range e.Files {
		if w, err = add(e.Files[i].Name); err != nil {
			return err
		}
		if err := r.copyPart(w, e, &e.Files[i]); err != nil {
			return err
		}
	}
	return z.Close()
}

// copyPart writes a file into the archive. One that is not what was fetched fails the archive.
func (r *Runner) copyPart(w io.Writer, e *Export, f *File) error {
	part, err := os.Open(r.part(e, f.Name))
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, h), part); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("the file %s was changed on the disk", f.Name)
	}
	return nil
}

// dropParts deletes the files that the archive has.
func (r *Runner) dropParts(e *Export) (err error) {
	for i := range e.Files {
		if gone := os.Remove(r.part(e, e.Files[i].Name)); gone != nil && !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
