package registry

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// Department is an office outside the agencies whose statements count in cross-matching (R6), such as the civil
// registry or the social insurance.
type Department struct {
	ID     relief.DepartmentID `json:"id"`
	Name   string              `json:"name"`
	NameEn string              `json:"name_en,omitempty"`
	// Keys are the department's Ed25519 public keys in base64. It has several while a new key replaces an old one.
	Keys []string `json:"keys"`
}

// MatchStatement is what a department says about one person, with the department's signature.
type MatchStatement struct {
	Source       relief.DepartmentID `json:"source"`
	Subject      relief.SubjectRef   `json:"subject"`
	QueriedAt    time.Time           `json:"queried_at"` // RFC 3339, UTC, whole seconds
	Code         string              `json:"code"`       // the department's own result code, such as clear or deceased
	Adverse      bool                `json:"adverse"`
	ResultSHA256 string              `json:"result_sha256"` // of the department's whole response, salted; the response stays with the agencies
	Signature    string              `json:"signature"`     // Ed25519 over SignedBytes, base64
}

// MatchStatementSchema is the member "schema" of what a department signs.
const MatchStatementSchema = "relieftrail/match/v1"

// SignedBytes is what the department signs: canonical JSON (RFC 8785), with the members in the order of their names. No
// value has a character that JSON escapes.
func (s *MatchStatement) SignedBytes() []byte {
	adverse := "false"
	if s.Adverse {
		adverse = "true"
	}
	return []byte(`{"adverse":` + adverse + `,"code":"` + s.Code + `","queried_at":"` + s.QueriedAt.UTC().Format(time.RFC3339) +
		`","result_sha256":"` + s.ResultSHA256 + `","schema":"` + MatchStatementSchema + `","source":"` + string(s.Source) +
		`","subject":"` + s.Subject.String() + `"}`)
}

// Verify refuses, with INVALID, a statement that is malformed, from the future, or not signed by a department of the
// registry.
func (s *MatchStatement) Verify(sources []Department, now time.Time) error {
	switch {
	case s.Subject.IsZero():
		return relief.FieldErrorf("subject", "the statement names no person")
	case !isResultCode(s.Code):
		return relief.FieldErrorf("code", "a result code has 1 to 40 of a–z, 0–9, hyphen, underscore, dot")
	case !form.IsSHA256(s.ResultSHA256):
		return relief.FieldErrorf("result_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case s.QueriedAt.Year() < 2000 || s.QueriedAt.Nanosecond() != 0:
		return relief.FieldErrorf("queried_at", "the time of the query is missing or not in whole seconds")
	case s.QueriedAt.After(now.Add(relief.MaxBackdating)):
		return relief.FieldErrorf("queried_at", "the query lies in the future")
	}
	return s.verifySignature(sources)
}

func isResultCode(s string) bool {
	return len(s) >= 1 && len(s) <= 40 && form.HasOnly(s, func(c byte) bool { return form.IsLowerOrDigit(c) || c == '-' || c == '_' || c == '.' })
}

func (s *MatchStatement) verifySignature(sources []Department) error {
	i := slices.IndexFunc(sources, func(src Department) bool { return src.ID == s.Source })
	if i < 0 {
		return relief.FieldErrorf("source", "the registry has no department with this id")
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return relief.FieldErrorf("signature", "a signature is base64 of 64 bytes (Ed25519)")
	}
	signed := s.SignedBytes()
	for _, k := range sources[i].Keys {
		if key, err := base64.StdEncoding.DecodeString(k); err == nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signed, signature) {
			return nil
		}
	}
	return relief.FieldErrorf("signature", "the statement is not signed by %s", s.Source)
}

func checkSources(sources []Department) error {
	var ids []relief.DepartmentID
	for _, s := range sources {
		if _, err := relief.ParseDepartmentID(string(s.ID)); err != nil || slices.Contains(ids, s.ID) || len(s.Keys) < 1 || len(s.Keys) > 5 {
			return relief.FieldErrorf("sources", "each department must have an id of its own and 1 to 5 keys")
		}
		ids = append(ids, s.ID)
		if err := relief.CheckText("sources", s.Name, 1, 100); err != nil {
			return err
		}
		if err := relief.CheckText("sources", s.NameEn, 0, 200); err != nil {
			return err
		}
		for _, k := range s.Keys {
			if key, err := base64.StdEncoding.DecodeString(k); err != nil || len(key) != ed25519.PublicKeySize {
				return relief.FieldErrorf("sources", "a department's key must be base64 of 32 bytes (Ed25519)")
			}
		}
	}
	if len(sources) > 100 {
		return relief.FieldErrorf("sources", "a registry has at most 100 departments")
	}
	return nil
}
