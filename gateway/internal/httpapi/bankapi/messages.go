package bankapi

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/hex"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// Profile names the settings by which a list of the bank is read.
var Profile = rest.Text("profile")

// OwnFile reports whether an upload of settlements is a bank's own file: a message, or a list of a named profile. Where the media type says
// nothing its first bytes do.
func OwnFile(c *gin.Context) bool {
	base, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	kind, known := fileKinds[base]
	if base == "" {
		kind, known = isEither, true
	}
	switch {
	case Profile.In(c) != "", known && kind == isXML:
		return true
	case !known || kind != isEither:
		return false
	}
	body := bufio.NewReaderSize(c.Request.Body, fileHead)
	head, _ := body.Peek(fileHead) // whoever reads on sees the error
	c.Request.Body = peeked{body, c.Request.Body}
	return bankfile.IsMessage(head)
}

// fileHead is how much of a file tells what it is.
const fileHead = 512

// peeked is a body whose beginning was looked at.
type peeked struct {
	io.Reader
	io.Closer
}

// PutStatement takes a bank's file that is about any batches.
func (h *Handlers) PutStatement(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActPaymentSettle); err != nil {
		return err
	}
	return h.receive(c, "")
}

// PutSettlements takes a bank's file that is about the batch of the path.
func (h *Handlers) PutSettlements(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	id, err := batchID(c)
	if err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActPaymentSettle); err != nil {
		return err
	}
	if _, err := h.batch(c, id); err != nil {
		return err
	}
	return h.receive(c, id)
}

// receive takes a bank's file in. It is read whole before any of it is kept, and worked through in the background.
func (h *Handlers) receive(c *gin.Context, id relief.BatchID) error {
	body, err := fileBody(c)
	if err != nil {
		return problemOf(err)
	}
	parcel, err := h.desk.Read(bankdesk.Upload{Principal: rest.Caller(c).Name, Batch: id, Profile: Profile.In(c), Body: body})
	if err != nil {
		return problemOf(err)
	}
	sum, _ := hex.DecodeString(parcel.SHA256()) // its own hexadecimal
	existing, err := h.core.Outbox.Claim(rest.KeyOf(c), rest.RequestHash(c, sum), parcel.ID())
	if err != nil {
		return err
	}
	if existing != "" {
		if m, err := h.desk.Message(existing); err == nil {
			c.Header("Idempotency-Replayed", "true")
			return answerMessage(c, &m)
		}
	}
	m, err := h.desk.Take(context.WithoutCancel(c.Request.Context()), parcel)
	if err != nil {
		return problemOf(err)
	}
	return answerMessage(c, &m)
}

// answerMessage is 202 for a file that is being worked through, 200 for one that was here before.
func answerMessage(c *gin.Context, m *bankdesk.Message) error {
	status := http.StatusAccepted
	if m.Duplicate {
		status = http.StatusOK
	}
	c.Header("Location", "/v1/statements/"+m.ID)
	return rest.JSONStatus(c, status, shown(*m))
}

// shown leaves out what only the desk needs.
func shown(m bankdesk.Message) bankdesk.Message {
	m.Details = ""
	return m
}

// What a media type says of a bank's file: XML, a list, or nothing, so that the profile does. A browser under Windows calls a CSV
// file what the spreadsheet program registered for it.
const (
	isXML = iota
	isList
	isEither
)

var fileKinds = map[string]int{
	"application/xml": isXML, "text/xml": isXML,
	table.TypeCSV: isList, "application/csv": isList, "text/comma-separated-values": isList, "text/tab-separated-values": isList,
	"application/vnd.ms-excel": isList, table.TypeWorkbook: isList, "text/plain": isEither, "application/octet-stream": isEither,
}

// fileBody checks what is sent and unpacks it; how much it may be, the desk's limits say.
func fileBody(c *gin.Context) (io.Reader, error) {
	base, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	kind, known := fileKinds[base]
	switch list := Profile.In(c) != ""; {
	case c.GetHeader("Content-Type") == "": // the profile, or else the content says it
	case err != nil || !known:
		return nil, problem.MediaType.Because("银行文件须为 application/xml，或带 ?profile= 的 text/csv 或 .xlsx。",
			"A bank's file is application/xml, or text/csv or .xlsx with ?profile=.")
	case kind == isXML && list, kind == isList && !list:
		return nil, problem.OfField("profile", "CSV 或 .xlsx 名单须指明设置中的格式名称，如 ?profile=rural；XML 不用。",
			"A list in CSV or .xlsx is read by a profile of the settings, such as ?profile=rural; XML takes none.")
	}
	switch rest.Coding(c.Request) {
	case "":
		return c.Request.Body, nil
	case "gzip":
		return gzip.NewReader(c.Request.Body)
	}
	return nil, problem.MediaType.Because("Content-Encoding 须为 gzip。", "The Content-Encoding is not gzip.")
}

// Statements lists the bank's files, the latest first.
func (h *Handlers) Statements(c *gin.Context) error {
	if err := h.mayReadBank(c); err != nil {
		return err
	}
	l := rest.List[bankdesk.Message]{
		Name: "statements", Table: StatementTable,
		Page: func(_ context.Context, cursor string, limit int) (page index.Page[bankdesk.Message], err error) {
			page.Items, page.Next, err = h.desk.Messages(cursor, limit)
			for i := range page.Items {
				page.Items[i] = shown(page.Items[i])
			}
			return page, err
		},
	}
	return l.Answer(c.Request.Context(), h.core, c, rest.Cursor.In(c))
}

// Statement finds one of the bank's files.
func (h *Handlers) Statement(c *gin.Context) error {
	if err := h.mayReadBank(c); err != nil {
		return err
	}
	m, err := h.desk.Message(c.Param("id"))
	if err != nil {
		return problemOf(err)
	}
	h.core.NameSeenBlock(c)
	return rest.JSON(c, shown(m))
}
