package process

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CheckFree is an error when a process could not open an address; the error names the process that has it.
func CheckFree(name string, listen Listen) error {
	listener, err := net.Listen("tcp", listen.Address)
	if err != nil {
		return taken(name, listen, err)
	}
	return listener.Close()
}

// portPatience is how long the kernel may take to close the sockets of a process that has ended.
const portPatience = 3 * time.Second

// awaitFree is CheckFree for an address that a process had which has just ended.
func awaitFree(name string, listen Listen, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		err := CheckFree(name, listen)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// taken is the error of a process that could not open an address.
func taken(name string, listen Listen, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: its %s address %s: %w", name, listen.Use, listen.Address, err)
	}
	_, port, splitErr := net.SplitHostPort(listen.Address)
	if splitErr != nil {
		return fmt.Errorf("%s: %w", name, splitErr)
	}
	return fmt.Errorf("%s: port %s (%s) is taken%s; stop that, or move this network with --port-offset",
		name, port, listen.Use, owner(port))
}

// owner is " by NAME (pid N)" when /proc shows which process listens on a port of this machine, else "".
func owner(port string) string {
	inodes := listeningSockets(port)
	if len(inodes) == 0 {
		return ""
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			continue
		}
		return fmt.Sprintf(" by %s (pid %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// listeningSockets are the sockets that listen on a port, in the form that /proc/PID/fd links have.
func listeningSockets(port string) map[string]bool {
	const listening = "0A"
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil
	}
	suffix := fmt.Sprintf(":%04X", number)
	found := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == listening {
				found["socket:["+fields[9]+"]"] = true
			}
		}
	}
	return found
}
