package records

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/standing"
)

var agencyPattern = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// The query parameters of officials.
var (
	ByAgency        = rest.NewParam("agency", parseAgency)
	ByOfficialState = rest.Choice("state", registry.OfficialActive, registry.OfficialRetired)
	// OfficialCursor is the cursor of pages of officials: agency and name of the last one of the page before.
	OfficialCursor = rest.NewParam("cursor", func(text string) (string, error) {
		by, err := parseOfficial(text)
		if err != nil {
			return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
		}
		return recordOf(by.Agency, by.Name), nil
	})
)

func parseAgency(s string) (string, error) {
	if !agencyPattern.MatchString(s) {
		return "", relief.FieldErrorf("agency", "an agency is named by its MSP id, such as FinanceMSP")
	}
	return s, nil
}

// recordOf is the index's name of an official's entry.
func recordOf(agency, name string) string { return agency + "/" + name }

// Officials lists the officials of an agency and a state.
func (h *Handlers) Officials(ctx context.Context, c *gin.Context) error {
	agency, state := ByAgency.In(c), ByOfficialState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var e registry.OfficialEntry
		err := json.Unmarshal(value, &e)
		return (agency == "" || e.Agency == agency) && (state == "" || e.State == state), err
	}
	return h.answerRecords(ctx, c, "officials", lists.Officials, relief.KindOfficial, OfficialCursor.In(c), keep)
}

// Official is one official's entry.
func (h *Handlers) Official(ctx context.Context, c *gin.Context) (any, error) {
	in, err := officialIn(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Record(ctx, relief.KindOfficial, recordOf(in.Agency, in.Name))
}

// CertificatesAnswer are the certificates with which this gateway signs for the officials of its agency.
type CertificatesAnswer struct {
	Agency string         `json:"agency"`
	Items  []standing.End `json:"items"` // the first end first
}

// Certificates answers with until when the officials' certificates count. Those of other agencies' officials are at their gateways.
func (h *Handlers) Certificates(_ context.Context, c *gin.Context) error {
	answer := CertificatesAnswer{Agency: h.core.Organisation, Items: []standing.End{}}
	if h.Standing != nil {
		answer.Items = h.Standing.Ends()
	}
	return rest.AnswerRows(h.core, c, "certificates", lists.Certificates, answer, answer.Items)
}

// officialIn is the official whom the path names.
func officialIn(c *gin.Context) (in api.OfficialInput, err error) {
	if in.Agency, err = parseAgency(c.Param("agency")); err != nil {
		return in, err
	}
	in.Name, err = relief.FoldOfficialName(c.Param("name"))
	return in, err
}

// RegisterOfficial registers an official of the caller's agency.
func (h *Handlers) RegisterOfficial(c *gin.Context) error {
	argument, err := rest.Argument(h.core, c, api.OfficialRegister, "", "")
	if err != nil {
		return err
	}
	terms, err := api.Decode[registry.OfficialTerms](string(argument))
	if err != nil {
		return err
	}
	name, err := relief.FoldOfficialName(terms.Name)
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{
		Function: api.OfficialRegister.Name(), Argument: argument, Status: http.StatusCreated,
		Location: "/v1/officials/" + recordOf(terms.Agency, name),
	})
}

// retireBody says why an official's name is retired, and whether all their names are.
type retireBody struct {
	Reason   string `json:"reason"`
	AllNames bool   `json:"all_names,omitempty"`
}

// RetireOfficial retires an official's name.
func (h *Handlers) RetireOfficial(c *gin.Context) error {
	in, err := officialIn(c)
	if err != nil {
		return err
	}
	var body retireBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	return h.changeOfficial(c, api.OfficialRetire.Name(), api.RetireInput{OfficialInput: in, Reason: body.Reason, AllNames: body.AllNames})
}

// revokeBody says which certificates of an official are revoked, and why.
type revokeBody struct {
	Serials []string `json:"serials"`
	Reason  string   `json:"reason"`
}

// RevokeOfficial revokes certificates of an official.
func (h *Handlers) RevokeOfficial(c *gin.Context) error {
	in, err := officialIn(c)
	if err != nil {
		return err
	}
	var body revokeBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	return h.changeOfficial(c, api.OfficialRevoke.Name(), api.RevokeInput{OfficialInput: in, Serials: body.Serials, Reason: body.Reason})
}

func (h *Handlers) changeOfficial(c *gin.Context, function string, in any) error {
	argument, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: function, Argument: argument})
}
