package public

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/receipts"
)

type receiptFormat string

// The formats of a receipt; the first is the usual one.
const (
	formatFile receiptFormat = "file"
	formatJSON receiptFormat = "json"
	formatQR   receiptFormat = "qr"
	formatSVG  receiptFormat = "svg"
	formatPDF  receiptFormat = "pdf"
)

// ReceiptFormat is what a receipt is given as.
var ReceiptFormat = rest.Choice("format", formatFile, formatJSON, formatQR, formatSVG, formatPDF)

// ReceiptPrint is how large a receipt's page is written.
var ReceiptPrint = rest.Choice("print", receiptprint.Usual, receiptprint.Large)

// Receipt makes a receipt of a payment that has reached its account and has not come back.
func (h *Handlers) Receipt(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParsePaymentID)
	if err != nil {
		return err
	}
	p, err := h.Payments.Payment(ctx, id)
	if err != nil {
		return err
	}
	if p.State != payment.State(payment.LineCredited) {
		return problem.WrongState.Because("只有已到账的支付才有回执，这笔支付的状态为 "+string(p.State)+"。",
			"A receipt is for a payment that was credited; this one's state is "+string(p.State)+".")
	}
	if h.Receipts == nil {
		return problem.ReceiptsElsewhere.Fault()
	}
	if _, err := h.core.Read(c, reading.Receipt, "payment", id.String(), p.Subject); err != nil {
		return err
	}
	made, result, err := h.Receipts.Make(ctx, h.Payments, id)
	if err != nil {
		return receiptProblem(err)
	}
	return h.giveReceipt(ctx, c, made, result)
}

func receiptProblem(err error) error {
	switch {
	case errors.Is(err, receipts.ErrTooOld):
		return problem.WrongState.Because("这笔支付到账时，账本尚未保存出具回执所需的内容。",
			"This payment was credited before the ledger kept what receipts are made of.")
	case errors.Is(err, receipts.ErrNotSigned):
		return problem.NotYet.Because("支付已到账，但各部门尚未共同签名其在日志中的位置。",
			"The payment is credited; its position in the log is not cosigned by all agencies yet.")
	}
	return err
}

// madeReceipt is a receipt for a program: what it proves, its codes in words, the file, and what its code holds.
type madeReceipt struct {
	*receipt.Report
	Words receipts.Words `json:"words"`
	File  string         `json:"file"`
	Code  string         `json:"code"`
}

// giveReceipt answers in the wanted format.
func (h *Handlers) giveReceipt(ctx context.Context, c *gin.Context, r *receipt.Receipt, result *receipt.Result) error {
	file := r.Marshal()
	name := r.Leaf.Payment.String()
	format := ReceiptFormat.In(c)
	if format == "" || format == formatFile {
		attach(c, name+receipt.Extension, receipt.MediaType, file)
		return nil
	}
	if format == formatPDF {
		content, err := h.Receipts.Page(ctx, ReceiptPrint.In(c), r, result)
		if errors.Is(err, receiptprint.ErrNoFont) {
			return problem.NoFont.Fault()
		}
		return attachMade(c, name+".pdf", "application/pdf", content, err)
	}
	code, err := h.Receipts.Code(r)
	if err != nil {
		return err
	}
	switch format {
	case formatJSON:
		words, err := h.Receipts.Words(ctx, &r.Leaf)
		if err != nil {
			return err
		}
		return rest.JSON(c, madeReceipt{receipt.NewReport(result, nil), words, string(file), code})
	case formatSVG:
		content, err := receiptprint.SVG(code)
		return attachMade(c, name+".svg", "image/svg+xml", content, err)
	default:
		content, err := receiptprint.PNG(code)
		return attachMade(c, name+".png", "image/png", content, err)
	}
}

func attachMade(c *gin.Context, name, contentType string, content []byte, err error) error {
	if err != nil {
		return err
	}
	attach(c, name, contentType, content)
	return nil
}

func attach(c *gin.Context, name, contentType string, content []byte) {
	rest.Attachment(c, contentType, name)
	c.Data(http.StatusOK, contentType, content)
}
