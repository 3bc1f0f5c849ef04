package matching

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

// Erase takes erased people out of the files that are exchanged with departments.
func (d *Desk) Erase(_ context.Context, e *index.Erasure) error {
	for _, s := range d.Sources {
		f, ok := s.Connector.(*Folder)
		if !ok {
			continue
		}
		for _, ref := range e.Subjects {
			if err := f.erase(ref); err != nil {
				return fmt.Errorf("erasing in the folder of source %s: %w", s.Source(), err)
			}
		}
	}
	return nil
}

// Sweep has nothing to do: each look into the folders deletes what is old.
func (d *Desk) Sweep(context.Context) error { return nil }

// kept are the files of questions and those that were taken, with their reports.
func (f *Folder) kept() ([]string, error) {
	questions, err := filepath.Glob(filepath.Join(f.o.Dir, "questions", "*.csv"))
	if err != nil {
		return nil, err
	}
	taken, err := filepath.Glob(filepath.Join(f.o.Dir, "taken", "*.csv"))
	return append(questions, taken...), err
}

// erase takes a person's line out of the files of questions, and deletes files with the person that were taken: their statements
// are on the ledger, and a department's columns may say anything. A reference is spelt the same in every encoding of the files.
func (f *Folder) erase(ref relief.SubjectRef) error {
	names, err := f.kept()
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !bytes.Contains(content, []byte(ref.String())) {
			continue
		}
		if filepath.Base(filepath.Dir(name)) == "taken" {
			err = os.Remove(name)
		} else {
			err = replaceQuestions(name, withoutLine(content, ref))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withoutLine is a file of questions without the line that begins with a reference. No cell of a question has a line break.
func withoutLine(content []byte, ref relief.SubjectRef) []byte {
	var rest []byte
	for line := range bytes.Lines(content) {
		if !bytes.HasPrefix(line, []byte(ref.String()+",")) {
			rest = append(rest, line...)
		}
	}
	return rest
}

// replaceQuestions writes a file of questions again; one with the header alone is deleted.
func replaceQuestions(name string, content []byte) error {
	if bytes.Count(content, []byte("\n")) < 2 {
		return os.Remove(name)
	}
	return writeAtomically(name, content)
}
