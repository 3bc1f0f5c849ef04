package receiptprint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrNoFont says that none of the font files is there.
var ErrNoFont = errors.New("none of the font files with Chinese is there")

// maxFont bounds a font file, in bytes.
const maxFont = 64 << 20

// Font reads the first of some font files that is there: TrueType, or a collection, of which it takes the first font.
func Font(files []string) ([]byte, error) {
	for _, file := range files {
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Size() > maxFont {
			return nil, fmt.Errorf("%s is larger than a font", file)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		font, err := first(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return font, nil
	}
	return nil, ErrNoFont
}

var errFont = errors.New("not a TrueType font; PostScript outlines (.otf) cannot be used")

// first takes the first font out of a collection (OpenType 1.9, "Font Collections"): the tables that it names are copied
// behind a table directory of its own. A single font stays as it is.
func first(content []byte) ([]byte, error) {
	if len(content) < 12 {
		return nil, errFont
	}
	switch string(content[:4]) {
	case "\x00\x01\x00\x00", "true":
		return content, nil
	case "ttcf":
	default:
		return nil, errFont
	}
	if len(content) < 16 {
		return nil, errFont
	}
	at := uint64(binary.BigEndian.Uint32(content[12:]))
	if at+12 > uint64(len(content)) || string(content[at:at+4]) != "\x00\x01\x00\x00" {
		return nil, errFont
	}
	tables := uint64(binary.BigEndian.Uint16(content[at+4:]))
	size := 12 + 16*tables
	if at+size > uint64(len(content)) {
		return nil, errFont
	}
	out := append([]byte(nil), content[at:at+size]...)
	for i := range tables {
		entry := out[12+16*i:]
		from, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if from+length > uint64(len(content)) || uint64(len(out))+length > maxFont {
			return nil, errFont
		}
		binary.BigEndian.PutUint32(entry[8:], uint32(len(out))) //nolint:gosec // below maxFont
		out = append(out, content[from:from+length]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out, nil
}
