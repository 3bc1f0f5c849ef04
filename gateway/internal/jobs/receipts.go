package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/receipts"
)

// KindReceipts is a job that writes nothing on the ledger: it puts the receipts of a list on pages, in a file beside the job. Accepted are
// those with a page, refused those that were credited before there were receipts.
const KindReceipts Kind = "receipts"

// keepPages is how long the pages of receipts are kept after their job's end.
const keepPages = 24 * time.Hour

const pagesEnding = ".receipts.pdf"

// ErrNoPages means that a job has no pages: it is of another kind, not done, or they were deleted.
var ErrNoPages = errors.New("the job has no pages")

// carryReceipts makes the pages.
func (a *attempt) carryReceipts() error {
	o := &a.runner.options
	if o.Receipts == nil {
		return relief.Errorf(relief.CodeForbidden, "本网关不出具回执。 · This gateway makes no receipts.")
	}
	pages, err := o.Receipts.Pages(a.ctx, o.Payments, a.job.spec.Receipts, func(pages, tooOld int) {
		_ = a.job.update(func(j *Job) {
			j.Progress.LinesRead, j.Progress.Accepted, j.Progress.Refused = pages+tooOld, pages, tooOld
		})
	})
	switch {
	case errors.Is(err, receipts.ErrNotSigned):
		return relief.Errorf(relief.CodePending, "有的支付尚待各部门共同签名，请几分钟后再试。 · The agencies have not cosigned all of the payments yet: try again in a few minutes.")
	case errors.Is(err, receiptprint.ErrNoFont):
		return relief.Errorf(relief.CodeNotFound, "本网关没有中文字体（fonts-wqy-microhei），请联系系统管理员。 · The gateway has no Chinese font (fonts-wqy-microhei): tell its operator.")
	case err != nil:
		return err
	}
	return a.runner.keepPages(a.job.id, pages)
}

// keepPages puts pages on disk: whole, or not at all.
func (r *Runner) keepPages(id string, pages []byte) (err error) {
	path := r.pagesPath(id)
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(pages)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// Pages opens the pages of receipts that a job made, with the job and whose receipts they are.
func (r *Runner) Pages(id string) (Job, *receipts.List, *os.File, error) {
	job, err := r.peek(id)
	if err != nil {
		return Job{}, nil, nil, err
	}
	d, found, err := r.options.Store.load(id)
	switch {
	case err != nil:
		return Job{}, nil, nil, err
	case !found || job.State != StateDone || d.Spec.Receipts == nil:
		return job, nil, nil, ErrNoPages
	}
	file, err := os.Open(r.pagesPath(id))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrNoPages
	}
	return job, d.Spec.Receipts, file, err
}

func (r *Runner) pagesPath(id string) string {
	return filepath.Join(r.options.Dir, filepath.Base(id)+pagesEnding)
}

// sweepPages deletes the pages of jobs that ended a while ago or are not known any more.
func (r *Runner) sweepPages() error {
	found, err := filepath.Glob(filepath.Join(r.options.Dir, "*"+pagesEnding+"*"))
	for _, path := range found {
		id, _, _ := strings.Cut(filepath.Base(path), pagesEnding)
		job, fault := r.peek(id)
		ended := job.Done() && !r.options.Now().Before(job.FinishedAt.Add(keepPages))
		switch {
		case errors.Is(fault, ErrNoJob) || fault == nil && ended:
			err = errors.Join(err, os.Remove(path))
		default:
			err = errors.Join(err, fault)
		}
	}
	return err
}
