package bankapi

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// Instruct tells the bank to pay: where the gateway makes the payment file, its hash goes on the ledger with the act. The
// request is known by what was sent, before the hash is filled in: a replay has none.
func (h *Handlers) Instruct(c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	sent, err := rest.Argument(h.core, c, api.PaymentInstruct, "id", string(id))
	if err != nil {
		return err
	}
	in, err := api.Decode[api.InstructInput](string(sent))
	if err != nil {
		return err
	}
	if in.FileSHA256 == "" && h.desk != nil && h.desk.MakesFiles() {
		if in.FileSHA256, err = h.makeFile(c, id); err != nil {
			return problemOf(err)
		}
	}
	argument, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return h.core.DoAs(c, &rest.Act{Function: api.PaymentInstruct.Name(), Argument: argument}, rest.RequestHash(c, sent))
}

// makeFileTime bounds the making of a payment file; a county's takes some seconds.
const makeFileTime = 5 * time.Minute

// makeFile makes and keeps the file before the act is sent. What would be refused is refused before anything is read of a
// person. A batch that was instructed already keeps its file.
func (h *Handlers) makeFile(c *gin.Context, id relief.BatchID) (string, error) {
	batch, err := h.batch(c, id)
	if err != nil {
		return "", err
	}
	if batch.FileSHA256 != "" || batch.State == payment.BatchInstructed || batch.State == payment.BatchClosed {
		return batch.FileSHA256, nil
	}
	if err := rest.Probe(h.core, c, api.PaymentInstruct, api.InstructInput{ID: id}, nil); err != nil {
		return "", err
	}
	h.core.SetDeadline(c, makeFileTime)
	ctx, cancel := context.WithTimeout(c.Request.Context(), makeFileTime)
	defer cancel()
	hash, err := h.desk.MakeFile(ctx, rest.Caller(c).Name, id)
	if err != nil {
		return "", err
	}
	h.core.SawPersons(c, "batch", string(id))
	return hash, nil
}

// batch is a batch as the agency's own peer has it.
func (h *Handlers) batch(c *gin.Context, id relief.BatchID) (payment.Batch, error) {
	return rest.Ask(h.core, c, api.PaymentGet, api.BatchInput{ID: id})
}

// maxParts is more than a manifest has files.
const maxParts = 100_000

// Part chooses a file of a manifest, from 1.
var Part = rest.NewParam("part", func(text string) (int, error) {
	part, err := strconv.Atoi(text)
	if err != nil || part < 1 || part > maxParts {
		return 0, problem.OfField("part", "part 须为文件清单中的序号，从 1 起。", "part is the number of a file of the manifest, from 1.")
	}
	return part, nil
})

// PaymentFile gives exactly the bytes whose hash is on the ledger.
func (h *Handlers) PaymentFile(c *gin.Context) error {
	f, err := h.openFile(c)
	if err != nil {
		return problemOf(err)
	}
	defer func() { _ = f.Close() }()
	h.core.SawPersons(c, "batch", c.Param("id"))
	rest.Attachment(c, f.ContentType, f.Name)
	header := c.Writer.Header()
	header.Set("Content-Length", strconv.FormatInt(f.Bytes, 10))
	if sum, err := hex.DecodeString(f.SHA256); err == nil {
		header.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	}
	if rest.HeadOnly(c) {
		return nil
	}
	h.core.SetDeadline(c, rest.UploadTime)
	if _, err := io.Copy(c.Writer, f); err != nil {
		h.core.Log.ErrorContext(c.Request.Context(), "a payment file was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (h *Handlers) openFile(c *gin.Context) (*bankdesk.File, error) {
	if err := h.AtFinance(c); err != nil {
		return nil, err
	}
	id, err := batchID(c)
	if err != nil {
		return nil, err
	}
	batch, err := h.batch(c, id)
	if err != nil {
		return nil, err
	}
	if err := h.mayReadPersons(c, &batch); err != nil {
		return nil, err
	}
	return h.desk.OpenFile(c.Request.Context(), rest.Caller(c).Name, &batch, Part.In(c))
}

// mayReadPersons asks the contracts: who may read the details of the batch's people may read its payment file.
func (h *Handlers) mayReadPersons(c *gin.Context, b *payment.Batch) error {
	_, err := rest.Ask(h.core, c, api.RollSegmentDetails, api.SegmentDetailsInput{
		Programme: b.Programme, County: b.Region.County(), Limit: 1,
	})
	return err
}
