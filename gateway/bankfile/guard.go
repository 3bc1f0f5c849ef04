package bankfile

import (
	"errors"
	"io"
	"strings"
)

// boundedFile bounds the bytes of a file.
type boundedFile struct {
	r     io.Reader
	left  int64
	outer error // the error of r
}

func (b *boundedFile) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.outer = err
	}
	if b.left -= int64(n); b.left < 0 {
		return 0, errorf(CodeTooLarge, 0, "the file is larger than the limit")
	}
	return n, err
}

// maxComment bounds the bytes of a comment, which is not kept.
const maxComment = 64 << 10

// guard reads UTF-8 for an XML decoder, which holds a whole text, tag or comment in memory before it returns it. The guard bounds
// each of them, and refuses document types and entities before the decoder reads them.
type guard struct {
	r     io.Reader
	file  *boundedFile
	limit int // of bytes of one text or tag
	state guardState
	run   int    // bytes of the text, tag or comment at hand
	quote byte   // that ends the attribute's value
	mark  []byte // what follows "<!"
	last  [2]byte
	err   error // the guard's refusal
}

// guardState is what the byte at hand is a part of.
type guardState uint8

const (
	inText guardState = iota
	inOpening
	inTag
	inValue
	inInstruction
	inMark
	inComment
	inCDATA
)

func (g *guard) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(b)
	for i, c := range b[:n] {
		if g.err = g.next(c); g.err != nil {
			return i, g.err
		}
	}
	return n, err
}

func (g *guard) next(c byte) error {
	g.run++
	most := g.limit
	switch g.state {
	case inText:
		if c == '<' {
			g.enter(inOpening)
		}
	case inOpening:
		switch c {
		case '!':
			g.enter(inMark)
			g.mark = g.mark[:0]
		case '?':
			g.state = inInstruction
		default:
			g.state = inTag
			g.tag(c)
		}
	case inTag:
		g.tag(c)
	case inValue:
		if c == g.quote {
			g.state = inTag
		}
	case inInstruction:
		g.ends(c, "?>")
	case inMark:
		return g.marked(c)
	case inComment:
		most = maxComment
		g.ends(c, "-->")
	case inCDATA:
		g.ends(c, "]]>")
	}
	g.last = [2]byte{g.last[1], c}
	if g.run > most {
		return errorf(CodeTooLarge, 0, "a text or tag has more than %d bytes", most)
	}
	return nil
}

func (g *guard) enter(s guardState) { g.state, g.run, g.last = s, 0, [2]byte{} }

func (g *guard) tag(c byte) {
	switch c {
	case '>':
		g.enter(inText)
	case '"', '\'':
		g.state, g.quote = inValue, c
	}
}

// ends goes back to the text when the last bytes are the end of what is open.
func (g *guard) ends(c byte, end string) {
	if c != '>' || g.last[1] != end[len(end)-2] || len(end) == 3 && g.last[0] != end[0] {
		return
	}
	g.enter(inText)
}

// marked reads on behind "<!": a comment or a section of characters begins, and nothing else may.
func (g *guard) marked(c byte) error {
	g.mark = append(g.mark, c)
	switch mark := string(g.mark); {
	case mark == "--":
		g.enter(inComment)
	case mark == "[CDATA[":
		g.enter(inCDATA)
	case !strings.HasPrefix("--", mark) && !strings.HasPrefix("[CDATA[", mark):
		return errorf(CodeForbidden, 0, "document types and entities are not allowed")
	}
	return nil
}
