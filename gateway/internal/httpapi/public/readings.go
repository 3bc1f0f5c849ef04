package public

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
)

// FromReading is the first reading that is wanted of a record.
var FromReading = rest.NewParam("from", func(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 53)
	if err != nil || n == 0 {
		return 0, problem.OfField("from", "from 为查阅记录的序号，从 1 起。", "from is the number of a reading, from 1.")
	}
	return n, nil
})

// StoredReadings gives the agency's record of who read personal data to audit's gateway, which signs its request with its
// registered key.
func (h *Handlers) StoredReadings(c *gin.Context) error {
	from := max(FromReading.In(c), 1)
	keys, err := h.auditKeys(c)
	if err != nil {
		return err
	}
	if reading.Verify(c.Request, h.core.Organisation, from, time.Now(), keys) != nil {
		return problem.Unauthenticated.Because("请求须由审计部门用登记的密钥签名。", "The request is signed by audit with its registered key.")
	}
	stored, err := h.core.Readings.Stored(from, reading.StoredPage)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/x-ndjson; charset=utf-8")
	c.Status(http.StatusOK)
	for _, line := range stored {
		if _, err := c.Writer.Write(append(line, '\n')); err != nil {
			panic(http.ErrAbortHandler) // the caller is gone
		}
	}
	return nil
}

// auditKeys are the registered cosigning keys of the agency that asks, if it is audit.
func (h *Handlers) auditKeys(c *gin.Context) (keys []ed25519.PublicKey, err error) {
	agreed, err := h.Index.Registry(c.Request.Context())
	if err != nil {
		return nil, err
	}
	asker := reading.Asker(c.Request)
	for i := range agreed.Agencies {
		if agency := &agreed.Agencies[i]; agency.MSPID != asker || agency.Kind != registry.KindAudit {
			continue
		}
		for _, k := range agreed.CosigningKeys {
			raw, err := base64.StdEncoding.DecodeString(k.Key)
			if err == nil && k.Agency == asker && k.Use != registry.KeyUseLog {
				keys = append(keys, raw)
			}
		}
	}
	return keys, nil
}
