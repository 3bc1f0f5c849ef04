package uploads

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
)

// Due lists in a batch what is owed and not yet listed, by a job that goes through the roll. There is no file. The contract is
// asked first whether the caller may list anything.
func (h *Handlers) Due(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseBatchID)
	if err != nil {
		return err
	}
	key := rest.KeyOf(c)
	replay, err := h.replays(key)
	if err != nil {
		return err
	}
	if !replay {
		probe, err := contracts.Call(key.Principal, api.PaymentAddDue, api.DueInput{Batch: id, Segments: []uint32{0}}, nil)
		if err != nil {
			return err
		}
		if err := h.mayUpload(c, upload{probe: probe}); err != nil {
			return err
		}
	}
	spec := jobs.JobSpec{ID: uuid.NewString(), Kind: jobs.KindDue, Target: string(id), Principal: key.Principal}
	existing, err := h.core.Outbox.Claim(key, rest.RequestHash(c, nil), spec.ID)
	if err != nil {
		return err
	}
	if existing != "" {
		job, err := h.Jobs.Get(existing)
		if err == nil {
			c.Header("Idempotency-Replayed", "true")
			return h.answerJob(c, http.StatusAccepted, &job)
		}
		if !errors.Is(err, jobs.ErrNoJob) {
			return err
		}
		spec.ID = existing // claimed by a gateway that was stopped before it began
	}
	// The key is claimed: a caller that hangs up does not stop the job.
	job, err := h.Jobs.Start(context.WithoutCancel(c.Request.Context()), spec)
	if err != nil {
		return err
	}
	h.started.WithLabelValues(string(spec.Kind)).Inc()
	return h.answerJob(c, http.StatusAccepted, &job)
}
