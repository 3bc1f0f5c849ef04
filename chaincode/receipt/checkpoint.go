package receipt

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Checkpoint is the state of a log at a size: the root of its tree (C2SP tlog-checkpoint), without extension lines.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   [32]byte
}

// Text is the text that the log and the agencies sign.
func (c *Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseCheckpoint reads what Text writes and no other spelling.
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
