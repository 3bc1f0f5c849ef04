package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// Matching says which departments are asked about households, and how. Without sources no department is asked.
type Matching struct {
	As            string           `mapstructure:"as"`             // the principal who takes in files and asks rounds of questions
	Patience      time.Duration    `mapstructure:"patience"`       // how long one query waits for all departments
	Fresh         time.Duration    `mapstructure:"fresh"`          // the age below which a statement is not asked for again
	Poll          time.Duration    `mapstructure:"poll"`           // the pause between two looks into the folders
	Rate          float64          `mapstructure:"rate"`           // cases a second that a round asks about
	KeepQuestions time.Duration    `mapstructure:"keep_questions"` // the age at which a file of questions is deleted
	Sources       []MatchingSource `mapstructure:"sources"`
}

// MatchingSource is one department: asked over REST, or with files in a folder.
type MatchingSource struct {
	ID      string          `mapstructure:"id"` // as in the registry
	REST    *MatchingREST   `mapstructure:"rest"`
	Folder  *MatchingFolder `mapstructure:"folder"`
	Mapping MatchingMapping `mapstructure:"mapping"`
	Needs   MatchingNeeds   `mapstructure:"needs"`
	Every   time.Duration   `mapstructure:"every"` // the period of rounds of questions about all live cases; 0: no rounds
}

// MatchingREST is a department's REST interface. The token is read from a file or from an environment variable.
type MatchingREST struct {
	URL       string             `mapstructure:"url"`
	CAFile    string             `mapstructure:"ca_file"`
	CertFile  string             `mapstructure:"cert_file"`
	KeyFile   string             `mapstructure:"key_file"`
	TokenFile string             `mapstructure:"token_file"`
	TokenEnv  string             `mapstructure:"token_env"`
	Fields    MatchingFields     `mapstructure:"fields"`
	Constants []MatchingConstant `mapstructure:"constants"`
	Patience  time.Duration      `mapstructure:"patience"` // how long one question waits for its answer; 0: 10s
	AtOnce    int                `mapstructure:"at_once"`  // questions under way at a time; 0: 4
}

// MatchingFields are the names that a department gives to the members of a question.
type MatchingFields struct {
	Subject  string `mapstructure:"subject"`
	IDNumber string `mapstructure:"id_number"`
	Name     string `mapstructure:"name"` // empty: the name is not sent
}

// MatchingMapping says where a department's answer has the parts of a signed statement: JSON Pointers (RFC 6901) into
// the answer over REST, or titles of columns in a file.
type MatchingMapping struct {
	Subject   string `mapstructure:"subject"`
	Code      string `mapstructure:"code"`
	QueriedAt string `mapstructure:"queried_at"`
	Result    string `mapstructure:"result_sha256"`
	Signature string `mapstructure:"signature"`
	// One of the two says which findings count against relief.
	Adverse      string   `mapstructure:"adverse"`
	AdverseCodes []string `mapstructure:"adverse_codes"`
	Region       string   `mapstructure:"region"`
}

// MatchingConstant is a member of every question. It is not written as an entry of a map: viper turns the keys of maps
// into small letters.
type MatchingConstant struct {
	Name  string `mapstructure:"name"`
	Value string `mapstructure:"value"`
}

// MatchingFolder is a folder that a department shares.
type MatchingFolder struct {
	Dir      string `mapstructure:"dir"`
	Encoding string `mapstructure:"encoding"` // utf-8 (the default) or gb18030
}

// MatchingNeeds says which findings about a person without a live case show a need (R13).
type MatchingNeeds struct {
	Codes     []string `mapstructure:"codes"`
	Programme string   `mapstructure:"programme"`
	Region    string   `mapstructure:"region"` // used when the answer names no region
}

// Token reads the bearer token; it is "" when none is set.
func (r *MatchingREST) Token() (string, error) {
	if r.TokenEnv != "" {
		token := os.Getenv(r.TokenEnv)
		if token == "" {
			return "", fmt.Errorf("token_env: the environment variable %s is not set", r.TokenEnv)
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
		if d < 10*time.Millisecond || d > time.Hour {
			faults.add("matching.%s: must be from 10ms to 1h, not %v", name, d)
		}
	}
	if m.Rate <= 0 || m.Rate > 100 {
		faults.add("matching.rate: must be above 0 and at most 100 cases a second, not %v", m.Rate)
	}
	if m.Fresh < 0 {
		faults.add("matching.fresh: must be 0 or more, not %v", m.Fresh)
	}
	if m.KeepQuestions < time.Hour {
		faults.add("matching.keep_questions: must be 1h or more, not %v", m.KeepQuestions)
	}
	c.validatePrincipalName("matching.as", m.As, faults)
	ids, dirs := map[string]bool{}, map[string]bool{}
	for i := range m.Sources {
		s, at := &m.Sources[i], fmt.Sprintf("matching.sources[%d]", i)
		if _, err := relief.ParseDepartmentID(s.ID); err != nil {
			faults.add("%s.id: must be the id of a department of the registry, not %q", at, s.ID)
		}
		if ids[s.ID] {
			faults.add("%s.id: %q is used twice", at, s.ID)
		}
		ids[s.ID] = true
		s.validate(at, faults)
		if s.Folder != nil || s.Every != 0 {
			faults.required("matching.as", m.As)
		}
		if s.Folder != nil {
			dir := filepath.Clean(s.Folder.Dir)
			if dirs[dir] {
				faults.add("%s.folder.dir: %s is another source's folder already", at, dir)
			}
			dirs[dir] = true
		}
	}
}

func (s *MatchingSource) validate(at string, faults *faults) {
	if (s.REST == nil) == (s.Folder == nil) {
		faults.add("%s: must have either rest or folder", at)
	}
	if r := s.REST; r != nil {
		faults.required(at+".rest.url", r.URL)
		if r.TokenFile != "" && r.TokenEnv != "" {
			faults.add("%s.rest: set token_file or token_env, not both", at)
		}
		if r.Patience < 0 || r.Patience > 10*time.Minute {
			faults.add("%s.rest.patience: must be from 0 to 10m, not %v", at, r.Patience)
		}
		faults.between(at+".rest.at_once", int64(r.AtOnce), 0, 100)
	}
	if s.Folder != nil {
		faults.required(at+".folder.dir", s.Folder.Dir)
	}
	if s.Every != 0 && s.REST == nil {
		faults.add("%s.every: is for rest only; through a folder a department sends its findings unasked", at)
	}
	if s.Every != 0 && s.Every < time.Minute {
		faults.add("%s.every: must be 1m or more, not %v", at, s.Every)
	}
	s.validateNeeds(at+".needs", faults)
}

func (s *MatchingSource) validateNeeds(at string, faults *faults) {
	n := &s.Needs
	if len(n.Codes) == 0 {
		return
	}
	if _, err := relief.ParseProgrammeID(n.Programme); err != nil {
		faults.add("%s.programme: must be the id of the programme that may help, not %q", at, n.Programme)
	}
	if n.Region == "" && s.Mapping.Region != "" {
		return // the answers name the region
	}
	if _, err := relief.ParseRegion(n.Region); err != nil {
		faults.add("%s.region: must be a division's code, not %q; it may be empty only if mapping.region is set", at, n.Region)
	}
}
