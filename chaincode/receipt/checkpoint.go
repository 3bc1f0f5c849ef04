package receipt

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Checkpoint is a log's tree at a size (C2SP tlog-checkpoint), without extension lines.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   [32]byte
}

// Text is what is signed.
func (c *Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseCheckpoint reads what Text writes, in that spelling only.
func ParseCheckpoint(text string) (Checkpoint, error) {
	var c Checkpoint
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return c, refuse(CodeCheckpoint)
	}
	c.Origin = lines[0]
	size, err := strconv.ParseUint(lines[1], 10, 63)
	root, rootErr := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || rootErr != nil || len(root) != len(c.Root) || !validName(c.Origin) {
		return c, refuse(CodeCheckpoint)
	}
	c.Size = size
	copy(c.Root[:], root)
	if c.Text() != text {
		return c, refuse(CodeCheckpoint)
	}
	return c, nil
}
