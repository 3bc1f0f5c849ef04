package bankapi

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
)

// fileToMake is what finance's preparer says of the payment file. The hash and what follows is for files that are made with
// other software.
type fileToMake struct {
	ExecuteOn  relief.Day `json:"execute_on"`
	FileSHA256 string     `json:"file_sha256"`
	MessageID  string     `json:"message_id"`
	Count      int        `json:"count"`
	Sum        relief.Fen `json:"sum"`
}

// MayBeEmpty says that the gateway makes the file for the next working day.
func (fileToMake) MayBeEmpty() {}

// MakeFile makes the payment file of a batch that civil affairs approved, keeps it, and puts on the ledger what finance's
// approver then authorises. Where the gateway makes no files, the caller says what was made.
func (h *Handlers) MakeFile(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	id, err := batchID(c)
	if err != nil {
		return err
	}
	var body fileToMake
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	terms, err := h.fileTerms(c, id, &body)
	if err != nil {
		return problemOf(err)
	}
	argument, err := json.Marshal(terms)
	if err != nil {
		return err
	}
	// The request is known by what was sent: a repeated one would be made at another time.
	return h.core.DoAs(c, &rest.Act{Function: api.PaymentMakeFile.Name(), Argument: argument}, rest.RequestHash(c, sent))
}

func (h *Handlers) fileTerms(c *gin.Context, id relief.BatchID, body *fileToMake) (*payment.FileTerms, error) {
	day, err := h.executionDay(c, body.ExecuteOn)
	if err != nil {
		return nil, err
	}
	if h.desk.MakesFiles() {
		if *body != (fileToMake{ExecuteOn: body.ExecuteOn}) {
			return nil, problem.OfField("file_sha256", "本网关自行制作支付文件，除 execute_on 外不接受其他内容。",
				"This gateway makes the payment files itself: it takes execute_on and nothing else.")
		}
		return h.makeFile(c, id, day)
	}
	file := payment.File{MessageID: body.MessageID, ExecuteOn: day, Count: body.Count, Sum: body.Sum}
	terms := &payment.FileTerms{ID: id, FileSHA256: body.FileSHA256, File: file}
	if refused, err := h.refusesFile(c, terms); refused || err != nil {
		return terms, err
	}
	return terms, h.desk.RememberFile(id, &file)
}

// executionDay is the day that was asked for, or else the next working day of the registry's calendar, today included.
func (h *Handlers) executionDay(c *gin.Context, asked relief.Day) (relief.Day, error) {
	if asked != "" {
		return asked, nil
	}
	registry, err := rest.Ask(h.core, c, api.RegistryGet, api.None{})
	if err != nil {
		return "", err
	}
	today := registry.Calendar.Day(time.Now())
	if registry.Calendar.Works(today) {
		return today, nil
	}
	return registry.Calendar.AddWorkdays(today, 1), nil
}

// makeFileTime bounds the making of a payment file; a county's takes some seconds.
const makeFileTime = 5 * time.Minute

// anyHash stands for the file's hash when the contract is asked before there is a file.
var anyHash = strings.Repeat("0", 64)

// makeFile makes and keeps the file before the act is sent. Nothing is read of a person for an act that the contract would
// refuse: it is sent without a hash.
func (h *Handlers) makeFile(c *gin.Context, id relief.BatchID, day relief.Day) (*payment.FileTerms, error) {
	batch, err := h.batch(c, id)
	if err != nil {
		return nil, err
	}
	terms := payment.FileTerms{ID: id, FileSHA256: anyHash, File: h.desk.NewFile(&batch, day)}
	refused, err := h.refusesFile(c, &terms)
	if err != nil {
		return nil, err
	}
	if refused {
		terms.FileSHA256 = ""
		return &terms, nil
	}
	h.core.SetDeadline(c, makeFileTime)
	ctx, cancel := context.WithTimeout(c.Request.Context(), makeFileTime)
	defer cancel()
	if terms.FileSHA256, err = h.desk.MakeFile(ctx, rest.Access(c, reading.MakeFile, relief.KindBatch, string(id)), &batch, &terms.File); err != nil {
		return nil, err
	}
	return &terms, nil
}

// refusesFile reports whether the contract would refuse a payment file. The act is sent all the same: it is refused, or
// answered as before when the request is a repeated one.
func (h *Handlers) refusesFile(c *gin.Context, terms *payment.FileTerms) (bool, error) {
	err := rest.Probe(h.core, c, api.PaymentMakeFile, *terms, nil)
	var refused *relief.Error
	if errors.As(err, &refused) {
		return true, nil
	}
	return false, err
}

// Authorise is finance's approval of the payment file that the caller names by its hash.
func (h *Handlers) Authorise(c *gin.Context) error {
	return sendFile(h, c, api.PaymentAuthorise)
}

// Instruct tells the bank to pay by the file that finance authorised.
func (h *Handlers) Instruct(c *gin.Context) error {
	return sendFile(h, c, api.PaymentInstruct)
}

// sendFile does an act on the batch's payment file. A gateway that makes the files does it only with a file that it keeps:
// what nobody can read is neither authorised nor sent.
func sendFile[In any](h *Handlers, c *gin.Context, f api.Function[In, payment.Batch]) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, f, "id", string(id))
	if err != nil {
		return err
	}
	act := &rest.Act{Function: f.Name(), Argument: argument}
	if h.desk == nil {
		return h.core.Do(c, act)
	}
	batch, err := h.batch(c, id)
	if err != nil {
		return err
	}
	if f.Name() == api.PaymentAuthorise.Name() && batch.Totals.Netted > 0 {
		signer := rest.Caller(c).Name
		act.Renew = func(ctx context.Context) (map[string][]byte, error) { return h.desk.NettedSalts(ctx, signer, &batch) }
	}
	if h.desk.MakesFiles() {
		if batch.File != nil && (batch.State == payment.BatchApproved || batch.State == payment.BatchAuthorised) {
			if err := h.desk.KeepsFile(c.Request.Context(), &batch); err != nil {
				return changedFile(err)
			}
		}
	}
	return h.core.Do(c, act)
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
	if err := h.mayReadFile(c, &batch); err != nil {
		return nil, err
	}
	return h.desk.OpenFile(c.Request.Context(), rest.Access(c, reading.PaymentFile, relief.KindBatch, string(id)), &batch, Part.In(c))
}

// mayReadFile asks the contracts: who may read the details of the batch's people may read its payment file, and so may who
// could authorise it now, who would otherwise approve what nobody but its maker has seen.
func (h *Handlers) mayReadFile(c *gin.Context, b *payment.Batch) error {
	_, err := rest.Ask(h.core, c, api.RollSegmentDetails, api.SegmentDetailsInput{
		Programme: b.Programme, County: b.Region.County(), Limit: 1,
	})
	if errors.Is(err, &relief.Error{Code: relief.CodeForbidden}) && b.State == payment.BatchApproved && b.File != nil {
		in := api.AuthoriseInput{ID: b.ID, FileSHA256: b.FileSHA256}
		if rest.Probe(h.core, c, api.PaymentAuthorise, in, nil) == nil {
			return nil
		}
	}
	return err
}
