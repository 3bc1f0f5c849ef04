package intake

import (
	"bytes"
	"crypto/sha256"
	"io"
	"strings"

	"relieftrail/gateway/internal/workbook"
)

// Small is a small file in memory.
type Small struct {
	Content     []byte
	ContentType string // what the file turned out to be, for NewReader
	SHA256      [32]byte
}

// ReadSmall reads a file that should have at most so many bytes, and looks at it as Spool does. ok is false when it has to be
// taken to disk all the same, because it is longer, compressed, or a workbook; rest then gives the whole file.
func ReadSmall(r io.Reader, contentType, encoding string, kind Kind, most int64) (s Small, ok bool, rest io.Reader, err error) {
	if _, _, err := mediaType(contentType); err != nil {
		return s, false, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return s, false, nil, err
	}
	plain := strings.TrimSpace(encoding) == "" && !bytes.HasPrefix(content, []byte("\x1f\x8b")) && !workbook.Is(content)
	if !plain || int64(len(content)) > most {
		return s, false, io.MultiReader(bytes.NewReader(content), r), nil
	}
	s = Small{Content: content, SHA256: sha256.Sum256(content)}
	s.ContentType, err = inspect(bytes.NewReader(content), contentType, kind)
	return s, true, nil, err
}
