package records

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/provjson"
)

// trail is what happened, oldest step first.
type trail struct {
	Steps []index.Step `json:"steps"`
}

// The formats of a trail.
var trailFormats = map[trailFormat]string{formatJSON: rest.JSONType, formatCSV: rest.CSV, formatPROV: provjson.MediaType}

type trailFormat string

const (
	formatJSON trailFormat = "json"
	formatCSV  trailFormat = "csv"
	formatPROV trailFormat = "prov"
)

// TrailFormat goes before the header Accept.
var TrailFormat = rest.Choice("format", formatJSON, formatCSV, formatPROV)

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
	return answerTrail(c, id.String(), "payment", steps)
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
	return answerTrail(c, ref.String(), trailOfSubject, steps)
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
	return answerTrail(c, string(id), relief.KindBatch, steps)
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
	return answerTrail(c, string(id), relief.KindTranche, steps)
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
	return answerTrail(c, string(id), relief.KindImport, steps)
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
	return answerTrail(c, string(id), relief.KindCase, steps)
}

// trailOfSubject is the kind of a person's trail.
const trailOfSubject = "subject"

// answerTrail writes a trail in the format that the caller wishes.
func answerTrail(c *gin.Context, id, kind string, steps []index.Step) error {
	if len(steps) == 0 && kind != trailOfSubject { // whether a person is known is nobody's business
		return relief.Errorf(relief.CodeNotFound, "no %s has this id", kind)
	}
	mediaType, err := formatOf(c)
	if err != nil {
		return err
	}
	if steps == nil {
		steps = []index.Step{}
	}
	switch mediaType {
	case rest.CSV:
		rest.Attachment(c, "text/csv; charset=utf-8", kind+"-"+id+".csv")
		writeTrailCSV(c.Writer, steps)
	case provjson.MediaType:
		rest.Attachment(c, provjson.MediaType, kind+"-"+id+".prov.json")
		if err := provjson.Write(c.Writer, steps); err != nil { // the caller is gone
			panic(http.ErrAbortHandler)
		}
	default:
		return rest.JSON(c, trail{steps})
	}
	return nil
}

func formatOf(c *gin.Context) (string, error) {
	if name := TrailFormat.In(c); name != "" {
		return trailFormats[name], nil
	}
	return rest.Accept(c, rest.JSONType, rest.CSV, provjson.MediaType)
}

var trailColumns = []string{
	"at", "act", "title", "by_agency", "by_name", "by_role", "by_region", "record", "transaction", "block", "endorsers", "detail",
}

// writeTrailCSV writes one line a step; details are NAME=VALUE, in the order of their names.
func writeTrailCSV(out http.ResponseWriter, steps []index.Step) {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	_ = w.Write(trailColumns) // errors stay with the writer
	for i := range steps {
		s := &steps[i]
		var endorsers, details []string
		for _, e := range s.Endorsers {
			endorsers = append(endorsers, e.MSPID)
		}
		for name, value := range s.Detail {
			details = append(details, name+"="+value)
		}
		slices.Sort(details)
		_ = w.Write([]string{
			s.At.Format(time.RFC3339Nano), s.Act, s.Title, s.By.MSPID, s.By.Name, s.By.Role, s.By.Region, s.Record, s.Transaction,
			strconv.FormatUint(s.Block, 10), strings.Join(endorsers, " "), strings.Join(details, " "),
		})
	}
	w.Flush() // the caller is gone when this fails
}
