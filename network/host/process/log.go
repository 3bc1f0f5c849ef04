package process

import (
	"io"
	"os"
	"regexp"
	"strings"
)

// wordsAtMost bounds how much of a log is read for its last words.
const wordsAtMost = 256 << 10

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
	grave   = regexp.MustCompile(`(?i)\b(panic|pani|fata|fatal|erro|error|failed)\b`)
)

// LastWords is the line of a log that most likely says why its process ended: the panic, else the last error, else
// the last line. Only what was written from begin on counts.
func LastWords(path string, begin int64) string {
	file, err := os.Open(path)
	if err != nil {
		return "it has no log"
	}
	defer file.Close()
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return "its log cannot be read"
	}
	if _, err := file.Seek(max(begin, end-wordsAtMost), io.SeekStart); err != nil {
		return "its log cannot be read"
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return "its log cannot be read"
	}
	last, worst := "", ""
	for line := range strings.Lines(colours.ReplaceAllString(string(text), "")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic: ") {
			return shorten(line)
		}
		if line != "" {
			last = line
		}
		if grave.MatchString(line) {
			worst = line
		}
	}
	switch {
	case worst != "":
		return shorten(worst)
	case last != "":
		return shorten(last)
	}
	return "it said nothing"
}

func shorten(line string) string {
	const most = 300
	if len(line) > most {
		return strings.ToValidUTF8(line[:most], "") + " …"
	}
	return line
}
