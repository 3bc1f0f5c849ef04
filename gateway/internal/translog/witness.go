package translog

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/httpclient"
)

// Witness is somebody outside the agencies who cosigns the log and sees that it only grows (C2SP tlog-witness). It learns sizes and roots, nothing
// of payments.
type Witness struct {
	URL string // before /add-checkpoint
	Key receipt.Key
}

// WitnessState is the last that is known of a witness.
type WitnessState struct {
	Size    int64     // of the newest checkpoint that it has cosigned
	At      time.Time // of that
	Problem string    // why the last checkpoint was not cosigned; "" if it was
}

const (
	witnessTime     = 10 * time.Second
	maxWitnessWait  = 5 * time.Minute
	maxWitnessBytes = 8 << 10
)

// sizeType is the type of a witness's answer that says which size it has.
const sizeType = "text/x.tlog.size"

// errElsewhere says that a witness has a newer state than the one it was sent: another agency was faster.
var errElsewhere = errors.New("the witness has a newer checkpoint")

// feed sends each published checkpoint to a witness, the newest when there are several. After a failure it waits, twice as long each time.
func (l *Log) feed(ctx context.Context, w Witness) error {
	var old int64 // the size that the witness has, as far as it is known
	failures := 0
	for {
		moved := l.newlyPublished.wait()
		c, ok := l.Published()
		if ok && !hasLine(c.Note, w.Key) {
			err := l.submit(ctx, w, c, &old)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			l.setWitness(ctx, w, c.Size, err)
			if failures++; err == nil {
				failures = 0
			}
		}
		wait := maxWitnessWait
		if failures > 0 {
			wait = doubled(max(l.Poll, time.Second), failures, maxWitnessWait)
			moved = nil // a witness that fails is left alone until then
		}
		if err := pause(ctx, wait, moved); err != nil {
			return err
		}
	}
}

// submit sends a checkpoint to a witness and keeps its cosignature. A witness that has another size than was thought says so (409), and is sent
// the checkpoint once more with the proof from there.
func (l *Log) submit(ctx context.Context, w Witness, c Checkpoint, old *int64) error {
	for attempt := 0; ; attempt++ {
		if *old > c.Size {
			*old = 0 // asked again, in case that it was wrong
			return errElsewhere
		}
		body, err := l.witnessRequest(c, *old)
		if err != nil {
			return err
		}
		lines, size, err := l.addCheckpoint(ctx, w, body)
		if err != nil {
			return err
		}
		if lines == nil {
			if *old == size || attempt == 2 {
				return fmt.Errorf("the witness says that it has size %d, and does not take a checkpoint from there", size)
			}
			*old = size
			continue
		}
		line, err := witnessLine(c, lines, w.Key)
		if err != nil {
			return err
		}
		*old = c.Size
		return l.keepWitnessed(c, line)
	}
}

// witnessRequest is the body of add-checkpoint: the size that the witness has, the proof that the log has only grown since, the checkpoint.
func (l *Log) witnessRequest(c Checkpoint, old int64) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 && old < c.Size {
		proof, err := tlog.ProveTree(c.Size, old, l.tree)
		if err != nil {
			return nil, err
		}
		for _, h := range proof {
			b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
		}
	}
	b.WriteString("\n")
	b.Write(c.Note)
	return b.Bytes(), nil
}

// addCheckpoint asks a witness. It gives the witness's lines, or without lines the size that the witness has.
func (l *Log) addCheckpoint(ctx context.Context, w Witness, body []byte) (lines []byte, size int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, witnessTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(w.URL, "/")+"/add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := l.WitnessClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	answer, err := httpclient.ReadAll(response.Body, maxWitnessBytes)
	if err != nil {
		return nil, 0, err
	}
	return readAnswer(response.StatusCode, response.Header.Get("Content-Type"), answer)
}

// refusals are what the statuses of C2SP tlog-witness mean.
var refusals = map[int]string{
	http.StatusBadRequest:          ": it cannot read what it was sent",
	http.StatusForbidden:           ": it knows no key that has signed the checkpoint",
	http.StatusNotFound:            ": it does not know the log's origin",
	http.StatusConflict:            ": it does not say which size it has",
	http.StatusUnprocessableEntity: ": the proof does not lead from what it has cosigned to the checkpoint",
}

// readAnswer reads a witness's answer to add-checkpoint: its lines, or without lines the size that it has. Nothing of a body that is neither is
// repeated in the error.
func readAnswer(status int, contentType string, answer []byte) (lines []byte, size int64, err error) {
	media, _, _ := mime.ParseMediaType(contentType)
	switch {
	case status == http.StatusOK && len(answer) > 0:
		return answer, 0, nil
	case status == http.StatusOK:
		return nil, 0, errors.New("the witness answered with nothing")
	case status == http.StatusConflict && media == sizeType:
		text := strings.TrimSuffix(string(answer), "\n")
		size, err := strconv.ParseInt(text, 10, 64)
		if err != nil || size < 0 || strconv.FormatInt(size, 10) != text {
			return nil, 0, errors.New("the witness answered with a size that is none")
		}
		return nil, size, nil
	}
	return nil, 0, fmt.Errorf("the witness answered with status %d%s", status, refusals[status])
}

// witnessLine is the one line of an answer that is the witness's cosignature of a checkpoint.
func witnessLine(c Checkpoint, answer []byte, key receipt.Key) (string, error) {
	body, _, _ := bytes.Cut(c.Note, []byte("\n\n"))
	n, err := note.Open(bytes.Join([][]byte{body, []byte("\n\n"), answer}, nil), note.VerifierList(key))
	if err != nil {
		return "", fmt.Errorf("the witness's answer is not a cosignature by its key: %w", err)
	}
	return "— " + n.Sigs[0].Name + " " + n.Sigs[0].Base64 + "\n", nil
}

// keepWitnessed adds a witness's line to the published checkpoint, unless a newer one has been published.
func (l *Log) keepWitnessed(c Checkpoint, line string) error {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	published, ok := l.Published()
	if !ok || published.Head != c.Head {
		return nil
	}
	signed := append(bytes.Clone(published.Note), line...)
	if len(signed) > maxNote {
		return errNotCheckpoint
	}
	if err := l.memory.publish(signed); err != nil {
		return fmt.Errorf("the published checkpoint: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published.Note = signed
	if l.allWitnessed(signed) {
		l.witnessed = l.published
	}
	return nil
}

// allWitnessed reports whether a checkpoint has the lines of all witnesses. Without witnesses none has.
func (l *Log) allWitnessed(signed []byte) bool {
	for _, w := range l.Witnesses {
		if !hasLine(signed, w.Key) {
			return false
		}
	}
	return len(l.Witnesses) > 0
}

// hasLine reports whether a note has a valid signature by a key.
func hasLine(signed []byte, key receipt.Key) bool {
	_, err := note.Open(signed, note.VerifierList(key))
	return err == nil
}

// setWitness records what came of a checkpoint, and logs a change.
func (l *Log) setWitness(ctx context.Context, w Witness, size int64, err error) {
	name := w.Key.Name()
	l.mu.Lock()
	before, known := l.witnesses[name]
	now := WitnessState{Size: size, At: l.now()}
	if err != nil {
		now = WitnessState{Size: before.Size, At: before.At, Problem: err.Error()}
	}
	l.witnesses[name] = now
	l.mu.Unlock()
	switch {
	case err != nil && before.Problem == "":
		l.log.WarnContext(ctx, "a witness does not cosign the log", "witness", name, "error", err)
	case err == nil && (before.Problem != "" || !known):
		l.log.InfoContext(ctx, "a witness cosigns the log", "witness", name, "size", size)
	}
}
