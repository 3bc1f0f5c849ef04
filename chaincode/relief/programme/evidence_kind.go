package programme

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// EvidenceKind says what a piece of evidence is.
type EvidenceKind string

// The kinds that the regulation names; a programme may ask for documents of other kinds.
const (
	EvidenceHomeVisit   EvidenceKind = "home-visit"          // R14
	EvidenceNeighbour   EvidenceKind = "neighbour-interview" // R15
	EvidenceRemoteVideo EvidenceKind = "remote-video"        // R18: supports the review by a human being
	EvidenceFaceCheck   EvidenceKind = "face-check"          // R18
	EvidenceDocument    EvidenceKind = "document"
)

// ParseEvidenceKind checks the form of a kind.
func ParseEvidenceKind(s string) (EvidenceKind, error) {
	if len(s) < 1 || len(s) > 40 || s[0] < 'a' || s[0] > 'z' || !form.HasOnly(s, func(c byte) bool { return c >= 'a' && c <= 'z' || c == '-' }) {
		return "", relief.FieldErrorf("kind", "a kind of evidence has 1 to 40 small letters and hyphens")
	}
	return EvidenceKind(s), nil
}

// UnmarshalText reads a kind.
func (k *EvidenceKind) UnmarshalText(b []byte) (err error) {
	*k, err = ParseEvidenceKind(string(b))
	return err
}
