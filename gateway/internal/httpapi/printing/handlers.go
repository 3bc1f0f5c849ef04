package printing

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/receipts"
)

// Index is what is read of batches, as the caller may read it.
type Index interface {
	rest.Records
	Totals(ctx context.Context, q index.TotalsQuery) (index.Totals, error)
}

// Jobs makes the pages and keeps them for a while.
type Jobs interface {
	jobstart.Jobs
	Full() bool
	Pages(id string) (jobs.Job, *receipts.List, *os.File, error)
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index Index
	Jobs  Jobs
	Makes bool // this gateway makes receipts
}

// Handlers answer the paths of receipts on pages.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// Start takes the order.
func (h *Handlers) Start(c *gin.Context) error {
	l, err := h.list(c)
	if err != nil {
		return err
	}
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	if err := h.mayHave(c, l); err != nil {
		return err
	}
	content, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return jobstart.StartOf(c, h.core, h.Jobs, content, func() (jobs.JobSpec, error) {
		if h.Jobs.Full() {
			return jobs.JobSpec{}, problem.Overloaded.Fault()
		}
		return jobs.JobSpec{Kind: jobs.KindReceipts, Target: string(l.Batch), Receipts: l}, h.fits(c, l)
	})
}

// list reads what is ordered from the path and the body.
func (h *Handlers) list(c *gin.Context) (*receipts.List, error) {
	var l receipts.List
	var body struct {
		Region string             `json:"region"` // "": the batch's
		Print  receiptprint.Print `json:"print"`  // usual when empty
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return nil, err
	}
	var err error
	if l.Batch, err = rest.PathID(c, "id", relief.ParseBatchID); err != nil {
		return nil, err
	}
	if body.Region != "" {
		if l.Region, err = relief.ParseRegion(body.Region); err != nil {
			return nil, problem.OfField("region", "region 为区划代码。", "region is the code of a region.")
		}
	}
	switch l.Print = body.Print; l.Print {
	case "":
		l.Print = receiptprint.Usual
	case receiptprint.Usual, receiptprint.Large:
	default:
		return nil, problem.OfField("print", "print 为 usual 或 large。", "print is usual or large.")
	}
	return &l, nil
}

// mayHave refuses who may not read these people's receipts.
func (h *Handlers) mayHave(c *gin.Context, l *receipts.List) error {
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	if !h.Makes {
		return problem.ReceiptsElsewhere.Fault()
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), rest.ReadTime)
	defer cancel()
	var b payment.Batch
	if err := rest.RecordInto(ctx, h.Index, relief.KindBatch, string(l.Batch), &b); err != nil {
		return err
	}
	if l.Region == "" {
		l.Region = b.Region
	}
	if !b.Region.Covers(l.Region) {
		return problem.OfField("region", "region 须在名单的区划之内。", "region lies within the batch's.")
	}
	caller, err := reach.Of(c.Request.Context())
	if err != nil {
		return err
	}
	return caller.RequireCovers(l.Region)
}

// fits refuses a list without receipts, and one of more than a document may have.
func (h *Handlers) fits(c *gin.Context, l *receipts.List) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), rest.ReadTime)
	defer cancel()
	t, err := h.Index.Totals(ctx, index.TotalsQuery{Batch: l.Batch, Region: l.Region, State: payment.State(payment.LineCredited)})
	switch {
	case err != nil:
		return err
	case t.Total.Count == 0:
		return problem.WrongState.Because("名单在该区划内还没有已到账的支付。", "No payment of the batch in this region was credited.")
	case t.Total.Count > receipts.MaxPages:
		return problem.OfField("region", "一次最多 1000 张回执，请按村或乡镇分别制作。", "At most 1000 receipts at a time: name a village or a township.")
	}
	return nil
}

// Pages gives the pages to who ordered them, while they may have them. That they are given is recorded first.
func (h *Handlers) Pages(c *gin.Context) error {
	job, l, file, err := h.Jobs.Pages(c.Param("id"))
	if err == nil || errors.Is(err, jobs.ErrNoPages) {
		if job.Principal != rest.Caller(c).Name || job.Kind != jobs.KindReceipts {
			err = errors.Join(jobs.ErrNoJob, closed(file))
		}
	}
	if err != nil {
		return h.problemOf(&job, err)
	}
	defer func() { _ = file.Close() }()
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	if err := h.mayHave(c, l); err != nil {
		return err
	}
	if !rest.HeadOnly(c) {
		access := rest.Access(c, reading.Receipt, "batch", string(l.Batch))
		access.Count = job.Result.Accepted
		if _, err := h.core.Readings.Read(access); err != nil {
			return err
		}
	}
	rest.Attachment(c, "application/pdf", strings.Join([]string{string(l.Batch), string(l.Region), "receipts.pdf"}, "-"))
	info, err := file.Stat()
	if err != nil {
		return err
	}
	c.DataFromReader(http.StatusOK, info.Size(), "application/pdf", file, nil)
	return nil
}

func closed(file *os.File) error {
	if file == nil {
		return nil
	}
	return file.Close()
}

func (h *Handlers) problemOf(job *jobs.Job, err error) error {
	switch {
	case errors.Is(err, jobs.ErrNoJob):
		return problem.NotFound.Because("没有这个任务的回执；回执只给制作人本人。", "There are no receipts of such a job; only who ordered them gets them.")
	case errors.Is(err, jobs.ErrNoPages) && job.State == jobs.StateDone:
		return problem.NotFound.Because("回执文件保存一天，已删除，请重新制作。", "The pages are kept for a day and were deleted: order them again.")
	case errors.Is(err, jobs.ErrNoPages):
		return problem.WrongState.Because("回执尚未制作完成。", "The pages are not made.")
	}
	return err
}
