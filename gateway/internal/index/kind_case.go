package index

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeCase stores a version of a case, and the columns of the work lists.
func storeCase(ctx context.Context, w *writer, wr *write) error {
	if err := storeVersion(ctx, w, wr); err != nil || wr.gone {
		return err
	}
	c, err := stored.Read[casework.Case](wr.value)
	if err != nil {
		return err
	}
	if err := storeClaims(ctx, w, wr.n, c); err != nil {
		return err
	}
	if err := w.addCase(ctx, wr.n, c); err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO cases (n, id, programme, region, head, state, due, recheck, finding, papers, confirm, notice) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (n) DO UPDATE SET "+
		"programme = excluded.programme, region = excluded.region, head = excluded.head, state = excluded.state, due = excluded.due, recheck = excluded.recheck, finding = excluded.finding, "+
		"papers = excluded.papers, confirm = excluded.confirm, notice = excluded.notice",
		wr.n, string(c.ID), string(c.Programme), string(c.Region), c.Head().String(),
		string(c.State), string(c.Due), string(c.RecheckOn), string(c.AdverseSince()),
		string(c.PapersMissing()), string(c.Unconfirmed()), noticeUntil(c))
}

// noticeUntil is the day, in UTC, on which the public notice of a case ends; "" for a case that has none.
func noticeUntil(c *casework.Case) string {
	n := c.PublicNotice()
	if n == nil {
		return ""
	}
	return n.Closes.UTC().Format(time.DateOnly)
}

// CaseList names a list of cases and its order.
type CaseList string

// The lists. AllCases is in the order of the ids.
const (
	AllCases     CaseList = ""
	DueCases     CaseList = "due"     // cases that need a decision, the earliest day first
	RecheckCases CaseList = "recheck" // cases that are due for a re-check, the earliest day first
	FindingCases CaseList = "finding" // cases with an unanswered adverse finding, the earliest first
	PapersCases  CaseList = "papers"  // cases in which help came first and papers are missing, the earliest day first
	ConfirmCases CaseList = "confirm" // decisions of townships that wait for the county, the earliest day first
)

// CaseQuery says which cases are wanted. Empty fields match every case.
type CaseQuery struct {
	List      CaseList
	Before    relief.Day // of a work list: due on this day or earlier
	Programme relief.ProgrammeID
	Region    relief.Region // in a region or inside it
	State     casework.CaseState
	OnNotice  relief.Day // cases whose public notice may run on this day or later
}

// Cases lists the matching cases of a list, in its order.
func (ix *Index) Cases(ctx context.Context, q CaseQuery, cursor string, limit int) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	day, id, err := parseDayCursor(cursor)
	if err != nil {
		return page, err
	}
	column := map[CaseList]string{
		AllCases: "''", DueCases: "c.due", RecheckCases: "c.recheck", FindingCases: "c.finding", PapersCases: "c.papers", ConfirmCases: "c.confirm",
	}[q.List]
	if column == "" {
		return page, relief.FieldErrorf("list", "must be one of due, recheck, finding, papers and confirm")
	}
	var w sqldb.Where
	if q.List == AllCases {
		w.Add("c.id > ?", id)
	} else {
		w.Add(column + " <> ''")
		w.Add("("+column+" > ? OR ("+column+" = ? AND c.id > ?))", day, day, id)
		if q.Before != "" {
			w.Add(column+" <= ?", string(q.Before))
		}
	}
	if q.Programme != "" {
		w.Add("c.programme = ?", string(q.Programme))
	}
	if q.Region != "" {
		w.Add("c.region >= ? AND c.region <= ?", string(q.Region), string(q.Region)+"~")
	}
	if q.State != "" {
		w.Add("c.state = ?", string(q.State))
	}
	if q.OnNotice != "" {
		// Written like the condition of the partial index cases_notice, or it would not be used.
		w.Add("c.notice <> '' AND c.notice >= ?", string(q.OnNotice))
	}
	order := "c.id"
	if q.List != AllCases {
		order = column + ", c.id"
	}
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindCase); err != nil {
			return err
		}
		lastDay, lastID, seen := "", "", 0
		// The inner query finds the page by an SQL index alone; the outer one reads its cases.
		return r.each("SELECT c.day, c.id, v.value, v.deleted FROM (SELECT "+column+" AS day, c.id, c.n FROM cases c WHERE "+w.String()+" ORDER BY "+order+
			" LIMIT "+w.Arg(limit+1)+") c JOIN keys k ON k.n = c.n JOIN versions v ON v.key = k.n AND v.place = k.place ORDER BY c.day, c.id",
			func(rows *sql.Rows) error {
				if seen++; seen > limit {
					page.Next = dayCursor(lastDay, lastID)
					return nil
				}
				return take(&page, relief.KindCase, rows, &lastDay, &lastID)
			}, w.Args...)
	})
	return page, err
}

func dayCursor(day, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("c" + day + " " + id))
}

func parseDayCursor(text string) (day, id string, err error) {
	if text == "" {
		return "", "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 || b[0] != 'c' || len(b) > 100 {
		return "", "", errCursor
	}
	day, id, ok := strings.Cut(string(b[1:]), " ")
	if _, bad := relief.ParseCaseID(id); !ok || bad != nil {
		return "", "", errCursor
	}
	return day, id, nil
}

// CaseTrail lists what happened to a case. Each version is a step.
func (ix *Index) CaseTrail(ctx context.Context, id relief.CaseID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		steps, err = r.recordSteps(relief.KindCase, string(id), "")
		return err
	})
	return inOrder(steps), err
}

// Claims lists the live cases that a person is in, under all references of theirs.
func (ix *Index) Claims(ctx context.Context, ref relief.SubjectRef) (m casework.MemberRecord, err error) {
	err = ix.view(ctx, func(r *reader) error {
		refs, err := r.linked(ref)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			value, err := r.record(relief.KindMember, ref.String())
			if err != nil {
				return err
			}
			if value == nil {
				continue
			}
			var one casework.MemberRecord
			if err := json.Unmarshal(value, &one); err != nil {
				return err
			}
			m.Claims, m.Kept = append(m.Claims, one.Claims...), append(m.Kept, one.Kept...)
		}
		return nil
	})
	if m.Claims == nil {
		m.Claims = []casework.Claim{}
	}
	return m, err
}
