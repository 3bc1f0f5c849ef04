package httpapi

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
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/provjson"
)

// trail is what happened, oldest step first.
type trail struct {
	Steps []index.Step `json:"steps"`
}

// The formats of a trail: ?format= goes before the header Accept.
var trailFormats = map[string]string{"json": "application/json", "csv": "text/csv", "prov": provjson.MediaType}

func (a *API) paymentTrail(ctx context.Context, c *gin.Context) error {
	id, err := paymentID(c)
	if err != nil {
		return err
	}
	steps, err := a.Index.PaymentTrail(ctx, id)
	return a.answerTrail(c, id.String(), "payment", steps, err)
}

func (a *API) subjectTrail(ctx context.Context, c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	steps, err := a.Index.SubjectTrail(ctx, ref)
	return a.answerTrail(c, ref.String(), trailOfSubject, steps, err)
}

func (a *API) batchTrail(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	steps, err := a.Index.BatchTrail(ctx, id)
	return a.answerTrail(c, string(id), relief.KindBatch, steps, err)
}

func (a *API) trancheTrail(ctx context.Context, c *gin.Context) error {
	id, err := trancheID(c)
	if err != nil {
		return err
	}
	steps, err := a.Index.TrancheTrail(ctx, id)
	return a.answerTrail(c, string(id), relief.KindTranche, steps, err)
}

// trailOfSubject is the kind of a person's trail.
const trailOfSubject = "subject"

// answerTrail writes a trail in the format that the caller wishes.
func (a *API) answerTrail(c *gin.Context, id, kind string, steps []index.Step, err error) error {
	if err != nil {
		return err
	}
	if len(steps) == 0 && kind != trailOfSubject { // whether a person is known is nobody's business
		return relief.Errorf(relief.CodeNotFound, "no %s has this id", kind)
	}
	mediaType, err := trailFormat(c)
	if err != nil {
		return err
	}
	if steps == nil {
		steps = []index.Step{}
	}
	switch mediaType {
	case "text/csv":
		c.Header("Content-Type", "text/csv; charset=utf-8")
		c.Header("Content-Disposition", `attachment; filename="`+kind+`-`+id+`.csv"`)
		c.Status(http.StatusOK)
		writeTrailCSV(c.Writer, steps)
	case provjson.MediaType:
		c.Header("Content-Type", provjson.MediaType)
		c.Header("Content-Disposition", `attachment; filename="`+kind+`-`+id+`.prov.json"`)
		c.Status(http.StatusOK)
		if err := provjson.Write(c.Writer, steps); err != nil { // the caller is gone
			panic(http.ErrAbortHandler)
		}
	default:
		writeJSON(c, http.StatusOK, jsonContent, trail{steps})
	}
	return nil
}

func trailFormat(c *gin.Context) (string, error) {
	name := c.Query("format")
	if name == "" {
		return accept(c, "application/json", "text/csv", provjson.MediaType)
	}
	mediaType, ok := trailFormats[name]
	if !ok {
		return "", &fault{kind: kindInvalid, field: "format", detail: "format is json, csv or prov."}
	}
	return mediaType, nil
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
