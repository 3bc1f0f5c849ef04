package yearexport

import (
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/table"
)

// Request says which archive an official wants.
type Request struct {
	County     relief.Region        `json:"county"`
	Year       int                  `json:"year"`
	Programmes []relief.ProgrammeID `json:"programmes"`
	Format     table.Format         `json:"format"`
	Chinese    bool                 `json:"chinese,omitempty"` // headers, and words of states and kinds
	Names      bool                 `json:"names,omitempty"`   // the rolls with names, cards and telephone numbers
}

// name is the archive's name without its ending.
func (q *Request) name() string { return "relief-" + string(q.County) + "-" + strconv.Itoa(q.Year) }

// State says how far an export is.
type State string

// The states. Ready and failed are the ends.
const (
	Queued  State = "queued"
	Running State = "running"
	Ready   State = "ready"
	Failed  State = "failed"
)

// Export is an archive that an official asked for, and how far it is.
type Export struct {
	ID        string `json:"id"`
	Principal string `json:"principal"` // who asked for it: the lists are read in their name, and nobody else gets it
	Request
	State     State     `json:"state"`
	Error     string    `json:"error,omitempty"` // in both languages
	Lists     int       `json:"lists"`           // how many files the archive is to have beside the manifest
	Rows      int       `json:"rows"`            // of the files that are there
	Files     []File    `json:"files"`
	Bytes     int64     `json:"bytes,omitempty"`  // of the archive
	SHA256    string    `json:"sha256,omitempty"` // of the archive
	AskedAt   time.Time `json:"asked_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	KeptUntil time.Time `json:"kept_until,omitzero"` // then it is deleted
}

// File is a whole list in an archive.
type File struct {
	Name   string `json:"name"`
	List   string `json:"list"` // the path and query that give the same
	Rows   int    `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Block is the last block that the index had when the list was begun, LastBlock when it was finished: where both are the same, the
	// file is the list as it was after that block.
	Block     uint64 `json:"block"`
	LastBlock uint64 `json:"last_block"`
}

// Done reports whether an export has come to an end.
func (e *Export) Done() bool { return e.State == Ready || e.State == Failed }

// ArchiveName is the archive's name.
func (e *Export) ArchiveName() string { return e.name() + ".zip" }

// NamedRows is how many rows of an archive name people.
func (e *Export) NamedRows() (rows int) {
	if !e.Names {
		return 0
	}
	for i := range e.Files {
		if namesPeople(e.Files[i].Name) {
			rows += e.Files[i].Rows
		}
	}
	return rows
}

// manifest is the file that says what an archive holds.
type manifest struct {
	ID        string `json:"id"`
	Principal string `json:"principal"`
	Request
	AskedAt time.Time `json:"asked_at"`
	Files   []File    `json:"files"`
}
