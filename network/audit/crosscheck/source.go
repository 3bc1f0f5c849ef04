package crosscheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Source is one organisation's copy of the blocks.
type Source interface {
	// Organisation is the name of the organisation.
	Organisation() string
	// Height is the number of blocks that it has.
	Height(ctx context.Context) (uint64, error)
	// Blocks yields the blocks with numbers in [from, until), in order. A block that cannot be read is yielded as an
	// error, and the following blocks are still yielded. It ends early when yield returns false.
	Blocks(ctx context.Context, from, until uint64, yield func(Block, error) bool)
}

// Files are a copy of a peer's block files, read without the peer.
type Files struct {
	name  string
	paths []string
}

// blockFiles matches the names of a peer's block files.
const blockFiles = "blockfile_*"

// OpenFiles takes the block files of a folder, or a single file; name is the organisation's.
func OpenFiles(name, path string) (*Files, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return &Files{name, []string{path}}, nil
	}
	paths, err := filepath.Glob(filepath.Join(path, blockFiles))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no block files (%s): name the folder ledgersData/chains/chains/CHANNEL of a peer, or a single file", path, blockFiles)
	}
	slices.Sort(paths)
	return &Files{name, paths}, nil
}

// Organisation is the name that the files were opened under.
func (f *Files) Organisation() string { return f.name }

// Height counts the blocks.
func (f *Files) Height(ctx context.Context) (height uint64, err error) {
	f.each(ctx, func(n uint64, _ []byte, _ error) bool {
		height = n + 1
		return true
	})
	return height, ctx.Err()
}

// Blocks always reads the files from their beginning: they have no index.
func (f *Files) Blocks(ctx context.Context, from, until uint64, yield func(Block, error) bool) {
	f.each(ctx, func(n uint64, raw []byte, err error) bool {
		if n < from {
			return true
		}
		if n >= until {
			return false
		}
		if err != nil {
			return yield(Block{Number: n}, err)
		}
		b, err := ParseBlock(raw)
		if err != nil {
			b.Number = n
		}
		return yield(b, err)
	})
}

// each visits the pieces of the files, counted from 0, until visit returns false.
func (f *Files) each(ctx context.Context, visit func(n uint64, raw []byte, err error) bool) {
	n := uint64(0)
	for _, path := range f.paths {
		content, err := os.ReadFile(path)
		if err != nil {
			visit(n, nil, err)
			return
		}
		for len(content) > 0 {
			if ctx.Err() != nil {
				return
			}
			raw, rest, err := nextPiece(content, n)
			if !visit(n, raw, err) {
				return
			}
			content = rest
			n++
		}
	}
}

var errLength = errors.New("the length before it in the file is wrong")

// nextPiece cuts one block off a file's content. Where the length before it is wrong, it searches for the next block by
// its number, so that one bad byte does not hide all later blocks.
func nextPiece(content []byte, n uint64) (raw, rest []byte, err error) {
	raw, rest, ok := cut(content)
	if ok && (len(rest) == 0 || beginsBlock(rest, n+1) || !beginsBlock(content, n)) {
		return raw, rest, nil
	}
	for at := 1; at < len(content); at++ {
		if beginsBlock(content[at:], n+1) {
			return nil, content[at:], errLength
		}
	}
	if ok {
		return raw, rest, nil
	}
	return nil, nil, errLength
}

// cut splits off a field that has its length before it.
func cut(content []byte) (raw, rest []byte, ok bool) {
	r := fields{rest: content}
	raw = r.bytes()
	return raw, r.rest, r.err == nil && len(raw) <= maxBlockBytes
}

// beginsBlock reports whether content looks like the block with this number: a length, the number, and the length of
// the data hash.
func beginsBlock(content []byte, n uint64) bool {
	raw, _, ok := cut(content)
	return ok && bytes.HasPrefix(raw, append(protowire.AppendVarint(nil, n), 32))
}
