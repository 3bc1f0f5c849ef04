package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// figure is one measured thing.
type figure struct {
	Part   string    `json:"part"`
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Runs   []float64 `json:"runs"`
	Median float64   `json:"median"`
	// Target is what the figure has to reach, in words with the unit; empty without a target.
	Target string `json:"target,omitempty"`
	Note   string `json:"note,omitempty"`
}

// report is what a run found.
type report struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Quick   bool      `json:"quick"`
	RunsOf  int       `json:"runs"`
	Figures []figure  `json:"figures"`
}

// machine describes where it was measured.
type machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	MemoryMB int    `json:"memory_mb"`
	Kernel   string `json:"kernel"`
	Go       string `json:"go"`
	Commit   string `json:"commit"`
}

func (r *report) describe(quick bool, runs int) {
	r.At, r.Quick, r.RunsOf = time.Now().UTC(), quick, runs
	r.Machine = machine{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Kernel: strings.TrimSpace(readAll("/proc/sys/kernel/osrelease")),
	}
	kB, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.Atoi(kB); err == nil {
		r.Machine.MemoryMB = n / 1024
	}
	if out, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		r.Machine.Commit = strings.TrimSpace(string(out))
	}
}

// field is the first value of a name in one of Linux's lists; empty elsewhere.
func field(file, name string) string {
	for line := range strings.Lines(readAll(file)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func readAll(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}

func (r *report) write(file string) error {
	if len(r.Figures) == 0 {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o600)
}

func (r *report) table(w io.Writer) {
	m := r.Machine
	fmt.Fprintf(w, "\n%s, %d cores, %d MB; Linux %s, %s; %s; %s\n", m.CPU, m.Cores, m.MemoryMB, m.Kernel, m.Go, m.Commit,
		r.At.Format(time.RFC3339))
	if r.Quick {
		fmt.Fprintln(w, "A quick run: not to be quoted.")
	}
	fmt.Fprintf(w, "\n| part | what | median | unit | lowest – highest | target |\n|---|---|---:|---|---|---|\n")
	for _, f := range r.Figures {
		low, high := f.Median, f.Median
		for _, v := range f.Runs {
			low, high = min(low, v), max(high, v)
		}
		spread := ""
		if len(f.Runs) > 1 {
			spread = number(low) + " – " + number(high)
		}
		name := f.Name
		if f.Note != "" {
			name += " (" + f.Note + ")"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", f.Part, name, number(f.Median), f.Unit, spread, f.Target)
	}
	fmt.Fprintln(w)
}

// number writes a value with three significant digits.
func number(v float64) string {
	switch {
	case v >= 100 || v <= -100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10 || v <= -10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.1 || v <= -0.1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
}
