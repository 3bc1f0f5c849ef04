package standing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/filestamp"
)

// WarnDays is how many days before its end a certificate is warned of.
const WarnDays = 30

const day = 24 * time.Hour

// Options are what a Standing is made of.
type Options struct {
	Files []File
	// Renewed has the ledger's client read a principal's, or with "" the gateway's own, certificate and key again; nil: nothing
	// has to.
	Renewed func(principal string) error
	Log     *slog.Logger
	Now     func() time.Time // nil: the machine's clock
}

// Standing knows whether principals may act.
type Standing struct {
	o Options

	mu        sync.RWMutex
	certs     map[string]certificate            // by path
	byName    map[string]string                 // paths, by principal
	faults    map[string]error                  // why a file is not followed, by path
	officials map[string]registry.OfficialEntry // what the ledger says of the agency's officials, by name
	warned    time.Time                         // when the log was last told of near ends
}

// New reads the certificates.
func New(o Options) (*Standing, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Standing{
		o: o, certs: map[string]certificate{}, byName: map[string]string{}, faults: map[string]error{}, officials: map[string]registry.OfficialEntry{},
	}
	for _, f := range o.Files {
		c, err := readCertificate(f)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", f.Use, f.Name, err)
		}
		s.certs[f.Path] = c
		if f.Use == UsePrincipal {
			s.byName[f.Name] = f.Path
		}
	}
	s.warn()
	return s, nil
}

// Check is ErrExpired, ErrRevoked or ErrRetired for a principal who may not act.
func (s *Standing) Check(principal string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, known := s.certs[s.byName[principal]]
	if known && s.o.Now().After(c.notAfter) {
		return ErrExpired
	}
	if !known {
		c.name = principal
	}
	switch entry := s.officials[c.official()]; {
	case entry.State == registry.OfficialRetired:
		return ErrRetired
	case known && slices.Contains(entry.Revoked, c.serial):
		return ErrRevoked
	}
	return nil
}

// Hold takes over the certificate of a principal who has enrolled at this gateway. It is in no file.
func (s *Standing) Hold(principal string, cert []byte) error {
	c := certificate{File: File{Use: UsePrincipal, Name: principal, Path: "the certificate of " + principal}}
	if err := c.read(cert); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.certs[c.Path], s.byName[principal] = c, c.Path
	return nil
}

// Ending reports whether a principal's certificate ends soon or has ended, or is not known.
func (s *Standing) Ending(principal string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, known := s.certs[s.byName[principal]]
	return !known || c.notAfter.Sub(s.o.Now()) <= WarnDays*day
}

// Official is the ledger's entry of an official of the agency, by the one spelling of their name.
func (s *Standing) Official(name string) (entry registry.OfficialEntry, known bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	entry, known = s.officials[name]
	return entry, known
}

// Take takes over what the ledger says of the agency's officials. Of those it does not say anything about, what was known
// before holds: an index that is built again lists them bit by bit.
func (s *Standing) Take(entries []registry.OfficialEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range entries {
		s.officials[entries[i].Name] = entries[i]
	}
}

// lookEvery is the pause between two looks at the files.
const lookEvery = time.Second

// Run follows the files until ctx ends: a new certificate is used at once.
func (s *Standing) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.look()
			if s.o.Now().Sub(s.warned) >= day {
				s.warn()
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// look takes over the certificates that have changed. One that cannot be used yet, because its key is not there, is tried
// again at the next look.
func (s *Standing) look() {
	for _, f := range s.o.Files {
		s.mu.RLock()
		same := s.certs[f.Path].stamp == filestamp.Of(f.Path)
		s.mu.RUnlock()
		if same {
			continue
		}
		c, err := readCertificate(f)
		if err == nil {
			err = s.renewed(f)
		}
		s.mu.Lock()
		news := err != nil && s.faults[f.Path] == nil
		if err != nil {
			s.faults[f.Path] = fmt.Errorf("%s %s: the certificate before it stays in use: %w", f.Use, f.Name, err)
		} else {
			s.certs[f.Path] = c
			delete(s.faults, f.Path)
		}
		s.mu.Unlock()
		switch {
		case news:
			s.o.Log.Error("a new certificate cannot be used", "kind", string(f.Use), "principal", f.Name, "error", err)
		case err == nil:
			s.o.Log.Info("a new certificate is in use", "kind", string(f.Use), "principal", f.Name)
		}
	}
}

func (s *Standing) renewed(f File) error {
	switch {
	case s.o.Renewed == nil:
		return nil
	case f.Use == UsePrincipal:
		return s.o.Renewed(f.Name)
	case f.Use == UseService:
		return s.o.Renewed("")
	}
	return fmt.Errorf("%s is read at the start only: restart the gateway", f.Path)
}

// warn logs which certificates end soon, or have ended.
func (s *Standing) warn() {
	s.warned = s.o.Now()
	for _, c := range s.sorted() {
		if left := c.notAfter.Sub(s.warned); left <= WarnDays*day {
			s.o.Log.Warn("a certificate ends soon: reliefnet renew", "kind", string(c.Use), "principal", c.Name, "count", days(left))
		}
	}
}

func (s *Standing) sorted() []certificate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.certs), func(a, b certificate) int {
		return cmp.Or(a.notAfter.Compare(b.notAfter), cmp.Compare(a.Name, b.Name))
	})
}

// days are the whole days of a time; less than 0 when it is over.
func days(left time.Duration) int {
	n := int(left / day)
	if left < 0 {
		n--
	}
	return n
}

// DaysLeft are the whole days until the first certificate of each use ends. Names of officials are not told: who may read
// metrics need not know them.
func (s *Standing) DaysLeft() map[Use]int {
	nearest, now := map[Use]int{}, s.o.Now()
	for _, c := range s.sorted() {
		if _, ok := nearest[c.Use]; !ok {
			nearest[c.Use] = days(c.notAfter.Sub(now))
		}
	}
	return nearest
}

var useWords = map[Use]bilingual.Text{
	UsePrincipal: {Zh: "工作人员", En: "principals"},
	UseService:   {Zh: "网关", En: "the gateway itself"},
	UseTLS:       {Zh: "TLS", En: "TLS"},
}

// Warnings say which certificates end soon or have ended, use by use, and which files could not be taken over.
func (s *Standing) Warnings() []bilingual.Text {
	count, first, now := map[Use]int{}, map[Use]int{}, s.o.Now()
	var uses []Use
	for _, c := range s.sorted() {
		left := c.notAfter.Sub(now)
		if left > WarnDays*day {
			break
		}
		if count[c.Use] == 0 {
			uses, first[c.Use] = append(uses, c.Use), days(left)
		}
		count[c.Use]++
	}
	warnings := []bilingual.Text{}
	for _, use := range uses {
		warnings = append(warnings, bilingual.Text{
			Zh: fmt.Sprintf("%s的 %d 张证书将在 %d 日内到期或已到期，最早的还剩 %d 日，请更新证书。", useWords[use].Zh, count[use], WarnDays, first[use]),
			En: fmt.Sprintf("%d certificates (%s) end within %d days or have ended, the first in %d days: renew them (reliefnet renew).",
				count[use], useWords[use].En, WarnDays, first[use]),
		})
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.faults) > 0 {
		warnings = append(warnings, bilingual.Text{
			Zh: fmt.Sprintf("%d 个证书文件有变化但无法启用，原因见网关日志。", len(s.faults)),
			En: fmt.Sprintf("%d files of certificates have changed and cannot be used; the gateway's log says why.", len(s.faults)),
		})
	}
	return warnings
}
