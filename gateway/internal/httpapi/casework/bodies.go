package casework

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/seal"
)

// The bodies of acts on a case; what their values may be, the contract says.
type (
	evidenceBody struct {
		Kind      string `json:"kind"`
		TakenAt   string `json:"taken_at"`
		Region    string `json:"region"`
		SHA256    string `json:"sha256"`
		MediaType string `json:"media_type"`
	}
	matchBody struct {
		Statement json.RawMessage `json:"statement"`
	}
	matchAnswerBody struct {
		Match   int    `json:"match"`
		Outcome string `json:"outcome"`
		SHA256  string `json:"sha256"`
	}
	noticeBody struct {
		Class   string `json:"class"`
		Persons int    `json:"persons"`
		Amount  string `json:"amount"`
	}
	objectionBody struct {
		Channel string `json:"channel"`
		SHA256  string `json:"sha256"`
	}
	objectionAnswerBody struct {
		Objection int    `json:"objection"`
		Founded   bool   `json:"founded"`
		SHA256    string `json:"sha256"`
	}
	decisionBody struct {
		Outcome     string `json:"outcome"`
		Segment     *int   `json:"segment,omitempty"`
		Reason      string `json:"reason,omitempty"`
		HowToAppeal string `json:"how_to_appeal,omitempty"`
	}
	reviewBody struct {
		Finding string      `json:"finding"`
		Terms   *noticeBody `json:"terms,omitempty"`
		Members []string    `json:"members,omitempty"` // references
		Reason  string      `json:"reason,omitempty"`
		// Facts are what the household says about itself now: sealed, and its members are those of a change.
		Facts *seal.Facts `json:"facts,omitempty"`
	}
	confirmBody struct {
		Agree bool `json:"agree"`
	}
	suspendBody struct {
		From   string `json:"from"`
		Reason string `json:"reason"`
	}
	resumeBody struct {
		From string `json:"from"`
	}
	appealBody struct {
		SHA256 string `json:"sha256"`
	}
	appealDecisionBody struct {
		Upheld bool   `json:"upheld"`
		SHA256 string `json:"sha256"`
	}
	needBody struct {
		ID        string            `json:"id"`
		Subject   relief.SubjectRef `json:"subject"`
		Region    string            `json:"region"`
		Programme string            `json:"programme"`
		Source    string            `json:"source"`
		SHA256    string            `json:"sha256"`
	}
	dismissBody struct {
		Reason string `json:"reason"`
	}
)
