package httpapi

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
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/receiptprint"
)

// receiptFormats are what a receipt is given as; the first is the usual one.
var receiptFormats = map[string]bool{"": true, "file": true, "json": true, "qr": true, "svg": true, "pdf": true}

// paymentReceipt makes a receipt of a payment that has reached its account and has not come back.
func (a *API) paymentReceipt(ctx context.Context, c *gin.Context) error {
	id, err := paymentID(c)
	if err != nil {
		return err
	}
	if !receiptFormats[c.Query("format")] {
		return &fault{kind: kindInvalid, field: "format", detail: "format is file, json, qr, svg or pdf."}
	}
	p, err := a.Index.Payment(ctx, id)
	if err != nil {
		return err
	}
	if p.State != payment.State(payment.LineCredited) {
		return kindWrongState.detail("A receipt is for a payment that was credited; this one's state is " + string(p.State) + ".")
	}
	if a.ReceiptKey == nil {
		return kindElsewhere.detail(kindElsewhere.help)
	}
	made, err := a.makeReceipt(ctx, id)
	if err != nil {
		return err
	}
	return a.giveReceipt(c, id, made)
}

// makeReceipt makes the leaf anew from the index and the key of the salts, and proves it.
func (a *API) makeReceipt(ctx context.Context, id relief.PaymentID) (*receipt.Receipt, error) {
	found, ok, err := a.Index.LeafOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("a credited payment has no leaf in the index")
	}
	if len(found.Hash) != 32 {
		return nil, kindWrongState.detail("This payment was credited before the ledger kept what receipts are made of.")
	}
	leaf, err := leafOf(&found, a.ReceiptKey)
	if err != nil {
		return nil, err
	}
	hash := leaf.Hash()
	if hash != [32]byte(found.Hash) {
		return nil, errors.New("the leaf made anew is not the one that was endorsed: is receipt_key_file the key of the day?")
	}
	p, _, ok := a.Transparency.Prove(hash)
	if !ok {
		return nil, kindNotYet.detail("The payment is credited; its place in the log is not cosigned by all agencies yet.")
	}
	made := &receipt.Receipt{Leaf: leaf, Index: uint64(p.Index), Checkpoint: p.Note} //nolint:gosec // not negative
	for _, h := range p.Path {
		made.Path = append(made.Path, h)
	}
	return made, nil
}

func leafOf(l *index.Leaf, key []byte) (leaf relief.Leaf, err error) {
	p := &l.Payment
	leaf = relief.Leaf{
		Payment: p.ID, Region: l.Region, Subject: p.Subject, Amount: p.Amount, Batch: p.Batch, Salt: relief.LeafSalt(key, p.ID),
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

// madeReceipt is a receipt for a program: what it proves, the file, and what its code holds.
type madeReceipt struct {
	*receipt.Report
	File string `json:"file"`
	Code string `json:"code"`
}

// giveReceipt answers in the wanted format. A receipt that would not verify is never given.
func (a *API) giveReceipt(c *gin.Context, id relief.PaymentID, r *receipt.Receipt) error {
	result, err := a.Transparency.Verify(r)
	if err != nil {
		return fmt.Errorf("a receipt does not verify: %w", err)
	}
	file := r.Marshal()
	name := id.String()
	format := c.Query("format")
	if format == "" || format == "file" {
		a.attach(c, name+receipt.Extension, receipt.MediaType, file)
		return nil
	}
	code, err := receiptprint.Code(r, a.Public.URL)
	if err != nil {
		return fmt.Errorf("a receipt's code: %w", err)
	}
	var content []byte
	switch format {
	case "json":
		writeJSON(c, http.StatusOK, jsonContent, madeReceipt{receipt.NewReport(result, nil), string(file), code})
		return nil
	case "svg":
		if content, err = receiptprint.SVG(code); err == nil {
			a.attach(c, name+".svg", "image/svg+xml", content)
		}
	case "pdf":
		if content, err = a.receiptPage(result, code); err == nil {
			a.attach(c, name+".pdf", "application/pdf", content)
		}
	default:
		if content, err = receiptprint.PNG(code); err == nil {
			a.attach(c, name+".png", "image/png", content)
		}
	}
	return err
}

func (a *API) attach(c *gin.Context, name, contentType string, content []byte) {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`) // ids have no quotes
	c.Data(http.StatusOK, contentType, content)
}

func (a *API) receiptPage(result *receipt.Result, code string) ([]byte, error) {
	font, err := a.font()
	if errors.Is(err, receiptprint.ErrNoFont) {
		return nil, kindNoFont.detail(kindNoFont.help)
	}
	if err != nil {
		return nil, err
	}
	return receiptprint.Page(font, result, code, receipt.IsLink(code), time.Now())
}
