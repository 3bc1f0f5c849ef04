package relief

import (
	"slices"
	"strings"
	"time"
)

// EvidenceKind says what a piece of evidence is.
type EvidenceKind string

// The kinds that the regulation names; a programme may ask for documents of other kinds.
const (
	EvidenceHomeVisit   EvidenceKind = "home-visit"          // R14
	EvidenceNeighbour   EvidenceKind = "neighbour-interview" // R15
	EvidenceRemoteVideo EvidenceKind = "remote-video"        // R18: supports the human review
	EvidenceFaceCheck   EvidenceKind = "face-check"          // R18
	EvidenceDocument    EvidenceKind = "document"
)

// ParseEvidenceKind checks the form of a kind.
func ParseEvidenceKind(s string) (EvidenceKind, error) {
	if len(s) < 1 || len(s) > 40 || s[0] < 'a' || s[0] > 'z' || !all(s, func(c byte) bool { return c >= 'a' && c <= 'z' || c == '-' }) {
		return "", FieldErrorf("kind", "a kind of evidence has 1 to 40 small letters and hyphens")
	}
	return EvidenceKind(s), nil
}

// UnmarshalText reads a kind.
func (k *EvidenceKind) UnmarshalText(b []byte) (err error) {
	*k, err = ParseEvidenceKind(string(b))
	return err
}

// EvidenceTerms is one piece of evidence: what, when, where, and the salted hash of its file.
type EvidenceTerms struct {
	Kind      EvidenceKind `json:"kind"`
	TakenAt   time.Time    `json:"taken_at"`
	Region    Region       `json:"region"`     // where
	SHA256    string       `json:"sha256"`     // of the file and its salt
	MediaType string       `json:"media_type"` // of the file
}

// Evidence is a piece of evidence of a case; who gathered it is in the act.
type Evidence struct {
	EvidenceTerms
	Act int `json:"act"` // the place of the act in the case's history, from 0
}

func (e *EvidenceTerms) validate(c *Case, v *Version, s Stamp) error {
	named := []EvidenceKind{EvidenceHomeVisit, EvidenceNeighbour, EvidenceRemoteVideo, EvidenceFaceCheck, EvidenceDocument}
	switch {
	case !slices.Contains(named, e.Kind) && !slices.Contains(v.RequiredEvidence, e.Kind):
		return FieldErrorf("kind", "the programme knows no such kind of evidence; other papers are a document")
	case !isSHA256(e.SHA256):
		return FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case !isMediaType(e.MediaType):
		return FieldErrorf("media_type", "a media type is written like image/jpeg")
	case e.TakenAt.Year() < 2000 || e.TakenAt.After(s.At.Add(MaxBackdating)):
		return FieldErrorf("taken_at", "the time is missing or lies in the future")
	case c.Region.County() != e.Region.County():
		return FieldErrorf("region", "evidence is gathered in the household's county")
	case len(c.Evidence) >= MaxEvidence:
		return Errorf(CodeInvalid, "a case has at most %d pieces of evidence", MaxEvidence)
	}
	return nil
}

func isMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && kind != "" && sub != "" && len(s) <= 100 &&
		all(kind+sub, func(c byte) bool { return isLowerOrDigit(c) || c == '-' || c == '+' || c == '.' })
}

// Attach adds a piece of evidence. The same file again changes nothing.
func Attach(c Case, v *Version, e EvidenceTerms, s Stamp) (Case, bool, error) {
	e.TakenAt = e.TakenAt.UTC().Truncate(time.Second)
	if slices.ContainsFunc(c.Evidence, func(old Evidence) bool { return old.EvidenceTerms == e }) {
		return c, false, RequireRegion(s.By, c.Region)
	}
	next, _, err := c.step(ActCaseAttach, ActCaseAttach, s, nil)
	if err != nil {
		return c, false, err
	}
	if err := e.validate(&c, v, s); err != nil {
		return c, false, err
	}
	c.Evidence = append(slices.Clip(c.Evidence), Evidence{e, len(c.Acts)})
	c.record(next, ActCaseAttach, s)
	return c, true, nil
}

// requireEvidence refuses a case without the evidence that the programme requires (R14, R15, R18).
func (c *Case) requireEvidence(v *Version) error {
	for _, kind := range v.RequiredEvidence {
		if !slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Kind == kind }) {
			return Errorf(CodeEvidence, "evidence of the kind %s is missing", kind)
		}
	}
	return nil
}
