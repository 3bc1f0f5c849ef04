package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/rest"
)

// YearEnds lists the year's ends that were signed, of a region and those inside it.
func (h *Handlers) YearEnds(ctx context.Context, c *gin.Context) (any, error) {
	region := ByRegion.In(c)
	return h.Index.Records(ctx, relief.KindYearEnd, rest.IDCursor.In(c), h.core.PageSize(c), func(value json.RawMessage) (bool, error) {
		if region == "" {
			return true, nil
		}
		var y fund.YearEnd
		err := json.Unmarshal(value, &y)
		return region.Covers(y.County), err
	})
}

func yearEndID(c *gin.Context) (relief.YearEndID, error) {
	return rest.PathID(c, "id", relief.ParseYearEndID)
}

// YearEnd answers with the list of a year's end as it is now, worked out at the agency's own peer: as JSON, or as CSV with a line a
// tranche and a line an open overpayment.
func (h *Handlers) YearEnd(ctx context.Context, c *gin.Context) error {
	id, err := yearEndID(c)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	y, err := rest.AskIn(ctx, h.core, c, api.FundYearEnd, api.YearEndInput{ID: id})
	if err != nil {
		return err
	}
	if format == rest.JSONType {
		return rest.JSON(c, y)
	}
	rest.Attachment(c, format+"; charset=utf-8", "year-end-"+string(id)+".csv")
	if rest.HeadOnly(c) {
		return nil
	}
	w := rest.NewCSV(c.Writer, yearEndColumns...)
	blank := make([]string, len(yearEndColumns))
	for i := range y.Tranches {
		t := &y.Tranches[i]
		line := append([]string{
			"tranche", string(t.ID), programmesText(t.Programmes), string(t.Region), string(t.Origin), string(t.Parent), string(t.State),
			string(t.CarriedTo),
		}, balanceCells(&t.Balances)...)
		_ = w.Write(append(line, "", y.SHA256)) // errors stay with the writer
	}
	for _, o := range y.Overpayments {
		line := append([]string{"overpayment", string(o.ID)}, blank[2:len(blank)-2]...)
		_ = w.Write(append(line, o.Outstanding.String(), y.SHA256))
	}
	w.Flush() // the caller is gone when this fails
	return nil
}

var yearEndColumns = []string{
	"kind", "id", "programmes", "region", "origin", "parent", "state", "carried_to",
	"issued", "topped_up", "recovered", "allocated", "reserved", "paid", "in_return", "refunded", "taken_back", "carried_over", "available",
	"outstanding", "sha256",
}

// YearEndTrail answers with who signed a year's end.
func (h *Handlers) YearEndTrail(ctx context.Context, c *gin.Context) error {
	id, err := yearEndID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.YearEndTrail(ctx, id)
	if err != nil {
		return err
	}
	return answerTrail(c, string(id), relief.KindYearEnd, steps)
}
