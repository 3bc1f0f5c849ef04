package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/ledger"
)

// programmeBody is a version of a programme as programme:Draft takes it.
type programmeBody struct {
	ID               string         `json:"id"`
	Version          int            `json:"version"`
	Name             string         `json:"name"`
	NameEn           string         `json:"name_en,omitempty"`
	Region           string         `json:"region"`
	Unit             string         `json:"unit"`
	Cycle            string         `json:"cycle"`
	MinAmount        string         `json:"min_amount"`
	MaxAmount        string         `json:"max_amount"`
	Starts           string         `json:"starts"`
	NoticeDays       int            `json:"notice_days"`
	RecheckMonths    map[string]int `json:"recheck_months,omitempty"`
	RequiredEvidence []string       `json:"required_evidence,omitempty"`
	PayByDay         int            `json:"pay_by_day"`
	Budget           struct {
		Functional string `json:"functional"`
		Economic   string `json:"economic"`
	} `json:"budget"`
	SegmentSize        int               `json:"segment_size,omitempty"`
	DecisionDays       int               `json:"decision_days,omitempty"`
	ObjectionDays      int               `json:"objection_days,omitempty"`
	AppealDays         int               `json:"appeal_days,omitempty"`
	AppealDecisionDays int               `json:"appeal_decision_days,omitempty"`
	AppealGuide        string            `json:"appeal_guide,omitempty"`
	RecheckMonthsRural map[string]int    `json:"recheck_months_rural,omitempty"`
	RequiredMatches    []string          `json:"required_matches,omitempty"`
	MatchValidDays     int               `json:"match_valid_days,omitempty"`
	ClassAmounts       map[string]string `json:"class_amounts,omitempty"`
	EntitledFrom       string            `json:"entitled_from,omitempty"`
	OverlapRefused     []string          `json:"overlap_refused,omitempty"`
	OverlapFlagged     []string          `json:"overlap_flagged,omitempty"`
	ImportUntil        string            `json:"import_until,omitempty"`
}

// DraftProgramme proposes a version of a programme.
func (h *Handlers) DraftProgramme() rest.Handler {
	return rest.Act(h.core, rest.Created("programme:Draft"), func(_ *gin.Context, b programmeBody) (rest.Request, error) {
		return rest.Request{Argument: b, Location: "/v1/programmes/" + b.ID}, nil
	})
}

type enactBody struct {
	Version int `json:"version"`
}

// EnactProgramme puts a version in force.
func (h *Handlers) EnactProgramme() rest.Handler {
	return rest.Act(h.core, rest.Done("programme:Enact"), func(c *gin.Context, b enactBody) (rest.Request, error) {
		id, err := programmeID(c)
		return rest.Request{Argument: struct {
			ID relief.ProgrammeID `json:"id"`
			enactBody
		}{id, b}}, err
	})
}

type exitBody struct {
	Subject    string `json:"subject"`
	Reason     string `json:"reason"`
	LastPeriod string `json:"last_period,omitempty"`
	DiedOn     string `json:"died_on,omitempty"`
}

// ExitRoll takes a person off the roll.
func (h *Handlers) ExitRoll() rest.Handler {
	return rest.Act(h.core, rest.Done("case:Exit"), func(c *gin.Context, b exitBody) (rest.Request, error) {
		id, err := programmeID(c)
		return rest.Request{Argument: struct {
			Programme relief.ProgrammeID `json:"programme"`
			exitBody
		}{id, b}}, err
	})
}

type eraseBody struct {
	Reason string `json:"reason"`
}

// EraseSubject erases a person's private details. The detail pages that the person shares with others go with the act: they
// are written again without the person.
func (h *Handlers) EraseSubject() rest.Handler {
	return rest.Act(h.core, rest.Done("case:Erase"), func(c *gin.Context, b eraseBody) (rest.Request, error) {
		ref, err := subjectRef(c)
		return rest.Request{Argument: struct {
			Subject relief.SubjectRef `json:"subject"`
			eraseBody
		}{ref, b}, Renew: h.pagesOf(c, ref)}, err
	})
}

func (h *Handlers) pagesOf(c *gin.Context, ref relief.SubjectRef) rest.Renewal {
	return func(ctx context.Context) (map[string][]byte, error) {
		argument, err := json.Marshal(subjectArgument{ref})
		if err != nil {
			return nil, err
		}
		b, err := h.core.EvaluateIn(ctx, c, ledger.Call{Function: "case:Pages", Argument: argument})
		if err != nil {
			return nil, err
		}
		var held struct {
			Pages [][]byte `json:"pages"`
		}
		if err := json.Unmarshal(b, &held); err != nil {
			return nil, err
		}
		return map[string][]byte{wire.TransientPages: roll.AppendDetails(nil, held.Pages)}, nil
	}
}

func programmeID(c *gin.Context) (relief.ProgrammeID, error) {
	return rest.PathID(c, "id", relief.ParseProgrammeID)
}
