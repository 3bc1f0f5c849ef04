package httpapi

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// desk is finance's desk for the bank; at any other agency's gateway it is closed.
func (a *API) desk(c *gin.Context) (*bankdesk.Desk, error) {
	kind, err := a.agencyKind(c)
	if err == nil && (kind != "finance" || a.Bank == nil) {
		err = kindForbidden.detail("The bank's files are finance's: ask finance's gateway.")
	}
	return a.Bank, err
}

// hasDuty refuses a caller who has not the duty of an act.
func (a *API) hasDuty(c *gin.Context, act relief.Act) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	return a.allowed(ctx, c, act)
}

func (a *API) pageOf(c *gin.Context, filters ...string) (int, error) {
	if err := allowQuery(c, append(filters, "limit", "cursor")...); err != nil {
		return 0, err
	}
	return a.limit(c)
}

// sawPersons records that somebody read personal data: who, where and about which record, nothing of what was read.
func (a *API) sawPersons(c *gin.Context, batch string) {
	a.log.InfoContext(c.Request.Context(), "personal data was read", "request", requestID(c), "route", route(c),
		"principal", caller(c).Name, "batch", batch)
}

// instruct tells the bank to pay: where the gateway makes the payment file, its hash goes on the ledger with the act.
func (a *API) instruct(c *gin.Context) {
	var body instructBody
	id, err := batchID(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		err = readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, true, &body)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	argument := struct {
		ID relief.BatchID `json:"id"`
		instructBody
	}{id, body}
	sent, _ := json.Marshal(argument) // ids and texts only: does not fail
	if body.FileSHA256 == "" && a.Bank != nil && a.Bank.MakesFiles() {
		if argument.FileSHA256, err = a.makeFile(c, id); err != nil {
			a.fail(c, bankProblem(err))
			return
		}
	}
	document, _ := json.Marshal(argument) // as above
	call := ledger.Call{Signer: caller(c).Name, Function: "payment:Instruct", Argument: document}
	a.doRequest(c, http.StatusOK, "", call, requestHash(c, sent))
}

// makeFileTime bounds the making of a payment file; a county's takes some seconds.
const makeFileTime = 5 * time.Minute

// makeFile makes and keeps the file before the act is sent. What would be refused is refused before anything is read of a
// person. A batch that was instructed already keeps its file.
func (a *API) makeFile(c *gin.Context, id relief.BatchID) (string, error) {
	b, err := a.evaluate(c, "payment:Get", idArgument{string(id)})
	if err != nil {
		return "", err
	}
	var batch payment.Batch
	if err := json.Unmarshal(b, &batch); err != nil {
		return "", err
	}
	if batch.FileSHA256 != "" || batch.State == payment.BatchInstructed || batch.State == payment.BatchClosed {
		return batch.FileSHA256, nil
	}
	if _, err := a.evaluate(c, "payment:Instruct", idArgument{string(id)}); err != nil {
		return "", err
	}
	a.setDeadline(c, makeFileTime)
	ctx, cancel := context.WithTimeout(c.Request.Context(), makeFileTime)
	defer cancel()
	hash, err := a.Bank.MakeFile(ctx, caller(c).Name, id)
	if err == nil {
		a.sawPersons(c, string(id))
	}
	return hash, err
}

// bankProblem is what an error of the desk means to the caller.
func bankProblem(err error) error {
	var file *bankfile.Error
	var conflict *bankdesk.Conflict
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return tooLarge
	case errors.As(err, &file):
		k := kindFile
		switch file.Code {
		case bankfile.CodeTooLarge:
			k = kindTooLarge
		case bankfile.CodeMessage:
			k = kindMediaType
		}
		return &fault{kind: k, line: file.Line, detail: file.Code + ": " + file.Detail}
	case errors.As(err, &conflict):
		return kindConflict.detail(conflict.Error())
	case errors.Is(err, bankdesk.ErrResolved):
		return kindConflict.detail(err.Error())
	case errors.Is(err, bankdesk.ErrNotFound), errors.Is(err, bankdesk.ErrNoFile):
		return kindNotFound.detail(err.Error())
	case errors.Is(err, bankdesk.ErrProfile):
		return &fault{kind: kindInvalid, field: "profile", detail: "There is no such profile among the gateway's settings."}
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return kindUnreadable.detail("The file is cut short or damaged.")
	}
	return err
}

// paymentFile gives exactly the bytes whose hash is on the ledger.
func (a *API) paymentFile(c *gin.Context) {
	f, err := a.openFile(c)
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	defer func() { _ = f.Close() }()
	a.sawPersons(c, c.Param("id"))
	h := c.Writer.Header()
	h.Set("Content-Type", f.ContentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, f.Name))
	h.Set("Content-Length", strconv.FormatInt(f.Bytes, 10))
	if sum, err := hex.DecodeString(f.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	}
	a.setDeadline(c, uploadTime)
	c.Status(http.StatusOK)
	if _, err := io.Copy(c.Writer, f); err != nil {
		a.log.ErrorContext(c.Request.Context(), "a payment file was cut off", "request", requestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
}

func (a *API) openFile(c *gin.Context) (*bankdesk.File, error) {
	desk, err := a.desk(c)
	if err != nil {
		return nil, err
	}
	id, err := batchID(c)
	if err == nil {
		err = allowQuery(c, "part")
	}
	part := 0
	if text := c.Query("part"); err == nil && text != "" {
		if part, err = strconv.Atoi(text); err != nil || part < 1 || part > 100_000 {
			err = &fault{kind: kindInvalid, field: "part", detail: "part is the number of a file of the manifest, from 1."}
		}
	}
	if err != nil {
		return nil, err
	}
	b, err := a.evaluate(c, "payment:Get", idArgument{string(id)})
	if err != nil {
		return nil, err
	}
	var batch payment.Batch
	if err := json.Unmarshal(b, &batch); err != nil {
		return nil, err
	}
	if err := a.mayReadPersons(c, &batch); err != nil {
		return nil, err
	}
	return desk.OpenFile(c.Request.Context(), caller(c).Name, &batch, part)
}

// mayReadPersons asks the contracts: whoever may read the details of the batch's people may read its payment file.
func (a *API) mayReadPersons(c *gin.Context, b *payment.Batch) error {
	_, err := a.evaluate(c, "roll:SegmentDetails", map[string]any{
		"programme": b.Programme, "county": b.Region.County(), "segment": 0, "limit": 1,
	})
	return err
}

// fromBank reports whether a settlements upload is a bank's own file: XML, or a list of a named profile.
func fromBank(c *gin.Context) bool {
	base, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	return base == "application/xml" || base == "text/xml" || c.Query("profile") != ""
}

func (a *API) uploadStatement(c *gin.Context) {
	a.receive(c, func(*gin.Context) (relief.BatchID, error) { return "", nil })
}

// receive takes a bank's file in. It is read whole before any of it is kept, and worked through in the background.
func (a *API) receive(c *gin.Context, batch func(*gin.Context) (relief.BatchID, error)) {
	desk, err := a.desk(c)
	var id relief.BatchID
	if err == nil {
		id, err = batch(c)
	}
	if err == nil {
		err = allowQuery(c, "profile")
	}
	if err == nil {
		err = a.hasDuty(c, relief.ActPaymentSettle)
	}
	if err == nil && id != "" {
		_, err = a.evaluate(c, "payment:Get", idArgument{string(id)})
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	body, err := bankBody(c)
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	parcel, err := desk.Read(bankdesk.Upload{Principal: caller(c).Name, Batch: id, Profile: c.Query("profile"), Body: body})
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	sum, _ := hex.DecodeString(parcel.SHA256()) // its own hexadecimal
	key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
	existing, err := a.Outbox.Claim(key, requestHash(c, sum), parcel.ID())
	if err != nil {
		a.fail(c, err)
		return
	}
	if existing != "" {
		if m, err := desk.Message(existing); err == nil {
			c.Header("Idempotency-Replayed", "true")
			answerMessage(c, m)
			return
		}
	}
	m, err := desk.Take(context.WithoutCancel(c.Request.Context()), parcel)
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	answerMessage(c, m)
}

// answerMessage is 202 for a file that is being worked through, 200 for one that was here before.
func answerMessage(c *gin.Context, m bankdesk.Message) {
	status := http.StatusAccepted
	if m.Duplicate {
		status = http.StatusOK
	}
	c.Header("Location", "/v1/statements/"+m.ID)
	writeJSON(c, status, jsonContent, shown(m))
}

// shown leaves out what only the desk needs.
func shown(m bankdesk.Message) bankdesk.Message {
	m.Details = ""
	return m
}

// bankBody checks what is sent and unpacks it; how much it may be, the desk's limits say.
func bankBody(c *gin.Context) (io.Reader, error) {
	base, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	profile := c.Query("profile")
	switch {
	case err != nil || base != "application/xml" && base != "text/xml" && base != "text/csv":
		return nil, kindMediaType.detail("A bank's file is application/xml, or text/csv with ?profile=.")
	case (base == "text/csv") != (profile != ""):
		return nil, &fault{kind: kindInvalid, field: "profile", detail: "A CSV list is read by a profile of the settings, such as ?profile=rural; XML takes none."}
	}
	switch c.GetHeader("Content-Encoding") {
	case "", "identity":
		return c.Request.Body, nil
	case "gzip":
		return gzip.NewReader(c.Request.Body)
	}
	return nil, kindMediaType.detail("The Content-Encoding is not gzip.")
}

type messagePage struct {
	Items []bankdesk.Message `json:"items"`
	Next  string             `json:"next,omitempty"`
}

func (a *API) listStatements(c *gin.Context) {
	desk, err := a.desk(c)
	limit := 0
	if err == nil {
		limit, err = a.pageOf(c)
	}
	var page messagePage
	if err == nil {
		page.Items, page.Next, err = desk.Messages(c.Query("cursor"), limit)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	for i := range page.Items {
		page.Items[i] = shown(page.Items[i])
	}
	writeJSON(c, http.StatusOK, jsonContent, page)
}

func (a *API) getStatement(c *gin.Context) {
	desk, err := a.desk(c)
	if err == nil {
		err = allowQuery(c)
	}
	var m bankdesk.Message
	if err == nil {
		m, err = desk.Message(c.Param("id"))
	}
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, shown(m))
}
