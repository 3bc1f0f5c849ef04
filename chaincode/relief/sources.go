package relief

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"
)

// Source is a department whose answers count in cross-matching (R6): the civil registry, the social insurance and so on.
type Source struct {
	ID     SourceID `json:"id"`
	Name   string   `json:"name"`
	NameEn string   `json:"name_en,omitempty"`
	// Keys are the department's Ed25519 public keys in base64; several while one takes another's place.
	Keys []string `json:"keys"`
}

// Statement is what a department says about one person, signed by it.
type Statement struct {
	Source       SourceID   `json:"source"`
	Subject      SubjectRef `json:"subject"`
	QueriedAt    time.Time  `json:"queried_at"` // RFC 3339, UTC, whole seconds
	Code         string     `json:"code"`       // the department's own result code, such as clear or deceased
	Adverse      bool       `json:"adverse"`
	ResultSHA256 string     `json:"result_sha256"` // of the department's whole answer, salted; it stays with the agencies
	Signature    string     `json:"signature"`     // Ed25519 over SignedBytes, base64
}

// StatementSchema is the first member of what a department signs.
const StatementSchema = "relieftrail/match/v1"

// SignedBytes is what the department signs: canonical JSON (RFC 8785). The members stand in the order of their names and
// hold no character that would be escaped.
func (s *Statement) SignedBytes() []byte {
	adverse := "false"
	if s.Adverse {
		adverse = "true"
	}
	return []byte(`{"adverse":` + adverse + `,"code":"` + s.Code + `","queried_at":"` + s.QueriedAt.UTC().Format(time.RFC3339) +
		`","result_sha256":"` + s.ResultSHA256 + `","schema":"` + StatementSchema + `","source":"` + string(s.Source) +
		`","subject":"` + s.Subject.String() + `"}`)
}

// Verify refuses a statement that is malformed, from the future, or not signed by a source of the registry.
func (s *Statement) Verify(sources []Source, now time.Time) error {
	switch {
	case s.Subject.IsZero():
		return FieldErrorf("subject", "the statement names nobody")
	case !isResultCode(s.Code):
		return FieldErrorf("code", "a result code has 1 to 40 of a–z, 0–9, hyphen, underscore, dot")
	case !isSHA256(s.ResultSHA256):
		return FieldErrorf("result_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case s.QueriedAt.Year() < 2000 || s.QueriedAt.Nanosecond() != 0:
		return FieldErrorf("queried_at", "the time of the query is missing or not in whole seconds")
	case s.QueriedAt.After(now.Add(MaxBackdating)):
		return FieldErrorf("queried_at", "the query lies in the future")
	}
	return s.verifySignature(sources)
}

func isResultCode(s string) bool {
	return len(s) >= 1 && len(s) <= 40 && all(s, func(c byte) bool { return isLowerOrDigit(c) || c == '-' || c == '_' || c == '.' })
}

func (s *Statement) verifySignature(sources []Source) error {
	i := slices.IndexFunc(sources, func(src Source) bool { return src.ID == s.Source })
	if i < 0 {
		return FieldErrorf("source", "no source of the registry has this id")
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return FieldErrorf("signature", "a signature is base64 of 64 bytes (Ed25519)")
	}
	signed := s.SignedBytes()
	for _, k := range sources[i].Keys {
		if key, err := base64.StdEncoding.DecodeString(k); err == nil && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signed, signature) {
			return nil
		}
	}
	return FieldErrorf("signature", "the statement is not signed by %s", s.Source)
}

func checkSources(sources []Source) error {
	var ids []SourceID
	for _, s := range sources {
		if _, err := ParseSourceID(string(s.ID)); err != nil || slices.Contains(ids, s.ID) || len(s.Keys) < 1 || len(s.Keys) > 5 {
			return FieldErrorf("sources", "each source has an id of its own and 1 to 5 keys")
		}
		ids = append(ids, s.ID)
		if err := cleanText("sources", s.Name, 1, 100); err != nil {
			return err
		}
		if err := cleanText("sources", s.NameEn, 0, 200); err != nil {
			return err
		}
		for _, k := range s.Keys {
			if key, err := base64.StdEncoding.DecodeString(k); err != nil || len(key) != ed25519.PublicKeySize {
				return FieldErrorf("sources", "a source's key is base64 of 32 bytes (Ed25519)")
			}
		}
	}
	if len(sources) > 100 {
		return FieldErrorf("sources", "there are at most 100 sources")
	}
	return nil
}

// isSHA256 tells whether s is 64 hexadecimal digits in small letters.
func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}
