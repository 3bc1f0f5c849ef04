package public

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/internal/reading"
)

// maxNotices is the size of a page of public notices.
const maxNotices = 50

// publicNotice is what anybody may see of a case while its public notice runs (R16): no number, no illness, no whole name,
// no region smaller than a village.
type publicNotice struct {
	Case        relief.CaseID      `json:"case"` // what an objection names
	Head        string             `json:"head,omitempty"`
	Region      relief.Region      `json:"region"`
	Place       string             `json:"place,omitempty"` // the register's names, the county first
	Programme   relief.ProgrammeID `json:"programme"`
	Name        string             `json:"programme_name,omitempty"`
	NameEn      string             `json:"programme_name_en,omitempty"`
	Household   int                `json:"household"` // members
	Persons     uint8              `json:"persons"`   // of them to be helped
	Class       string             `json:"class"`
	Amount      relief.Fen         `json:"amount"` // a month
	Opened      time.Time          `json:"opened"`
	Closes      time.Time          `json:"closes"`
	DaysLeft    int                `json:"days_left"` // begun days
	Repeated    bool               `json:"repeated,omitempty"`
	UnderReview bool               `json:"objected,omitempty"` // an objection is being looked into
}

// running is the notice of a case that runs at a time; ok is false when none does.
func running(c *casework.Case, at time.Time) (n casework.Notice, ok bool) {
	last := c.PublicNotice()
	if last == nil {
		return n, false
	}
	n = *last
	return n, !at.Before(n.Opened) && at.Before(n.Closes)
}

// Notices lists the public notices that run now. What is over is gone from the answer, and nothing of it may be cached.
func (h *Handlers) Notices(c *gin.Context) error {
	c.Header("X-Robots-Tag", "noindex, nofollow, noarchive")
	if err := h.core.IndexFault(); err != nil {
		return err
	}
	q := noticeQuery{ByProgramme.In(c), ByRegion.In(c), rest.Cursor.In(c), NoticeLimit.In(c)}
	if q.limit == 0 {
		q.limit = maxNotices
	}
	question := fmt.Sprintf("%q %q %q %d", q.programme, q.region, q.cursor, q.limit)
	page, err := h.notices.get(c.Request.Context(), question, func(ctx context.Context) (index.Page[publicNotice], error) {
		return h.runningNotices(ctx, q, time.Now())
	})
	if err != nil {
		return err
	}
	return rest.JSON(c, page)
}

// The query parameters of notices.
var (
	NoticeLimit = rest.PageLimit(maxNotices)
	ByProgramme = rest.NewParam("programme", relief.ParseProgrammeID)
	ByRegion    = rest.NewParam("region", relief.ParseRegion)
)

// noticeQuery says which notices are asked for.
type noticeQuery struct {
	programme relief.ProgrammeID
	region    relief.Region
	cursor    string
	limit     int
}

func (h *Handlers) runningNotices(ctx context.Context, q noticeQuery, at time.Time) (page index.Page[publicNotice], err error) {
	page.Items = []publicNotice{}
	cases, err := h.Index.Cases(ctx, index.CaseQuery{
		Programme: q.programme, Region: q.region,
		OnNotice: relief.Day(at.UTC().AddDate(0, 0, -1).Format(time.DateOnly)),
	}, q.cursor, q.limit)
	if err != nil {
		return page, err
	}
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return page, err
	}
	page.Next = cases.Next
	for _, document := range cases.Items {
		var record casework.Case
		if err := json.Unmarshal(document, &record); err != nil {
			return page, err
		}
		n, ok := running(&record, at)
		if !ok {
			continue
		}
		notice, err := h.publicNotice(ctx, &record, &n, at)
		if err != nil {
			return page, err
		}
		notice.Place = naming.Place(registry.Regions, record.Region, naming.County)
		page.Items = append(page.Items, notice)
	}
	return page, nil
}

func (h *Handlers) publicNotice(ctx context.Context, c *casework.Case, n *casework.Notice, at time.Time) (publicNotice, error) {
	var programme struct {
		Versions []struct {
			Version int    `json:"version"`
			Name    string `json:"name"`
			NameEn  string `json:"name_en"`
		} `json:"versions"`
	}
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(c.Programme), &programme); err != nil {
		return publicNotice{}, err
	}
	const day = 24 * time.Hour
	p := publicNotice{
		Case: c.ID, Head: h.headOf(ctx, c), Region: c.Region, Programme: c.Programme, Household: len(c.Members),
		Persons: n.Terms.Persons, Class: n.Terms.Class, Amount: n.Terms.Amount, Opened: n.Opened, Closes: n.Closes,
		DaysLeft: int((n.Closes.Sub(at) + day - 1) / day), Repeated: len(c.Notices) > 1, UnderReview: c.State == casework.CaseObjected || c.State == casework.CaseGranted && c.Due != "",
	}
	for _, v := range programme.Versions {
		if v.Version == c.Version {
			p.Name, p.NameEn = v.Name, v.NameEn
		}
	}
	return p, nil
}

// unsealHead finds the name of the head of a household in its sealed facts; "" when they name nobody.
func (h *Handlers) unsealHead(ctx context.Context, c *casework.Case) (string, error) {
	held, err := contracts.Evaluate(ctx, h.core.Ledger, h.Settings.NoticesAs, api.CaseFacts,
		api.FactsInput{CaseInput: api.CaseInput{Case: c.ID}})
	if err != nil {
		return "", err
	}
	head, programme := c.SealedFor(c.FactsAct)
	opened, err := h.core.Readings.Read(reading.Access{
		Principal: h.Settings.NoticesAs, Purpose: reading.Notice, Route: "/public/v1/notices", Record: relief.KindCase + "/" + string(c.ID),
	}, head)
	if err != nil {
		return "", err
	}
	clear, err := opened.Facts(held.Facts, head, programme)
	if err != nil {
		return "", err
	}
	var facts struct {
		Members []struct {
			Name string `json:"name"`
		} `json:"members"`
	}
	if err := json.Unmarshal(clear, &facts); err != nil || len(facts.Members) == 0 {
		return "", err
	}
	return facts.Members[0].Name, nil
}

// compoundSurnames are the surnames of two characters that more than a few people have: shown whole, as a surname of one is.
var compoundSurnames = []string{
	"欧阳", "上官", "皇甫", "令狐", "诸葛", "司徒", "司马", "申屠", "夏侯", "贺兰", "完颜", "慕容", "尉迟", "长孙", "宇文", "东方", "公孙", "端木", "淳于", "南宫", "西门", "轩辕",
}

// maskName keeps the surname, as far as it is told by its first characters, and shows nothing of how long the rest is.
func maskName(name string) string {
	name = strings.TrimSpace(name)
	for _, surname := range compoundSurnames {
		if rest, ok := strings.CutPrefix(name, surname); ok && rest != "" {
			return surname + "*"
		}
	}
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 || first == utf8.RuneError {
		return ""
	}
	return string(first) + "*"
}
