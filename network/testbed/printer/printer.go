package printer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Printer writes a story: in Chinese first, then in English.
type Printer struct {
	w     io.Writer
	began time.Time
	step  int
}

// New begins a story.
func New(w io.Writer) *Printer { return &Printer{w: w, began: time.Now()} }

// Elapsed is how long the story has taken so far.
func (p *Printer) Elapsed() time.Duration { return time.Since(p.began) }

// Chapter begins a chapter.
func (p *Printer) Chapter(chinese, english string) {
	p.step++
	fmt.Fprintf(p.w, "\n%d. %s\n   %s   [%.1f s]\n", p.step, chinese, english, p.Elapsed().Seconds())
}

// Say tells one thing.
func (p *Printer) Say(format string, args ...any) {
	fmt.Fprintf(p.w, "   · "+format+"\n", args...)
}

// Progress overwrites one line on a terminal and stays silent elsewhere.
func (p *Printer) Progress(what string, done, total int) {
	if f, ok := p.w.(*os.File); !ok || !isTerminal(f) {
		return
	}
	const width = 30
	filled := width
	if total > 0 && done < total {
		filled = width * done / total
	}
	fmt.Fprintf(p.w, "\r     %s [%s%s] %d/%d", what, strings.Repeat("█", filled), strings.Repeat("·", width-filled), done, total)
	if done >= total {
		fmt.Fprint(p.w, "\r\x1b[2K")
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Short cuts a transaction id for reading.
func Short(id string) string { return id[:min(12, len(id))] + "…" }

// End ends the story.
func (p *Printer) End(chinese, english string) {
	fmt.Fprintf(p.w, "\n✓ %s · %s, in %.1f s.\n", chinese, english, p.Elapsed().Seconds())
}
