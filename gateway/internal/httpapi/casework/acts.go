package casework

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
)

// The acts on a case of the path that the contract takes as they come.

// Attach records a piece of evidence.
func (h *Handlers) Attach() rest.Handler { return onCase[evidenceBody](h, "case:Attach") }

// Match records a department's signed statement.
func (h *Handlers) Match() rest.Handler { return onCase[matchBody](h, "case:Match") }

// AnswerMatch answers an adverse finding.
func (h *Handlers) AnswerMatch() rest.Handler { return onCase[matchAnswerBody](h, "case:AnswerMatch") }

// Notice puts a case on public notice.
func (h *Handlers) Notice() rest.Handler { return onCase[noticeBody](h, "case:Notice") }

// Object records an objection.
func (h *Handlers) Object() rest.Handler { return onCase[objectionBody](h, "case:Object") }

// AnswerObjection answers an objection.
func (h *Handlers) AnswerObjection() rest.Handler {
	return onCase[objectionAnswerBody](h, "case:Answer")
}

// Withdraw ends an application that the household takes back.
func (h *Handlers) Withdraw() rest.Handler { return onCase[rest.Nothing](h, "case:Withdraw") }

// ConfirmReview confirms a re-check or sends it back.
func (h *Handlers) ConfirmReview() rest.Handler { return onCase[confirmBody](h, "case:Confirm") }

// Suspend stops payments from a period on.
func (h *Handlers) Suspend() rest.Handler { return onCase[suspendBody](h, "case:Suspend") }

// Resume lets payments go on.
func (h *Handlers) Resume() rest.Handler { return onCase[resumeBody](h, "case:Resume") }

// Appeal records an appeal.
func (h *Handlers) Appeal() rest.Handler { return onCase[appealBody](h, "case:Appeal") }

// DecideAppeal decides an appeal.
func (h *Handlers) DecideAppeal() rest.Handler {
	return onCase[appealDecisionBody](h, "case:DecideAppeal")
}

// FindNeed records a newly found need.
func (h *Handlers) FindNeed() rest.Handler {
	return rest.Act(h.core, rest.Created("case:Need"), func(_ *gin.Context, b needBody) (rest.Request, error) {
		return rest.Request{Argument: b, Location: "/v1/needs/" + b.ID}, nil
	})
}

// DismissNeed ends a need that does not hold.
func (h *Handlers) DismissNeed() rest.Handler {
	return rest.Act(h.core, rest.Done("case:DismissNeed"), func(c *gin.Context, b dismissBody) (rest.Request, error) {
		id, err := rest.PathID(c, "id", relief.ParseNeedID)
		return rest.Request{Argument: pathArgument{"need", string(id), b}}, err
	})
}

func onCase[T any](h *Handlers, function string) rest.Handler {
	return rest.Act(h.core, rest.Done(function), caseRequest[T])
}

// caseRequest is an act on the case of the path: its body's fields, and the case.
func caseRequest[T any](c *gin.Context, body T) (rest.Request, error) {
	id, err := caseID(c)
	return rest.Request{Argument: pathArgument{"case", string(id), body}}, err
}

func caseID(c *gin.Context) (relief.CaseID, error) { return rest.PathID(c, "id", relief.ParseCaseID) }

// pathArgument is a body with the id of its path beside its own fields.
type pathArgument struct {
	name, id string
	body     any
}

// MarshalJSON puts the id in front of the body's fields.
func (p pathArgument) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(p.body)
	if err != nil {
		return nil, err
	}
	head := `{"` + p.name + `":"` + p.id + `"` // an id has no character that JSON would escape
	if string(b) == "{}" {
		return []byte(head + "}"), nil
	}
	return append([]byte(head+","), b[1:]...), nil
}
