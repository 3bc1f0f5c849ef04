package httpapi

import (
	"errors"
	"io"
	"net/http"

	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
)

// fileKinds maps what is wrong with a file as a whole to its problem; any other code is 422.
var fileKinds = map[string]kind{
	intake.CodeTooLarge:  kindTooLarge,
	intake.CodeMediaType: kindMediaType,
	intake.CodeCut:       kindUnreadable,
}

// fileProblem is what a refused file means to the caller.
func fileProblem(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return kindUnreadable.detail("The sender stopped in the middle of the file.")
	}
	var file *intake.FileError
	if !errors.As(err, &file) {
		return err
	}
	k, ok := fileKinds[file.Code]
	if !ok {
		k = kindFile
	}
	return &fault{kind: k, field: file.Field, detail: file.Detail}
}

// jobProblem is what a failed look-up of a job means.
func jobProblem(err error) error {
	if errors.Is(err, jobs.ErrNoJob) {
		return kindNotFound.detail("There is no job with this id.")
	}
	return err
}
