package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// maxNotices is the size of a page of public notices.
const maxNotices = 50

// namesKept bounds how many masked names are remembered; one is a character and an asterisk.
const namesKept = 10_000

// publicNotice is what anybody may see of a case while its public notice runs (R16): no number, no illness, no whole name,
// no place smaller than a village.
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
	if len(c.Notices) == 0 || c.State != casework.CaseNoticed && c.State != casework.CaseObjected {
		return n, false
	}
	n = c.Notices[len(c.Notices)-1]
	return n, !at.Before(n.Opened) && at.Before(n.Closes)
}

// notices lists the public notices that run now. What is over is gone from the answer, and nothing of it may be cached.
func (a *API) notices(c *gin.Context) {
	c.Header("X-Robots-Tag", "noindex, nofollow, noarchive")
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	page, err := a.runningNotices(ctx, c, time.Now())
	if err != nil {
		a.fail(c, err)
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, page)
}

func (a *API) runningNotices(ctx context.Context, c *gin.Context, at time.Time) (page index.Page[publicNotice], err error) {
	page.Items = []publicNotice{}
	limit := maxNotices
	// A case on notice is due after the notice's end; whose day is past need not be looked at.
	q := index.CaseQuery{OnNotice: relief.Day(at.UTC().AddDate(0, 0, -1).Format(time.DateOnly))}
	for _, parse := range []func() error{
		func() error { return allowQuery(c, "limit", "cursor", "programme", "region") },
		func() error { return queryValue(c, "programme", relief.ParseProgrammeID, &q.Programme) },
		func() error { return queryValue(c, "region", relief.ParseRegion, &q.Region) },
		func() error { return queryValue(c, "limit", noticeLimit, &limit) },
	} {
		if err := parse(); err != nil {
			return page, err
		}
	}
	if a.Index.Fault() != nil {
		return page, kindBehind.detail("The index is not this ledger's; /readyz says what to do.")
	}
	cases, err := a.Index.Cases(ctx, q, c.Query("cursor"), limit)
	if err != nil {
		return page, err
	}
	registry, err := a.Index.Registry(ctx)
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
		notice, err := a.publicNotice(ctx, &record, &n, at)
		if err != nil {
			return page, err
		}
		notice.Place = placeOf(registry.Regions, record.Region)
		page.Items = append(page.Items, notice)
	}
	return page, nil
}

func noticeLimit(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxNotices {
		return 0, relief.FieldErrorf("limit", "limit is 1 to %d.", maxNotices)
	}
	return n, nil
}

func (a *API) publicNotice(ctx context.Context, c *casework.Case, n *casework.Notice, at time.Time) (publicNotice, error) {
	var programme struct {
		Versions []struct {
			Version int    `json:"version"`
			Name    string `json:"name"`
			NameEn  string `json:"name_en"`
		} `json:"versions"`
	}
	if err := a.recordInto(ctx, relief.KindProgramme, string(c.Programme), &programme); err != nil {
		return publicNotice{}, err
	}
	const day = 24 * time.Hour
	p := publicNotice{
		Case: c.ID, Head: a.headOf(ctx, c), Region: c.Region, Programme: c.Programme, Household: len(c.Members),
		Persons: n.Terms.Persons, Class: n.Terms.Class, Amount: n.Terms.Amount, Opened: n.Opened, Closes: n.Closes,
		DaysLeft: int((n.Closes.Sub(at) + day - 1) / day), Repeated: len(c.Notices) > 1, UnderReview: c.State == casework.CaseObjected,
	}
	for _, v := range programme.Versions {
		if v.Version == c.Version {
			p.Name, p.NameEn = v.Name, v.NameEn
		}
	}
	return p, nil
}

// placeOf names a region by the register, from the county down to the village.
func placeOf(regions []registry.RegionEntry, at relief.Region) string {
	var names []string
	for _, digits := range []int{6, 9, 12} {
		for i := len(regions) - 1; i >= 0; i-- {
			if r := &regions[i]; len(r.Code) == digits && r.Code.Covers(at) {
				names = append(names, r.Name)
				break
			}
		}
	}
	return strings.Join(names, "")
}

// heads remembers masked names of the cases that are on notice.
type heads = *lru.Cache[string, string]

func newHeads() heads {
	h, _ := lru.New[string, string](namesKept) // fails for a size of 0 only
	return h
}

// headOf is the masked name of the head of a household: the ledger has no name, so it is unsealed in the name of the official
// that the setting public.notices_as names, if their duty and region allow. Otherwise the notice goes without a name. Only
// the mask leaves this function.
func (a *API) headOf(ctx context.Context, c *casework.Case) string {
	if a.Persons == nil || a.Public.NoticesAs == "" {
		return ""
	}
	key := string(c.ID) + "\x00" + c.Facts
	if masked, ok := a.heads.Get(key); ok {
		return masked
	}
	held, err := a.Ledger.Evaluate(ctx, ledger.Call{
		Signer: a.Public.NoticesAs, Function: "case:Facts", Argument: mustJSON(map[string]relief.CaseID{"case": c.ID}),
	})
	var clear []byte
	if err == nil {
		clear, err = a.Persons.FactsOf(c, held)
	}
	var facts struct {
		Members []struct {
			Name string `json:"name"`
		} `json:"members"`
	}
	if err == nil {
		err = json.Unmarshal(clear, &facts)
	}
	if err != nil || len(facts.Members) == 0 {
		a.log.WarnContext(ctx, "a public notice goes without a name", "case", string(c.ID))
		return ""
	}
	masked := maskName(facts.Members[0].Name)
	a.heads.Add(key, masked)
	return masked
}

// maskName keeps the first character of a name and tells nothing of how long the rest is.
func maskName(name string) string {
	first, size := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if size == 0 || first == utf8.RuneError {
		return ""
	}
	return string(first) + "*"
}
