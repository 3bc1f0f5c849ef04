package public

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receiptprint"
)

// sheetTime bounds the making of a sheet; a village's takes less than a second.
const sheetTime = time.Minute

// OfVillage names a region with rows of its own.
var OfVillage = rest.NewParam("village", relief.ParseRegion)

// VillageSheet prints the list of a village with names, for the village's board: only what is published, and only for officials who may
// read the county's private details. The reading is recorded before anything is opened.
func (h *Handlers) VillageSheet(c *gin.Context) error {
	if h.Payees == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关打印。",
			"This gateway has no persons key: sheets are printed where private details are kept.")
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), sheetTime)
	defer cancel()
	h.core.SetDeadline(c, sheetTime)
	l, village, err := h.villageOf(ctx, c)
	if err != nil {
		return err
	}
	font, err := h.chinese()
	if err != nil {
		return err
	}
	rows, err := h.villageRows(ctx, &l, village)
	if err != nil {
		return err
	}
	sheet, err := h.sheet(ctx, c, &l, village, &rows)
	if err != nil {
		return err
	}
	content, err := receiptprint.SheetPages(font, &sheet)
	name := fmt.Sprintf("list-%s-%s-%s-%s-%d.pdf", l.programme, l.county, l.period, village.Code, l.shown.Version)
	return attachMade(c, name, "application/pdf", content, err)
}

// villageOf finds the village of a list that the caller asks for, one with few households too.
func (h *Handlers) villageOf(ctx context.Context, c *gin.Context) (l publishedList, village *oversight.Village, err error) {
	n, err := listOf(c.Param("programme"), c.Param("county"), c.Param("period"))
	if err != nil {
		return l, nil, err
	}
	id, _ := h.core.Ledger.Identity(rest.Caller(c).Name)
	if err := relief.RequireRegion(id.Official(), n.county); err != nil {
		return l, nil, err
	}
	code := OfVillage.In(c)
	if code == "" {
		return l, nil, problem.OfField("village", "请指定村（社区）代码。", "Name the village.")
	}
	if l, err = h.published(ctx, c, 0); err != nil {
		return l, nil, err
	}
	i := slices.IndexFunc(l.month.Villages, func(v oversight.Village) bool { return v.Code == code })
	if i < 0 {
		return l, nil, errNoVillage
	}
	return l, &l.month.Villages[i], nil
}

func (h *Handlers) sheet(ctx context.Context, c *gin.Context, l *publishedList, village *oversight.Village, rows *index.ListedRows) (s receiptprint.Sheet, err error) {
	w, err := h.words(ctx)
	if err != nil {
		return s, err
	}
	access := rest.Access(c, reading.RollPeople, "", "")
	access.Record = l.record(village.Code)
	people, err := h.payeesOf(ctx, l, rows.Numbers, access)
	if err != nil {
		return s, err
	}
	hash := sha256.Sum256(append([]byte{0}, l.statement...))
	s = receiptprint.Sheet{
		Programme: w.programme(l.programme).Zh, Place: w.place(village.Code, naming.Province) + "　" + string(village.Code), Period: l.period.String(), Version: l.shown.Version,
		PublishedOn: string(l.since), OnlineUntil: string(l.shown.OnlineUntil), Households: village.Households, Persons: village.Persons, Sum: village.Sum.String(),
		Statement: hex.EncodeToString(hash[:]), PrintedBy: rest.Caller(c).Name, PrintedAt: h.core.LocalTime(),
	}
	if h.Settings.URL != "" {
		s.Page = strings.TrimSuffix(h.Settings.URL, "/") + l.path() + "/" + string(village.Code)
	}
	for i := range rows.Rows {
		r := &rows.Rows[i]
		person := people[rows.Numbers[i]]
		s.Rows = append(s.Rows, receiptprint.SheetRow{
			Name: person.Name.Reveal(), Class: r.Class, Persons: strconv.Itoa(int(r.Persons)), Amount: r.Amount.String(), For: r.Period.String(), PaidOn: string(r.PaidOn),
		})
	}
	return s, nil
}

// chinese is the font of printed pages.
func (h *Handlers) chinese() ([]byte, error) {
	font, err := h.font()
	if errors.Is(err, receiptprint.ErrNoFont) {
		return nil, problem.NoFont.Fault()
	}
	return font, err
}
