package imports

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/rollimport"
)

// Confirm agrees to an import or refuses it. After an agreement the answer is the job that carries the chunks to the
// ledger in the caller's name. Confirming again begins the job if the gateway was stopped before it could, or if the job
// failed.
func (h *Handlers) Confirm(c *gin.Context) error {
	id, err := importID(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.RollConfirmImport, "id", string(id))
	if err != nil {
		return err
	}
	decision, err := api.Decode[api.ConfirmImportInput](string(argument))
	if err != nil {
		return err
	}
	if decision.Agree {
		if err := h.mayConfirm(c, &decision); err != nil {
			return err
		}
	}
	result, err := h.core.Carry(c, &rest.Act{Function: api.RollConfirmImport.Name(), Argument: argument}, rest.RequestHash(c, argument))
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	if !decision.Agree {
		return h.answerEnded(c, id, result)
	}
	// The import is confirmed: a caller that hangs up does not stop its job.
	job, err := h.Jobs.CarryImport(context.WithoutCancel(c.Request.Context()), id, rest.Caller(c).Name)
	if err != nil {
		return err
	}
	return jobstart.Begun(c, &job)
}

// mayConfirm refuses to confirm what this gateway cannot carry out. What the contract refuses is sent all the same: it is
// refused then, or answered as before when the request is a repeated one.
func (h *Handlers) mayConfirm(c *gin.Context, decision *api.ConfirmImportInput) error {
	err := rest.Probe(h.core, c, api.RollConfirmImport, *decision, nil)
	var refused *relief.Error
	switch {
	case errors.As(err, &refused):
		return nil
	case err != nil:
		return err
	}
	return h.keepsImport(decision.ID, decision.Digest)
}

// keepsImport refuses to confirm what this gateway cannot carry out: chunks that are not kept here as they were proposed.
// An import whose job is done has none any more.
func (h *Handlers) keepsImport(id relief.ImportID, digest string) error {
	folders := h.Jobs.Imports()
	kept, err := folders.Load(string(id))
	if errors.Is(err, rollimport.ErrNone) {
		if _, begun := h.Jobs.Get(jobs.ImportJob(id)); begun == nil {
			return nil
		}
	}
	if err == nil {
		err = folders.Check(&kept)
	}
	switch {
	case errors.Is(err, rollimport.ErrNone), errors.Is(err, rollimport.ErrDamaged):
		return problem.Conflict.Because("本网关没有原样保存此次导入的内容，请由提出人撤回后重新上传。",
			"What was proposed is not kept at this gateway: the proposer withdraws the import and sends the file again.")
	case err != nil:
		return err
	}
	if terms := kept.Terms(); terms.Digest() != digest {
		return problem.Conflict.Because("摘要与此次导入不符，请重新查看。", "The digest is not this import's: read it again.").InField("digest")
	}
	return nil
}

// Withdraw ends an import by the official who proposed it.
func (h *Handlers) Withdraw(c *gin.Context) error {
	id, err := importID(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.RollWithdrawImport, "id", string(id))
	if err != nil {
		return err
	}
	result, err := h.core.Carry(c, &rest.Act{Function: api.RollWithdrawImport.Name(), Argument: argument}, rest.RequestHash(c, argument))
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	return h.answerEnded(c, id, result)
}

// answerEnded deletes what is kept of an import that nobody carries out any more, and answers with its record. What cannot
// be deleted now is deleted with the next sweep.
func (h *Handlers) answerEnded(c *gin.Context, id relief.ImportID, record []byte) error {
	if err := h.Jobs.Imports().Remove(string(id)); err != nil {
		h.core.Log.WarnContext(c.Request.Context(), "what is kept of an import could not be deleted", "import", string(id), "error", err.Error())
	}
	c.Data(http.StatusOK, rest.JSONContent, record)
	return nil
}
