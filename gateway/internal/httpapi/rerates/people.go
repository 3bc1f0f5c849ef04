package rerates

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// Kind chooses those who change, or those who stay behind.
type Kind string

// The kinds.
const (
	KindChanged Kind = "changed"
	KindBehind  Kind = "behind"
)

// The query parameters of the people of a re-rate.
var (
	ByKind = rest.Choice("kind", KindChanged, KindBehind)
	// After is the number of the segment after which a page begins, as the page before said.
	After = rest.NewParam("cursor", func(text string) (string, error) {
		_, err := parseAfter(text)
		return text, err
	})
)

// parseAfter reads the number of a page's segment, nil before the first one.
func parseAfter(text string) (*uint32, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no segment and no fault
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil, problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	segment := uint32(n)
	return &segment, nil
}

// person is somebody whose terms change by a re-rate, or who stays behind.
type person struct {
	Number  uint32            `json:"number"` // on the roll
	Subject relief.SubjectRef `json:"subject"`
	Class   string            `json:"class"`
	Persons uint8             `json:"persons"`
	Was     relief.Fen        `json:"was"` // a month
	Now     relief.Fen        `json:"now"`
	Behind  roll.Behind       `json:"behind,omitempty"` // why not
	Reason  string            `json:"reason,omitempty"` // the same in both languages
}

// Table are the people of a re-rate for a spreadsheet.
var Table = table.New(
	table.Integer("number", func(p *person) uint32 { return p.Number }),
	table.Text("subject", func(p *person) string { return p.Subject.String() }),
	table.Text("class", func(p *person) string { return p.Class }),
	table.Integer("persons", func(p *person) uint8 { return p.Persons }),
	table.Amount("was", func(p *person) relief.Fen { return p.Was }),
	table.Amount("now", func(p *person) relief.Fen { return p.Now }),
	table.Text("code", func(p *person) roll.Behind { return p.Behind }),
	table.Text("reason", func(p *person) string { return p.Reason }),
)

// behindWords say why somebody stays behind.
var behindWords = map[roll.Behind]bilingual.Text{
	roll.BehindNoStandard: {Zh: "该版本没有此类别的标准", En: "the version has no standard for the class"},
	roll.BehindOwnAmount:  {Zh: "现金额不是原标准，系单独核定", En: "the amount is not the standard before: it was granted to this household alone"},
	roll.BehindAbove:      {Zh: "现金额高于新标准", En: "more is granted than the new standard"},
	roll.BehindBounds:     {Zh: "新金额超出项目上下限", En: "the new amount lies outside the programme's bounds"},
	roll.BehindFull:       {Zh: "该户变更次数已满", En: "the entry has no room for another change"},
}

// People answers with who changes by how much, or who stays behind and why: a page is one segment.
// Before a segment is carried out they are those of the roll as it is now, afterwards those that the ledger has recorded.
func (h *Handlers) People(ctx context.Context, c *gin.Context) error {
	record, err := h.record(ctx, c)
	if err != nil {
		return err
	}
	kind := ByKind.In(c)
	if kind == "" {
		return problem.OfField("kind", "请注明 kind：changed 或 behind。", "kind is changed or behind.")
	}
	details, err := rest.AskIn(ctx, h.core, c, api.RollGetRerate, api.RerateIDInput{ID: record.ID})
	if err != nil {
		return err
	}
	r := &reader{handlers: h, c: c, rerate: &record, kind: kind, segments: details.Segments}
	l := rest.List[person]{Name: string(record.ID) + "-" + string(kind), Table: Table, Page: r.page}
	return l.Answer(ctx, h.core, c, After.In(c))
}

// reader reads the people of a re-rate, segment by segment.
type reader struct {
	handlers *Handlers
	c        *gin.Context
	rerate   *roll.RerateProposal
	kind     Kind
	segments []roll.RerateSegmentRecord
}

// page is the next segment that has people of the kind, however many it has.
func (r *reader) page(ctx context.Context, cursor string, _ int) (out index.Page[person], err error) {
	after, err := parseAfter(cursor)
	if err != nil {
		return out, err
	}
	for i := range r.segments {
		s := &r.segments[i]
		if after != nil && s.Segment <= *after || r.kind == KindChanged && s.Changed == 0 || r.kind == KindBehind && s.Behind == 0 {
			continue
		}
		if len(out.Items) > 0 {
			return out, nil
		}
		people, err := r.people(ctx, s)
		if err != nil {
			return out, err
		}
		out.Items, out.Next = people, strconv.FormatUint(uint64(s.Segment), 10)
	}
	out.Next = ""
	return out, nil
}

// people are those of one segment.
func (r *reader) people(ctx context.Context, s *roll.RerateSegmentRecord) ([]person, error) {
	h, at := r.handlers, api.SegmentInput{Programme: r.rerate.Programme, County: r.rerate.County, Segment: s.Segment}
	packed := s.People
	if s.Tx == "" {
		now, err := rest.AskIn(ctx, h.core, r.c, api.RollRerateSegment, api.RerateSegmentInput{
			SegmentInput: at, Version: r.rerate.Version, From: r.rerate.From,
		})
		if err != nil {
			return nil, err
		}
		packed = now.People
	}
	list, err := roll.ReadRerated(packed)
	if err != nil {
		return nil, err
	}
	refs, err := rest.AskIn(ctx, h.core, r.c, api.RollRefs, at)
	if err != nil {
		return nil, err
	}
	people := []person{}
	for i := range list {
		p := &list[i]
		if (p.Behind != "") != (r.kind == KindBehind) {
			continue
		}
		out := person{
			Number: refs.First + uint32(p.Position), Class: p.Class, Persons: p.Persons, Was: p.Was, Now: p.Now, //nolint:gosec // below 1000
			Behind: p.Behind,
		}
		if width := len(out.Subject); len(refs.Refs) >= (p.Position+1)*width {
			copy(out.Subject[:], refs.Refs[p.Position*width:])
		}
		if p.Behind != "" {
			out.Reason = behindWords[p.Behind].String()
		}
		people = append(people, out)
	}
	return people, nil
}
