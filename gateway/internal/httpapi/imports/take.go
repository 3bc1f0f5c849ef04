package imports

import (
	"encoding/json"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
)

// Take begins the job that reads the rolls from which a programme takes its people, and proposes their import for a month.
func (h *Handlers) Take(c *gin.Context) error {
	var body struct {
		ID     relief.ImportID `json:"id,omitempty"`
		Period relief.Period   `json:"period"`
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	programme, err := rest.PathID(c, "programme", relief.ParseProgrammeID)
	if err != nil {
		return err
	}
	county, err := rest.PathID(c, "county", relief.ParseRegion)
	if err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关办理。",
			"This gateway has no persons key: people are put on rolls where private details are kept.")
	}
	if h.Jobs.Full() {
		return problem.Overloaded.Fault()
	}
	if err := h.mayTake(c, programme, county, body.Period); err != nil {
		return err
	}
	spec := jobs.JobSpec{
		Kind: jobs.KindTaking, Target: string(programme), County: county, From: body.Period.String(), Import: body.ID,
	}
	content, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	return jobstart.Start(c, h.core, h.Jobs, spec, content)
}

// mayTake refuses what the contract would refuse of every such import: the caller, the programme, the month, a month without a rate.
func (h *Handlers) mayTake(c *gin.Context, programme relief.ProgrammeID, county relief.Region, month relief.Period) error {
	rates, err := rest.Ask(h.core, c, api.ProgrammeRates, api.ProgrammeInput{ID: programme})
	if err != nil {
		return err
	}
	terms := roll.ImportTerms{
		ID: "probe", Programme: programme, County: county, From: month,
		Chunks: []roll.ImportChunk{{SHA256: strings.Repeat("0", 64), Count: 1, New: 1}}, ImportDiffers: roll.ImportDiffers{New: 1},
	}
	if rate := rates.Of(month); rate != nil {
		terms.Rate = rate.Digest
	}
	return rest.Probe(h.core, c, api.RollProposeImport, terms, nil)
}
