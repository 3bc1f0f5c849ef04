package matching

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/bankfile/gb18030"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/table"
)

const (
	maxFile  = 64 << 20
	maxLines = 1_000_000
	maxCell  = 1000
	perCall  = 500 // lines handled at a time, and acts in one transaction
)

// FolderOptions describe a folder for exchanging files with a department. The gateway writes questions into questions/, the
// department writes its statements into answers/; both give a file its name when it is complete. A file that has been taken
// moves to taken/, with a report beside it.
type FolderOptions struct {
	Source   relief.DepartmentID
	Dir      string
	Encoding string // of the files: utf-8 (the default) or gb18030
	Mapping  Mapping
	Now      func() time.Time
}

// Folder exchanges CSV files with one department.
type Folder struct{ o FolderOptions }

// NewFolder checks the options and creates the folders with mode 0700.
func NewFolder(o FolderOptions) (*Folder, error) {
	if o.Encoding == "" {
		o.Encoding = "utf-8"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	faults := []error{o.Mapping.check()}
	if o.Encoding != "utf-8" && o.Encoding != "gb18030" {
		faults = append(faults, fmt.Errorf("encoding: must be utf-8 or gb18030, not %q", o.Encoding))
	}
	for _, dir := range []string{"questions", "answers", "taken"} {
		faults = append(faults, os.MkdirAll(filepath.Join(o.Dir, dir), 0o700))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Source, err)
	}
	return &Folder{o}, nil
}

// Source is the department's id.
func (f *Folder) Source() relief.DepartmentID { return f.o.Source }

// Ask writes the questions into one file. The answers come later, through Receive.
func (f *Folder) Ask(_ context.Context, questions []Question) ([]Answer, error) {
	var text bytes.Buffer
	if err := table.WriteAll(&text, questionTable, forPrograms, questions); err != nil {
		return nil, err
	}
	out, err := f.encoded(text.Bytes())
	if err != nil {
		return nil, err
	}
	// The name comes from the day and the people: asking again on the same day replaces the file.
	hash := sha256.New()
	for _, q := range questions {
		hash.Write(q.Subject[:])
	}
	name := "questions-" + f.o.Now().UTC().Format("20060102") + "-" + shortHash(hash) + ".csv"
	if err := writeAtomically(filepath.Join(f.o.Dir, "questions", name), out); err != nil {
		return nil, fmt.Errorf("the file of questions cannot be written: %w", err)
	}
	return make([]Answer, len(questions)), nil
}

// encoded is a text in the encoding of the department's files.
func (f *Folder) encoded(text []byte) ([]byte, error) {
	if f.o.Encoding != "gb18030" {
		return text, nil
	}
	var out bytes.Buffer
	w := gb18030.NewWriter(&out)
	_, err := w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, errors.New("the questions cannot be written in GB18030")
	}
	return out.Bytes(), nil
}

func shortHash(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:8]) }

// Sweep deletes files of questions, and files that were taken, that are older than keep: they name people, and what counts of
// them is on the ledger.
func (f *Folder) Sweep(keep time.Duration) error {
	names, err := f.kept()
	faults := []error{err}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && f.o.Now().Sub(info.ModTime()) > keep {
			faults = append(faults, os.Remove(name))
		}
	}
	return errors.Join(faults...)
}

// writeAtomically gives a file its name when all of it is on disk.
func writeAtomically(path string, content []byte) error {
	building, err := os.CreateTemp(filepath.Dir(path), ".*.csv") // mode 0600; a name of its own, since another goroutine may write the same file
	if err != nil {
		return err
	}
	_, err = building.Write(content)
	if err = errors.Join(err, building.Sync(), building.Close()); err != nil {
		return errors.Join(err, os.Remove(building.Name()))
	}
	return os.Rename(building.Name(), path)
}

// Line is one line of a file of statements.
type Line struct {
	Number    int // the header is line 1
	Statement *registry.MatchStatement
	Region    string // where the person lives, if the mapping has a column for it
	Err       error  // why the line is not taken, for the report
}

// Receive takes all files of the department in the order of their names, and returns how many it has taken. take gets up to
// perCall lines at a time, also those that cannot be read, and may set their errors. If take fails, the file stays and is
// taken again the next time, so take must be able to get the same lines twice.
func (f *Folder) Receive(ctx context.Context, take func(context.Context, []Line) error) (files int, err error) {
	names, err := filepath.Glob(filepath.Join(f.o.Dir, "answers", "*.csv"))
	if err != nil {
		return 0, err
	}
	slices.Sort(names)
	var unreadable []error
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), ".") {
			continue
		}
		switch err := f.receive(ctx, name, take); {
		case errors.Is(err, fs.ErrPermission): // affects this file alone
			unreadable = append(unreadable, fmt.Errorf("file %s of source %s: %w", filepath.Base(name), f.o.Source, err))
			continue
		case err != nil:
			return files, fmt.Errorf("file %s of source %s: %w", filepath.Base(name), f.o.Source, err)
		}
		files++
	}
	return files, errors.Join(unreadable...)
}

// receive takes one file. A file that is not a list of statements is moved away, too, with a report that says so. The names
// under taken/ contain a hash of the content: a file that is taken twice, because the gateway stopped meanwhile, has one report.
func (f *Folder) receive(ctx context.Context, name string, take func(context.Context, []Line) error) error {
	var report []reportLine
	hand := func(lines []Line) error {
		if err := errors.Join(take(ctx, lines), ctx.Err()); err != nil {
			return err
		}
		for _, l := range lines {
			reason := ""
			if l.Err != nil {
				reason = lineFault(l.Err)
			}
			report = append(report, reportLine{l.Number, strconv.FormatBool(l.Err == nil), reason})
		}
		return nil
	}
	sum, err := f.read(name, hand)
	var unreadable *FileError
	if errors.As(err, &unreadable) {
		report = append(report, reportLine{0, "false", unreadable.Error()})
	} else if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := table.WriteAll(&text, reportTable, forPrograms, report); err != nil {
		return err
	}
	base := strings.TrimSuffix(filepath.Base(name), ".csv")
	taken := filepath.Join(f.o.Dir, "taken", base[:min(len(base), 100)]+"-"+sum)
	if err := writeAtomically(taken+".report.csv", text.Bytes()); err != nil {
		return err
	}
	return os.Rename(name, taken+".csv")
}

// FileError says why a file is not a list of statements.
type FileError struct{ Detail bilingual.Text }

func (e *FileError) Error() string { return e.Detail.String() }

func fileErrorf(zh, en string, args ...any) error {
	return &FileError{bilingual.Textf(zh, en, args...)}
}

// lineFault says in a report what is wrong with a line.
func lineFault(err error) string {
	var refused *relief.Error
	if errors.As(err, &refused) {
		return bilingual.Coded(refused)
	}
	return err.Error()
}

// read reads a file twice: first for its hash, then for its lines.
func (f *Folder) read(name string, hand func([]Line) error) (sum string, err error) {
	info, err := os.Lstat(name) // before the file is opened, because opening a pipe would block
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return "unread", fileErrorf("文件须为不超过 %d 字节的普通文件",
			"the file must be a regular file of at most %d bytes", maxFile)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	whole := sha256.New()
	if _, err := io.Copy(whole, io.LimitReader(file, maxFile)); err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	return shortHash(whole), readStatements(io.LimitReader(file, maxFile), &f.o, hand)
}

// readStatements reads a list and calls hand with up to perCall lines at a time.
func readStatements(in io.Reader, o *FolderOptions, hand func([]Line) error) error {
	if o.Encoding == "gb18030" {
		in = gb18030.NewReader(in)
	}
	r, columns, err := openList(in, &o.Mapping)
	if err != nil {
		return err
	}
	var lines []Line
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
			lines = append(lines, Line{Number: syntax.StartLine, Err: answerErrorf("该行不是 CSV 格式", "the line is not CSV")})
		case err != nil:
			return err
		case n >= maxLines:
			return fileErrorf("文件最多 %d 行；此前的行已采用",
				"the file must have at most %d lines; the lines before were taken", maxLines)
		default:
			number, _ := r.FieldPos(0)
			lines = append(lines, readLine(number, record, columns, o))
		}
		if len(lines) == perCall {
			if err := hand(lines); err != nil {
				return err
			}
			lines = nil
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return hand(lines)
}

// openList reads the header line, which must have all columns of the mapping.
func openList(in io.Reader, m *Mapping) (*csv.Reader, map[string]int, error) {
	buffered := bufio.NewReader(in)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3)
	}
	r := csv.NewReader(buffered)
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		return nil, nil, fileErrorf("表头无法读取", "the header line cannot be read")
	}
	columns := map[string]int{}
	for i, title := range header {
		columns[strings.TrimSpace(title)] = i
	}
	for _, title := range m.parts() {
		if _, ok := columns[title]; !ok {
			return nil, nil, fileErrorf("表头缺少列“%s”", "the header must have the column %s", title)
		}
	}
	return r, columns, nil
}

func readLine(number int, record []string, columns map[string]int, o *FolderOptions) Line {
	cell := func(title string) (string, bool) {
		i, ok := columns[title]
		if !ok || i >= len(record) || len(record[i]) > maxCell {
			return "", false
		}
		return strings.TrimSpace(record[i]), true
	}
	st, err := o.Mapping.statement(o.Source, cell)
	region, _ := cell(o.Mapping.Region)
	return Line{Number: number, Statement: st, Region: region, Err: err}
}
