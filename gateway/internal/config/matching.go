package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/matching"
)

// Matching says which departments are asked about households, and how. Without sources none is.
type Matching struct {
	As            string           `mapstructure:"as"`             // the principal in whose name the departments' files are taken in and rounds asked
	Patience      time.Duration    `mapstructure:"patience"`       // with all departments, for one query
	Fresh         time.Duration    `mapstructure:"fresh"`          // how long a statement is not asked for again
	Poll          time.Duration    `mapstructure:"poll"`           // between two looks into the folders
	Rate          float64          `mapstructure:"rate"`           // cases a second that a round asks about
	KeepQuestions time.Duration    `mapstructure:"keep_questions"` // how long a file of questions lies in its folder
	Sources       []MatchingSource `mapstructure:"sources"`
}

// MatchingSource is one department: asked over REST, or with files in a folder.
type MatchingSource struct {
	ID      string           `mapstructure:"id"` // as in the registry
	REST    *MatchingREST    `mapstructure:"rest"`
	Folder  *MatchingFolder  `mapstructure:"folder"`
	Mapping matching.Mapping `mapstructure:"mapping"`
	Needs   MatchingNeeds    `mapstructure:"needs"`
	Every   time.Duration    `mapstructure:"every"` // between two rounds of questions about all living cases; 0: none
}

// MatchingREST is a department's REST interface. The token stands in a file, or in a variable of the environment.
type MatchingREST struct {
	URL       string             `mapstructure:"url"`
	CAFile    string             `mapstructure:"ca_file"`
	CertFile  string             `mapstructure:"cert_file"`
	KeyFile   string             `mapstructure:"key_file"`
	TokenFile string             `mapstructure:"token_file"`
	TokenEnv  string             `mapstructure:"token_env"`
	Fields    matching.Fields    `mapstructure:"fields"`
	Constants []MatchingConstant `mapstructure:"constants"`
	Patience  time.Duration      `mapstructure:"patience"` // with one answer; 0: 10s
	AtOnce    int                `mapstructure:"at_once"`  // questions under way; 0: 4
}

// MatchingConstant is a member of every question. It is no entry of a map, for those lose their capital letters.
type MatchingConstant struct {
	Name  string `mapstructure:"name"`
	Value string `mapstructure:"value"`
}

// MatchingFolder is a folder that a department shares.
type MatchingFolder struct {
	Dir      string `mapstructure:"dir"`
	Encoding string `mapstructure:"encoding"` // utf-8 (the default) or gb18030
}

// MatchingNeeds says which findings about somebody who is in no case show a need (R13).
type MatchingNeeds struct {
	Codes     []string `mapstructure:"codes"`
	Programme string   `mapstructure:"programme"`
	Region    string   `mapstructure:"region"` // where the answer names none
}

// Token reads the bearer token; "" for none.
func (r *MatchingREST) Token() (string, error) {
	if r.TokenEnv != "" {
		token := os.Getenv(r.TokenEnv)
		if token == "" {
			return "", fmt.Errorf("token_env: %s is not set", r.TokenEnv)
		}
		return token, nil
	}
	if r.TokenFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(r.TokenFile)
	if err != nil {
		return "", fmt.Errorf("token_file: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", fmt.Errorf("token_file: %s is empty", r.TokenFile)
	}
	return token, nil
}

// paths are the settings that name files.
func (m *Matching) paths() (paths []*string) {
	for i := range m.Sources {
		if r := m.Sources[i].REST; r != nil {
			paths = append(paths, &r.CAFile, &r.CertFile, &r.KeyFile, &r.TokenFile)
		}
		if f := m.Sources[i].Folder; f != nil {
			paths = append(paths, &f.Dir)
		}
	}
	return paths
}

func (c *Config) validateMatching(faults *faults) {
	m := &c.Matching
	if len(m.Sources) == 0 {
		return
	}
	faults.required("persons_key.file", c.PersonsKey.File)
	for name, d := range map[string]time.Duration{"patience": m.Patience, "poll": m.Poll} {
		faults.between("matching."+name+" (ms)", d.Milliseconds(), 10, time.Hour.Milliseconds())
	}
	if m.Rate <= 0 || m.Rate > 100 {
		faults.add("matching.rate: is above 0 and at most 100 cases a second")
	}
	if m.Fresh < 0 || m.KeepQuestions < time.Hour {
		faults.add("matching: fresh is 0 or more, keep_questions 1h or more")
	}
	if m.As != "" && !slices.ContainsFunc(c.Principals, func(p Principal) bool { return p.Name == m.As }) {
		faults.add("matching.as: %q is none of the principals", m.As)
	}
	ids, dirs := map[string]bool{}, map[string]bool{}
	for i := range m.Sources {
		s, at := &m.Sources[i], fmt.Sprintf("matching.sources[%d]", i)
		if _, err := relief.ParseDepartmentID(s.ID); err != nil || ids[s.ID] {
			faults.add("%s.id: is the id of a source of the registry, and there once", at)
		}
		ids[s.ID] = true
		s.validate(at, faults)
		if s.Folder != nil || s.Every != 0 {
			faults.required("matching.as", m.As)
		}
		if s.Folder != nil {
			if dir := filepath.Clean(s.Folder.Dir); dirs[dir] {
				faults.add("%s.folder.dir: belongs to another source", at)
			} else {
				dirs[dir] = true
			}
		}
	}
}

func (s *MatchingSource) validate(at string, faults *faults) {
	if (s.REST == nil) == (s.Folder == nil) {
		faults.add("%s: has either rest or folder", at)
	}
	if r := s.REST; r != nil {
		faults.required(at+".rest.url", r.URL)
		if r.TokenFile != "" && r.TokenEnv != "" {
			faults.add("%s.rest: the token stands in token_file or in token_env, not in both", at)
		}
		if r.Patience < 0 || r.Patience > 10*time.Minute {
			faults.add("%s.rest.patience: is at most 10m", at)
		}
		faults.between(at+".rest.at_once", int64(r.AtOnce), 0, 100)
	}
	if s.Folder != nil {
		faults.required(at+".folder.dir", s.Folder.Dir)
	}
	if s.Every != 0 && (s.REST == nil || s.Every < time.Minute) {
		faults.add("%s.every: is 1m or more, and for rest only: by a folder a department tells what it finds of itself", at)
	}
	if n := &s.Needs; len(n.Codes) > 0 {
		if _, err := relief.ParseProgrammeID(n.Programme); err != nil {
			faults.add("%s.needs.programme: is the id of the programme that may help", at)
		}
		if _, err := relief.ParseRegion(n.Region); err != nil && (n.Region != "" || s.Mapping.Region == "") {
			faults.add("%s.needs.region: is a division's code, unless mapping.region says where it stands", at)
		}
	}
}
