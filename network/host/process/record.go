package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Record is what is known of a process that was started.
type Record struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	// Boot and Ticks are the machine's boot and the clock tick since then at which it began. A pid is used again; a pid with
	// these two is not (adr/0046).
	Boot  string `json:"boot"`
	Ticks uint64 `json:"ticks"`
	Exe   string `json:"exe"`
	Log   string `json:"log"`
	// LogBegin is where in the log this run begins.
	LogBegin    int64     `json:"log_begin"`
	Fingerprint string    `json:"fingerprint"`
	StartedAt   time.Time `json:"started_at"`
}

// Record reads the record of a process. It is the zero Record when the process was never started.
func (r *Runner) Record(name string) (Record, error) {
	return readRecord(r.path(name))
}

// Records are all processes that were started and not yet stopped by Stop.
func (r *Runner) Records() ([]Record, error) {
	paths, err := filepath.Glob(filepath.Join(r.Dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, path := range paths {
		record, err := readRecord(path)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func readRecord(path string) (Record, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, err
	}
	var record Record
	if err := json.Unmarshal(text, &record); err != nil {
		return Record{}, fmt.Errorf("%s: %w", path, err)
	}
	return record, nil
}

// Alive reports whether the recorded process runs, and not another one that was given its pid.
func (r Record) Alive() bool {
	if r.PID <= 0 {
		return false
	}
	boot, ticks, err := birth(r.PID)
	return err == nil && boot == r.Boot && ticks == r.Ticks
}

// Memory is the resident memory of the process in bytes, 0 when it does not run.
func (r Record) Memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.PID))
	if err != nil || !r.Alive() {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// birth is the boot of the machine and the clock tick since then at which a process began. A process that has
// ended but was not yet waited for is an error, like one that is not there.
func birth(pid int) (boot string, ticks uint64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, err
	}
	// The second field is the program's name in brackets and may hold spaces and brackets itself.
	_, rest, found := cutLast(string(text), ") ")
	fields := strings.Fields(rest)
	if !found || len(fields) < 20 {
		return "", 0, fmt.Errorf("/proc/%d/stat: unknown form", pid)
	}
	// A zombie whose other threads have not ended yet still has its files and sockets open.
	if state, threads := fields[0], fields[17]; state == "Z" && threads == "1" || state == "X" {
		return "", 0, fmt.Errorf("process %d has ended", pid)
	}
	ticks, err = strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return "", 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", 0, err
	}
	return strings.TrimSpace(string(id)), ticks, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
