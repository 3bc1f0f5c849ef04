package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// printer writes the story: in Chinese first, then in English.
type printer struct {
	w     io.Writer
	began time.Time
	step  int
}

func (p *printer) chapter(chinese, english string) {
	p.step++
	fmt.Fprintf(p.w, "\n%d. %s\n   %s   [%.1f s]\n", p.step, chinese, english, time.Since(p.began).Seconds())
}

func (p *printer) say(format string, args ...any) {
	fmt.Fprintf(p.w, "   · "+format+"\n", args...)
}

// progress overwrites one line on a terminal and stays silent elsewhere.
func (p *printer) progress(what string, done, total int) {
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

// short cuts a transaction id for reading.
func short(id string) string { return id[:min(12, len(id))] + "…" }
