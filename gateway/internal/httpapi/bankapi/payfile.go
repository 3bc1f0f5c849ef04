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

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/ledger"
)

type instructBody struct {
	FileSHA256 string `json:"file_sha256,omitempty"`
}

// MayBeEmpty marks a body that may be left out.
func (instructBody) MayBeEmpty() {}

// Instruct tells the bank to pay: where the gateway makes the payment file, its hash goes on the ledger with the act. The
// request is known by what was sent, before the hash is filled in: a replay has none.
func (h *Handlers) Instruct(c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	var body instructBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	argument := struct {
		ID relief.BatchID `json:"id"`
		instructBody
	}{id, body}
	sent, _ := json.Marshal(argument) // ids and texts only: does not fail
	if body.FileSHA256 == "" && h.desk != nil && h.desk.MakesFiles() {
		if argument.FileSHA256, err = h.makeFile(c, id); err != nil {
			return problemOf(err)
		}
	}
	document, _ := json.Marshal(argument) // as above
	call := ledger.Call{Signer: rest.Caller(c).Name, Function: "payment:Instruct", Argument: document}
	return h.core.Do(c, http.StatusOK, call, rest.RequestHash(c, sent))
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
	if err := h.core.MayAct(c, "payment:Instruct", rest.IDArgument{ID: string(id)}, nil); err != nil {
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
func (h *Handlers) batch(c *gin.Context, id relief.BatchID) (batch payment.Batch, err error) {
	err = h.core.EvaluateInto(c, "payment:Get", rest.IDArgument{ID: string(id)}, &batch)
	return batch, err
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
	_, err := h.core.Evaluate(c, "case:Persons", map[string]any{
		"programme": b.Programme, "county": b.Region.County(), "segment": 0, "limit": 1,
	})
	return err
}
