package records

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of closed months.
var (
	// ByVersion names a version of a closed month.
	ByVersion = rest.NewParam("version", func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || strconv.Itoa(n) != text {
			return 0, problem.OfField("version", "版本号应为正整数。", "A version is a whole number from 1.")
		}
		return n, nil
	})
	// OfVillage names a region with rows of its own.
	OfVillage = rest.NewParam("village", relief.ParseRegion)
	// MonthCursor is the cursor of pages of months: programme, county and period of the last one of the page before.
	MonthCursor = rest.NewParam("cursor", func(text string) (string, error) {
		parts := strings.Split(text, "/")
		if len(parts) == 3 {
			if in, err := monthOf(parts[0], parts[1], parts[2]); err == nil && monthName(in) == text {
				return text, nil
			}
		}
		return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	})
)

func monthOf(programme, county, period string) (in api.MonthInput, err error) {
	if in.Programme, err = relief.ParseProgrammeID(programme); err != nil {
		return in, err
	}
	if in.County, err = relief.ParseRegion(county); err != nil {
		return in, err
	}
	in.Period, err = relief.ParsePeriod(period)
	return in, err
}

func monthIn(c *gin.Context) (api.MonthInput, error) {
	return monthOf(c.Param("programme"), c.Param("county"), c.Param("period"))
}

// monthName is the index's name of a month.
func monthName(in api.MonthInput) string {
	return strings.Join(relief.MonthKey(in.Programme, in.County, in.Period).Attrs, "/")
}

// closeBody has nothing to say: the path names the month.
type closeBody struct{}

// MayBeEmpty says so.
func (closeBody) MayBeEmpty() {}

// CloseMonth closes an accounting period. An answer that comes in between has the outbox try again.
func (h *Handlers) CloseMonth(c *gin.Context) error {
	var body closeBody
	return onMonth(h, c, api.OversightCloseMonth.Name(), &body, func(in api.MonthInput) any { return in })
}

// Months lists the last versions of closed months.
func (h *Handlers) Months(ctx context.Context, c *gin.Context) error {
	q := index.MonthQuery{Programme: ByProgramme.In(c), Region: ByRegion.In(c), Period: ByPeriod.In(c)}
	l := rest.List[index.MonthSummary]{
		Name: "months", Table: lists.Months,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[index.MonthSummary], error) {
			return h.Index.Months(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, MonthCursor.In(c))
}

// MonthAnswer is one version of a closed month, and all its versions without their villages.
type MonthAnswer struct {
	Month    oversight.Month      `json:"month"`
	Versions []index.MonthSummary `json:"versions"` // the oldest first
}

// Month answers with the last version of a closed month, or with the one that is asked for. A file has a row a village.
func (h *Handlers) Month(ctx context.Context, c *gin.Context) error {
	in, err := monthIn(c)
	if err != nil {
		return err
	}
	versions, err := h.Index.MonthVersions(ctx, in.Programme, in.County, in.Period)
	if err != nil {
		return err
	}
	n := ByVersion.In(c)
	if n == 0 {
		n = len(versions)
	}
	answer := MonthAnswer{}
	for i := range versions {
		answer.Versions = append(answer.Versions, index.SummaryOf(&versions[i]))
		if versions[i].Version == n {
			answer.Month = versions[i]
		}
	}
	if answer.Month.Version == 0 {
		return relief.Errorf(relief.CodeNotFound, "the month has no version %d", n)
	}
	return rest.AnswerRows(h.core, c, monthFile(in), lists.MonthVillages, answer, answer.Month.Villages)
}

// monthFile names the file of a month.
func monthFile(in api.MonthInput) string {
	return fmt.Sprintf("month-%s-%s-%s", in.Programme, in.County, in.Period)
}

// VillageRowsAnswer are the rows of a village, each with the path that leads to the village's root.
type VillageRowsAnswer struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	Version   int                `json:"version"`
	Village   oversight.Village  `json:"village"`
	Rows      []lists.MonthRow   `json:"rows"`
}

// VillageRows answers with the rows of a village of the last version, worked out at the agency's own peer.
func (h *Handlers) VillageRows(ctx context.Context, c *gin.Context) error {
	in, err := monthIn(c)
	if err != nil {
		return err
	}
	village := OfVillage.In(c)
	if village == "" {
		return problem.OfField("village", "请指定村（社区）代码。", "Name the village.")
	}
	of, err := rest.AskIn(ctx, h.core, c, api.OversightRows, api.VillageInput{MonthInput: in, Village: village})
	if err != nil {
		return err
	}
	answer := VillageRowsAnswer{in.Programme, in.County, in.Period, of.Version, of.Village, make([]lists.MonthRow, len(of.Rows))}
	hashes := oversight.Hashes(of.Rows)
	for i := range of.Rows {
		row := lists.MonthRow{Row: of.Rows[i], Hash: hex.EncodeToString(hashes[i][:]), Path: []string{}}
		for _, node := range oversight.Path(hashes, i) {
			row.Path = append(row.Path, hex.EncodeToString(node[:]))
		}
		answer.Rows[i] = row
	}
	return rest.AnswerRows(h.core, c, monthFile(in)+"-"+string(village), lists.MonthRows, answer, answer.Rows)
}
