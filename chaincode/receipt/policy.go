package receipt

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// The limits of a policy.
const (
	MaxPolicyBytes = 64 << 10
	MaxPolicyKeys  = 32 // of logs, and as many of agencies
	maxGroups      = 32
)

// Policy says whose signatures a checkpoint must have (C2SP tlog-policy): that of one of the logs, and those of the
// agencies in the quorum. An agency's name is written Chinese·English, with underscores for spaces. A line of our own,
// "until KEY SIZE", says that a key of a line above is retired: its signatures count for checkpoints of at most so many records. A
// verifier that does not know the line refuses the file, and so accepts nothing that it should not.
type Policy struct {
	Logs     []Key
	Agencies []Agency
	quorum   string // a name; "none" requires no agency
	groups   map[string]group
	retired  []retirement
}

// retirement is a key that signs nothing beyond a size of the log.
type retirement struct {
	key   Key
	until uint64
}

// Agency is a cosigner.
type Agency struct {
	Name string // as the policy writes it
	Key  Key
}

// Zh is the Chinese half of the agency's name, or the whole name when it has one half only.
func (a *Agency) Zh() string {
	zh, _, _ := strings.Cut(a.Name, "·")
	return strings.ReplaceAll(zh, "_", " ")
}

// En is the English half of the agency's name, or the whole name when it has one half only.
func (a *Agency) En() string {
	zh, en, ok := strings.Cut(a.Name, "·")
	if !ok {
		en = zh
	}
	return strings.ReplaceAll(en, "_", " ")
}

type group struct {
	need    int
	members []string
}

// ParsePolicy reads a policy file.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(text) > MaxPolicyBytes {
		return nil, refuse(CodePolicy, "超过长度限制", "too long")
	}
	p := &Policy{groups: map[string]group{}}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' }) {
			return nil, badPolicy(i)
		}
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(fields) > 0 && !strings.HasPrefix(fields[0], "#") && !p.take(fields) {
			return nil, badPolicy(i)
		}
	}
	if len(p.Logs) == 0 || p.quorum == "" {
		return nil, refuse(CodePolicy, "缺少 log 或 quorum 行", "it has no line log or quorum")
	}
	return p, nil
}

func badPolicy(line int) *Error {
	n := strconv.Itoa(line + 1)
	return refuse(CodePolicy, "第"+n+"行", "line "+n)
}

// take adds one line to the policy; false when the line is wrong.
func (p *Policy) take(fields []string) bool {
	switch n := len(fields); {
	case fields[0] == "log" && (n == 2 || n == 3): // an address may follow
		return p.takeLog(fields[1])
	case fields[0] == "witness" && (n == 3 || n == 4):
		return p.takeAgency(fields[1], fields[2])
	case fields[0] == "group" && n >= 4:
		return p.takeGroup(fields[1], fields[2], fields[3:])
	case fields[0] == "until" && n == 3:
		return p.takeUntil(fields[1], fields[2])
	case fields[0] == "quorum" && n == 2 && p.quorum == "" && p.named(fields[1]):
		p.quorum = fields[1]
		return true
	}
	return false
}

func (p *Policy) takeLog(text string) bool {
	key, err := ParseKey(text)
	if err != nil || key.Cosigner() || p.has(key) || len(p.Logs) >= MaxPolicyKeys {
		return false
	}
	p.Logs = append(p.Logs, key)
	return true
}

func (p *Policy) takeAgency(name, text string) bool {
	key, err := ParseKey(text)
	if err != nil || !key.Cosigner() || p.has(key) || p.named(name) || len(p.Agencies) >= MaxPolicyKeys {
		return false
	}
	p.Agencies = append(p.Agencies, Agency{name, key})
	return true
}

func (p *Policy) takeGroup(name, need string, members []string) bool {
	n, ok := atLeast(need, len(members))
	if !ok || p.named(name) || len(p.groups) >= maxGroups {
		return false
	}
	for i, m := range members {
		if m == "none" || !p.named(m) || p.grouped(m) || slices.Contains(members[:i], m) {
			return false
		}
	}
	p.groups[name] = group{n, members}
	return true
}

// takeUntil retires a key that the policy has, once.
func (p *Policy) takeUntil(text, size string) bool {
	key, err := ParseKey(text)
	if err != nil || !p.has(key) {
		return false
	}
	until, err := strconv.ParseUint(size, 10, 63)
	if err != nil || strconv.FormatUint(until, 10) != size || p.retiredAt(key, math.MaxUint64) {
		return false
	}
	p.retired = append(p.retired, retirement{key, until})
	return true
}

// retiredAt reports whether a key's signatures do not count for a checkpoint of a size.
func (p *Policy) retiredAt(key Key, size uint64) bool {
	return slices.ContainsFunc(p.retired, func(r retirement) bool { return r.key.public.Equal(key.public) && size > r.until })
}

// Until is the line by which a policy retires a key: its signatures count for checkpoints of at most so many records.
func Until(key Key, size uint64) string {
	return "until " + key.String() + " " + strconv.FormatUint(size, 10) + "\n"
}

// atLeast reads how many members of a group must have signed.
func atLeast(need string, members int) (int, bool) {
	switch need {
	case "all":
		return members, true
	case "any":
		return 1, true
	}
	n, err := strconv.Atoi(need)
	return n, err == nil && n >= 1 && n <= members && strconv.Itoa(n) == need
}

// has reports whether the policy has a public key already, under any name.
func (p *Policy) has(key Key) bool {
	for _, k := range p.Logs {
		if k.public.Equal(key.public) {
			return true
		}
	}
	for i := range p.Agencies {
		if p.Agencies[i].Key.public.Equal(key.public) {
			return true
		}
	}
	return false
}

func (p *Policy) named(name string) bool {
	_, ok := p.groups[name]
	for i := range p.Agencies {
		ok = ok || p.Agencies[i].Name == name
	}
	return ok || name == "none"
}

// grouped reports whether a name is a member of a group already. A name may count only once.
func (p *Policy) grouped(name string) bool {
	for _, g := range p.groups {
		if slices.Contains(g.members, name) {
			return true
		}
	}
	return false
}

// Verifier finds the key of a signature line (note.Verifiers).
func (p *Policy) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, k := range p.Logs {
		if k.name == name && k.hash == hash {
			return k, nil
		}
	}
	for i := range p.Agencies {
		if k := p.Agencies[i].Key; k.name == name && k.hash == hash {
			return k, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// satisfied reports whether the signatures of agencies are enough for the agency or group of a name.
func (p *Policy) satisfied(name string, signed func(agency string) bool) bool {
	g, ok := p.groups[name]
	if !ok {
		return name == "none" || signed(name)
	}
	n := 0
	for _, m := range g.members {
		if p.satisfied(m, signed) {
			n++
		}
	}
	return n >= g.need
}

// NewPolicy is the text of a policy that requires a log and all agencies.
func NewPolicy(log Key, agencies []Agency) string {
	var b strings.Builder
	b.WriteString("log " + log.String() + "\n")
	all := ""
	for i := range agencies {
		b.WriteString("witness " + agencies[i].Name + " " + agencies[i].Key.String() + "\n")
		all += " " + agencies[i].Name
	}
	b.WriteString("group agencies all" + all + "\nquorum agencies\n")
	return b.String()
}

// AgencyName writes an agency's name as policies have it: Chinese·English.
func AgencyName(zh, en string) string {
	return strings.Join(strings.Fields(zh), "_") + "·" + strings.Join(strings.Fields(en), "_")
}
