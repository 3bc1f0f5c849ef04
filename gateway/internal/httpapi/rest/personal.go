package rest

import (
	"errors"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/reading"
)

// Access is the caller's access to personal data of a record. The answer is not compressed: how much shorter it became would tell
// of what is in it.
func Access(c *gin.Context, purpose reading.Purpose, kind, id string) reading.Access {
	c.Header(gzhttp.HeaderNoCompression, "personal")
	a := reading.Access{Principal: Caller(c).Name, Purpose: purpose, Route: RouteName(c)}
	if kind != "" {
		a.Record = kind + "/" + id
	}
	return a
}

// Read records that the caller reads personal data of a record's people, before anything of them is opened or given. Who
// may read is decided before.
func (s *Core) Read(c *gin.Context, purpose reading.Purpose, kind, id string, people ...relief.SubjectRef) (*reading.Opened, error) {
	return s.Readings.Read(Access(c, purpose, kind, id), people...)
}

// ChargeRefused records that a refusal may have told the caller something of people whom they named by their identity
// numbers, and takes them from the caller's look-ups of the day. It gives the refusal back.
func (s *Core) ChargeRefused(c *gin.Context, err error, kind, id string, people ...relief.SubjectRef) error {
	var refused *relief.Error
	if !errors.As(err, &refused) || len(people) == 0 {
		return err
	}
	if fault := s.Readings.Charge(Access(c, reading.Application, kind, id), people...); fault != nil {
		return fault
	}
	return err
}
