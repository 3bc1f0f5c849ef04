package casework

import (
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// EvidenceTerms is the input for one piece of evidence: its kind, time and place, and the salted hash of its file.
type EvidenceTerms struct {
	Kind      programme.EvidenceKind `json:"kind"`
	TakenAt   time.Time              `json:"taken_at"`
	Region    relief.Region          `json:"region"`     // where it was gathered
	SHA256    string                 `json:"sha256"`     // of the salt and the file
	MediaType string                 `json:"media_type"` // of the file
}

// Evidence is a piece of evidence of a case. The act in the history says who gathered it.
type Evidence struct {
	EvidenceTerms
	Act int `json:"act"` // the index of the act in the case's history, from 0
}

func (e *EvidenceTerms) validate(c *Case, v *programme.Version, actor relief.Actor) error {
	named := []programme.EvidenceKind{programme.EvidenceHomeVisit, programme.EvidenceNeighbour, programme.EvidenceRemoteVideo, programme.EvidenceFaceCheck, programme.EvidenceDocument}
	switch {
	case !slices.Contains(named, e.Kind) && !slices.Contains(v.RequiredEvidence, e.Kind):
		return relief.FieldErrorf("kind", "the programme has no such kind of evidence; use document for other papers")
	case !form.IsSHA256(e.SHA256):
		return relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case !isMediaType(e.MediaType):
		return relief.FieldErrorf("media_type", "a media type must be written like image/jpeg")
	case e.TakenAt.Year() < 2000 || e.TakenAt.After(actor.At.Add(relief.MaxBackdating)):
		return relief.FieldErrorf("taken_at", "the time is missing or lies in the future")
	case c.Region.County() != e.Region.County():
		return relief.FieldErrorf("region", "the region must lie in the household's county")
	case len(c.Evidence) >= MaxEvidence:
		return relief.Errorf(relief.CodeInvalid, "a case has at most %d pieces of evidence", MaxEvidence)
	}
	return nil
}

func isMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	return ok && kind != "" && sub != "" && len(s) <= 100 &&
		form.HasOnly(kind+sub, func(c byte) bool { return form.IsLowerOrDigit(c) || c == '-' || c == '+' || c == '.' })
}

// Attach adds a piece of evidence. Attaching the same file again changes nothing.
func Attach(c Case, v *programme.Version, e EvidenceTerms, actor relief.Actor) (Case, bool, error) {
	e.TakenAt = e.TakenAt.UTC().Truncate(time.Second)
	if slices.ContainsFunc(c.Evidence, func(old Evidence) bool { return old.EvidenceTerms == e }) {
		return c, false, relief.RequireRegion(actor.By, c.Region)
	}
	next, _, err := c.step(relief.ActCaseAttach, relief.ActCaseAttach, actor, nil)
	if err != nil {
		return c, false, err
	}
	if err := e.validate(&c, v, actor); err != nil {
		return c, false, err
	}
	c.Evidence = append(slices.Clip(c.Evidence), Evidence{e, len(c.Acts)})
	c.record(next, relief.ActCaseAttach, actor)
	return c, true, nil
}

// requireEvidence refuses, with EVIDENCE, a case without the evidence that the programme requires (R14, R15, R18).
func (c *Case) requireEvidence(v *programme.Version) error {
	for _, kind := range v.RequiredEvidence {
		if !slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return e.Kind == kind }) {
			return relief.Errorf(relief.CodeEvidence, "evidence of the kind %s is missing", kind)
		}
	}
	return nil
}
