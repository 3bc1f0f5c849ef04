package jobs

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
)

// AnswersType is the content type of a file of answers that a part of the gateway hands to a settlements job.
const AnswersType = "application/vnd.relieftrail.answers"

// WriteAnswers writes the bank's answers to a file for a settlements job, mode 0600, and has it on disk (fsync)
// before it returns its path. An answer's Seq becomes its line number, from 1; its salt is the job's to make.
//
// The file is a row of frames: four bytes of length, the highest first, and so many bytes as payment.AppendAnswers
// writes. A file that an earlier try wrote for the same job, which then never began, is deleted.
func WriteAnswers(dir, job string, answers []payment.AnswerInput) (path string, err error) {
	if err := removeAnswers(dir, job); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, job+"-*.answers") // mode 0600
	if err != nil {
		return "", fmt.Errorf("a settlement job's file: %w", err)
	}
	err = errors.Join(writeFrames(f, answers), f.Sync(), f.Close(), syncFolder(dir))
	if err != nil {
		return "", errors.Join(fmt.Errorf("a settlement job's file: %w", err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func writeFrames(f io.Writer, answers []payment.AnswerInput) error {
	w := bufio.NewWriter(f)
	line := uint32(0)
	var frame []byte
	for part := range slices.Chunk(answers, wire.MaxChunkLines) {
		numbered := slices.Clone(part)
		for i := range numbered {
			line++
			numbered[i].Seq = line
		}
		frame = payment.AppendAnswers(frame[:0], numbered)
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(frame))) //nolint:gosec // MaxChunkLines of some 60 bytes
		_, _ = w.Write(size[:])                                 // Flush has the error
		_, _ = w.Write(frame)
	}
	return w.Flush()
}

func removeAnswers(dir, job string) error {
	left, err := filepath.Glob(filepath.Join(dir, job+"-*.answers"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncFolder makes a new file's name as durable as its content.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// answerReader reads what WriteAnswers wrote, one frame in memory at a time.
type answerReader struct {
	r     *bufio.Reader
	frame []payment.AnswerInput // not yet read
}

func newAnswerReader(r io.Reader) *answerReader { return &answerReader{r: bufio.NewReader(r)} }

// next reads an answer. At the end the error is io.EOF.
func (r *answerReader) next() (payment.AnswerInput, error) {
	for len(r.frame) == 0 {
		if err := r.readFrame(); err != nil {
			return payment.AnswerInput{}, err
		}
	}
	a := r.frame[0]
	r.frame = r.frame[1:]
	return a, nil
}

func (r *answerReader) readFrame() error {
	var size [4]byte
	_, err := io.ReadFull(r.r, size[:])
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("the file of answers is damaged: %w", err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > wire.MaxChunkBytes {
		return fmt.Errorf("the file of answers is damaged: a frame has %d bytes", n)
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(r.r, frame); err != nil {
		return fmt.Errorf("the file of answers is damaged: %w", io.ErrUnexpectedEOF)
	}
	answers, err := payment.DecodeAnswers(frame)
	if err != nil {
		return errors.New("the file of answers is damaged: " + err.Error()) // not a refusal of the contract
	}
	r.frame = answers
	return nil
}
