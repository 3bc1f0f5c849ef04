package jobstart

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
)

// Jobs begins jobs.
type Jobs interface {
	Start(ctx context.Context, spec jobs.JobSpec) (jobs.Job, error)
	Get(id string) (jobs.Job, error)
}

// Start begins a job in the caller's name and answers with it. The same request again, whose content is the same, is answered with the
// same job.
func Start(c *gin.Context, core *rest.Core, js Jobs, spec jobs.JobSpec, content []byte) error {
	return StartOf(c, core, js, content, func() (jobs.JobSpec, error) { return spec, nil })
}

// StartOf is Start of a job that is made for the first request alone: it may rest on what the job changes.
func StartOf(c *gin.Context, core *rest.Core, js Jobs, content []byte, of func() (jobs.JobSpec, error)) error {
	id := uuid.NewString()
	existing, err := core.Outbox.Claim(rest.KeyOf(c), rest.RequestHash(c, content), id)
	if err != nil {
		return err
	}
	if existing != "" {
		if done, err := js.Get(existing); err == nil {
			c.Header("Idempotency-Replayed", "true")
			return Begun(c, &done)
		}
		id = existing // claimed by a gateway that was stopped before it began
	}
	spec, err := of()
	if err != nil {
		return err
	}
	spec.ID, spec.Principal = id, rest.Caller(c).Name
	started, err := js.Start(context.WithoutCancel(c.Request.Context()), spec) // a caller that hangs up does not stop it
	if err != nil {
		return err
	}
	return Begun(c, &started)
}

// Begun answers with a job that was begun.
func Begun(c *gin.Context, job *jobs.Job) error {
	c.Header("Location", "/v1/jobs/"+job.ID)
	return rest.JSONStatus(c, http.StatusAccepted, job)
}
