package records

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/provjson"
	"relieftrail/gateway/internal/table"
)

// trail is what happened, oldest step first.
type trail struct {
	Steps []index.Step `json:"steps"`
}

// formatPROV is the format of trails alone.
const formatPROV table.Format = "prov"

// TrailFormat goes before the header Accept.
var TrailFormat = rest.NewParam("format", func(text string) (table.Format, error) {
	if text == string(formatPROV) {
		return formatPROV, nil
	}
	return rest.ParseFormat(text)
})

// PaymentTrail answers with what happened to a payment.
func (h *Handlers) PaymentTrail(ctx context.Context, c *gin.Context) error {
	id, err := paymentID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.PaymentTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, id.String(), "payment", steps)
}

// SubjectTrail answers with what happened to a person.
func (h *Handlers) SubjectTrail(ctx context.Context, c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.SubjectTrail(ctx, ref)
	if err != nil {
		return err
	}
	return h.answerTrail(c, ref.String(), trailOfSubject, steps)
}

// BatchTrail answers with what happened to a batch.
func (h *Handlers) BatchTrail(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.BatchTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, string(id), relief.KindBatch, steps)
}

// TrancheTrail answers with what happened to a tranche.
func (h *Handlers) TrancheTrail(ctx context.Context, c *gin.Context) error {
	id, err := trancheID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.TrancheTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, string(id), relief.KindTranche, steps)
}

// ImportTrail answers with what happened to the import of a roll.
func (h *Handlers) ImportTrail(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseImportID)
	if err != nil {
		return err
	}
	steps, err := h.Index.ImportTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, string(id), relief.KindImport, steps)
}

// CaseTrail answers with what happened to a case.
func (h *Handlers) CaseTrail(ctx context.Context, c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.CaseTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, string(id), relief.KindCase, steps)
}

// trailOfSubject is the kind of a person's trail.
const trailOfSubject = "subject"

// answerTrail writes a trail in the format that the caller wishes.
func (h *Handlers) answerTrail(c *gin.Context, id, kind string, steps []index.Step) error {
	if len(steps) == 0 && kind != trailOfSubject { // whether a person is known is nobody's business
		return relief.Errorf(relief.CodeNotFound, "no %s has this id", kind)
	}
	if steps == nil {
		steps = []index.Step{}
	}
	prov, err := asPROV(c)
	if err != nil {
		return err
	}
	if !prov {
		return rest.AnswerRows(h.core, c, kind+"-"+id, lists.Trail, trail{steps}, steps)
	}
	rest.Attachment(c, provjson.MediaType, kind+"-"+id+".prov.json")
	if rest.HeadOnly(c) {
		return nil
	}
	if err := provjson.Write(c.Writer, steps); err != nil { // the caller is gone
		panic(http.ErrAbortHandler)
	}
	return nil
}

// asPROV reports whether the caller wishes PROV-JSON, which is offered after the formats of lists.
func asPROV(c *gin.Context) (bool, error) {
	if format := TrailFormat.In(c); format != "" {
		return format == formatPROV, nil
	}
	chosen, err := rest.Accept(c, table.TypeJSON, table.TypeCSV, table.TypeNDJSON, table.TypeWorkbook, provjson.MediaType)
	return chosen == provjson.MediaType, err
}
