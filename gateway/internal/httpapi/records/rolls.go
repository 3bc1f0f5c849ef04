package records

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reading"
)

// The query parameters of a roll's entries.
var (
	ByClass      = rest.NewParam("class", parseClass)
	ByEntryState = rest.Choice("state", roll.InForce, roll.Exited)
)

func parseClass(s string) (string, error) {
	if len(s) != 1 || s[0] < 'A' || s[0] > 'Z' {
		return "", relief.FieldErrorf("class", "the class is one letter A–Z")
	}
	return s, nil
}

// RollEntries lists a roll's entries.
func (h *Handlers) RollEntries(ctx context.Context, c *gin.Context) error {
	q, err := rollQuery(c)
	if err != nil {
		return err
	}
	l := rest.List[index.RollEntry]{
		Name: rollName(&q), Table: lists.RollEntries,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[index.RollEntry], error) {
			return h.Index.RollEntries(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

// RollPeople lists a roll's entries and who the people are. Each page is recorded as a reading before anything of it is opened.
// Who may read it is the contracts' matter: those with the duty whose region covers the county.
func (h *Handlers) RollPeople(c *gin.Context) error {
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关查看。",
			"This gateway has no persons key: names are read where private details are kept.")
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	q, err := rollQuery(c)
	if err != nil {
		return err
	}
	l := rest.List[lists.RollPerson]{
		Name: rollName(&q) + "-people", Table: lists.RollPeople,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[lists.RollPerson], error) {
			page, err := h.Index.RollEntries(ctx, q, cursor, limit)
			if err != nil {
				return index.Page[lists.RollPerson]{}, err
			}
			out := nameless(page)
			return out, h.nameRoll(ctx, c, &q, out.Items)
		},
	}
	return l.Answer(c.Request.Context(), h.core, c, rest.Cursor.In(c))
}

func nameless(page index.Page[index.RollEntry]) index.Page[lists.RollPerson] {
	out := index.Page[lists.RollPerson]{Items: make([]lists.RollPerson, len(page.Items)), Next: page.Next, Unreadable: page.Unreadable}
	for i := range page.Items {
		out.Items[i].RollEntry = page.Items[i]
	}
	return out
}

// rollQuery is what the path and the query ask for.
func rollQuery(c *gin.Context) (q index.RollQuery, err error) {
	if q.Programme, err = rest.PathID(c, "programme", relief.ParseProgrammeID); err != nil {
		return q, err
	}
	q.County, err = rest.PathID(c, "county", parseCounty)
	q.Region, q.Class, q.State, q.EntryFilter = ByRegion.In(c), ByClass.In(c), ByEntryState.In(c), entryFilter(c)
	return q, err
}

func rollName(q *index.RollQuery) string {
	return "roll-" + string(q.Programme) + "-" + string(q.County)
}

func parseCounty(s string) (relief.Region, error) {
	r, err := relief.ParseRegion(s)
	if err != nil || r.County() != r {
		return "", relief.FieldErrorf("county", "a county has six digits")
	}
	return r, nil
}

// nameRoll opens the details of a page's people, and records that they are read.
func (h *Handlers) nameRoll(ctx context.Context, c *gin.Context, q *index.RollQuery, people []lists.RollPerson) error {
	var p programme.Programme
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(q.Programme), &p); err != nil {
		return err
	}
	size := uint32(p.Versions[0].SegmentSize) //nolint:gosec // 1 to 1000
	refs := make([]relief.SubjectRef, len(people))
	for i := range people {
		refs[i] = people[i].Subject
	}
	sealed := map[uint32]api.Details{}
	for rest := people; len(rest) > 0; {
		n := togetherFrom(rest, size)
		if err := h.sealedRoll(ctx, c, q, rest[0].Number/size, rest[0].Number, rest[n-1].Number, sealed); err != nil {
			return err
		}
		rest = rest[n:]
	}
	opened, err := h.core.Read(c, reading.RollPeople, relief.KindRoll, string(q.Programme)+"/"+string(q.County), refs...)
	if err != nil {
		return err
	}
	for i := range people {
		e := &people[i]
		d, there := sealed[e.Number]
		if !there || d.Subject != e.Subject {
			continue
		}
		person, err := opened.Person(d.Details, e.Subject, q.Programme)
		if err != nil {
			return err
		}
		e.Name, e.IDNumber, e.Account = person.Name.Reveal(), person.IDNumber.Reveal(), person.Account.Reveal()
		e.Bank, e.Phone, e.HouseholdNo = person.Bank.Reveal(), person.Phone.Reveal(), person.HouseholdNo.Reveal()
	}
	return nil
}

// togetherFrom is how many of the first people one page of a segment's details has.
func togetherFrom(people []lists.RollPerson, size uint32) int {
	first := people[0].Number
	n := slices.IndexFunc(people, func(e lists.RollPerson) bool {
		return e.Number/size != first/size || e.Number-first >= api.MaxDetailsPage
	})
	if n < 0 {
		return len(people)
	}
	return n
}

func (h *Handlers) sealedRoll(ctx context.Context, c *gin.Context, q *index.RollQuery, segment, first, last uint32, sealed map[uint32]api.Details) error {
	page, err := rest.AskIn(ctx, h.core, c, api.RollSegmentDetails, api.SegmentDetailsInput{
		Programme: q.Programme, County: q.County, Segment: segment, From: first, Limit: int(last - first + 1),
	})
	if err != nil {
		return err
	}
	for i := range page.Items {
		sealed[page.Items[i].Number] = page.Items[i]
	}
	return nil
}
