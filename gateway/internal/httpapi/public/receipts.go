package public

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receiptprint"
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
	if h.ReceiptKeys == nil {
		return problem.ReceiptsElsewhere.Fault()
	}
	if _, err := h.core.Read(c, reading.Receipt, "payment", id.String(), p.Subject); err != nil {
		return err
	}
	made, err := h.makeReceipt(ctx, id)
	if err != nil {
		return err
	}
	return h.giveReceipt(ctx, c, id, made)
}

// makeReceipt makes the leaf again from the index and the key of the salts, and proves it.
func (h *Handlers) makeReceipt(ctx context.Context, id relief.PaymentID) (*receipt.Receipt, error) {
	found, ok, err := h.Payments.LeafOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("a credited payment has no leaf in the index")
	}
	if len(found.Hash) != 32 {
		return nil, problem.WrongState.Because("这笔支付到账时，账本尚未保存出具回执所需的内容。",
			"This payment was credited before the ledger kept what receipts are made of.")
	}
	leaf, err := h.endorsedLeaf(&found)
	if err != nil {
		return nil, err
	}
	p, _, ok := h.Log.Prove([32]byte(found.Hash))
	if !ok {
		return nil, problem.NotYet.Because("支付已到账，但各部门尚未共同签名其在日志中的位置。",
			"The payment is credited; its position in the log is not cosigned by all agencies yet.")
	}
	made := &receipt.Receipt{Leaf: leaf, Index: uint64(p.Index), Checkpoint: p.Note} //nolint:gosec // not negative
	for _, h := range p.Path {
		made.Path = append(made.Path, h)
	}
	return made, nil
}

// endorsedLeaf makes a leaf again, with the key that salted it: the hash on the ledger says which that was.
func (h *Handlers) endorsedLeaf(found *index.Leaf) (leaf relief.Leaf, err error) {
	for _, key := range h.ReceiptKeys {
		if leaf, err = leafOf(found, key); err != nil {
			return leaf, err
		}
		if leaf.Hash() == [32]byte(found.Hash) {
			return leaf, nil
		}
	}
	return leaf, errors.New("the leaf made again is not the one that was endorsed: earlier_receipt_key_files must name the key of the day")
}

func leafOf(l *index.Leaf, key []byte) (leaf relief.Leaf, err error) {
	p := &l.Payment
	leaf = relief.Leaf{
		Payment: p.ID, Region: l.Region, Subject: p.Subject, Kind: p.Kind, Amount: p.Amount, Deducted: p.Deducted, Batch: p.Batch, Salt: relief.LeafSalt(key, p.ID),
	}
	day, err := time.Parse(time.DateOnly, p.CreditedOn)
	if err != nil {
		return leaf, fmt.Errorf("a credited payment's date: %w", err)
	}
	leaf.Day = uint32(day.Unix() / 86400) //nolint:gosec // after 1970
	if leaf.Tx, err = relief.ParseTx(l.Transaction); err != nil {
		return leaf, err
	}
	if n, err := hex.Decode(leaf.BankRef[:], []byte(p.BankRef)); err != nil || n != len(leaf.BankRef) {
		return leaf, errors.New("a credited payment's bank reference cannot be read")
	}
	return leaf, nil
}

// madeReceipt is a receipt for a program: what it proves, its codes in words, the file, and what its code holds.
type madeReceipt struct {
	*receipt.Report
	Words receiptWords `json:"words"`
	File  string       `json:"file"`
	Code  string       `json:"code"`
}

// giveReceipt answers in the wanted format. A receipt that would not verify is never given.
func (h *Handlers) giveReceipt(ctx context.Context, c *gin.Context, id relief.PaymentID, r *receipt.Receipt) error {
	result, err := h.Log.Verify(r)
	if err != nil {
		return fmt.Errorf("a receipt does not verify: %w", err)
	}
	file := r.Marshal()
	name := id.String()
	format := ReceiptFormat.In(c)
	if format == "" || format == formatFile {
		attach(c, name+receipt.Extension, receipt.MediaType, file)
		return nil
	}
	code, err := receiptprint.Code(r, h.Settings.URL)
	if err != nil {
		return fmt.Errorf("a receipt's code: %w", err)
	}
	switch format {
	case formatJSON:
		words, err := h.wordsFor(ctx, &r.Leaf)
		if err != nil {
			return err
		}
		return rest.JSON(c, madeReceipt{receipt.NewReport(result, nil), words, string(file), code})
	case formatSVG:
		content, err := receiptprint.SVG(code)
		return attachMade(c, name+".svg", "image/svg+xml", content, err)
	case formatPDF:
		content, err := h.receiptPage(ctx, result, code)
		return attachMade(c, name+".pdf", "application/pdf", content, err)
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

func (h *Handlers) receiptPage(ctx context.Context, result *receipt.Result, code string) ([]byte, error) {
	font, err := h.chinese()
	if err != nil {
		return nil, err
	}
	words, err := h.wordsFor(ctx, &result.Leaf)
	if err != nil {
		return nil, err
	}
	return receiptprint.Page(font, result, words.beside(result.Facts()), code, time.Now())
}
