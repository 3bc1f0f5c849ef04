package receipts

import (
	"context"
	"errors"
	"time"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/receiptprint"
)

// MaxPages bounds the receipts of a document. A village's list has some hundreds.
const MaxPages = 1000

// Index finds the payments of a list.
type Index interface {
	Leaves
	Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error)
}

// Page is a receipt as a document of one page, with words beside its codes.
func (m *Maker) Page(ctx context.Context, size receiptprint.Print, r *receipt.Receipt, result *receipt.Result) ([]byte, error) {
	font, err := m.readFont()
	if err != nil {
		return nil, err
	}
	n, err := m.namesOf(ctx, r.Leaf.Payment.Programme)
	if err != nil {
		return nil, err
	}
	d := receiptprint.NewDocument(font, size, time.Now())
	if err := m.add(d, &n, r, result); err != nil {
		return nil, err
	}
	return d.Bytes()
}

func (m *Maker) add(d *receiptprint.Document, n *names, r *receipt.Receipt, result *receipt.Result) error {
	code, err := m.Code(r)
	if err != nil {
		return err
	}
	words := n.words(&r.Leaf)
	return d.Add(&receiptprint.Shown{Result: result, Facts: words.Beside(result.Facts()), Code: code})
}

// List says whose receipts are wanted: those of the credited payments of a batch to people of a region.
type List struct {
	Batch  relief.BatchID     `json:"batch"`
	Region relief.Region      `json:"region"`
	Print  receiptprint.Print `json:"print"`
}

// Query finds the payments of a list.
func (l *List) Query() index.PaymentQuery {
	return index.PaymentQuery{Batch: l.Batch, Region: l.Region, State: payment.State(payment.LineCredited)}
}

// Pages are the receipts of a list as one document, one a page, in the order of the roll. progress hears after each payment how many have a
// page and how many are too old for a receipt. The error is ErrNotSigned while one of them has to wait for the agencies.
func (m *Maker) Pages(ctx context.Context, ix Index, l *List, progress func(pages, tooOld int)) ([]byte, error) {
	font, err := m.readFont()
	if err != nil {
		return nil, err
	}
	w := &writer{maker: m, index: ix, document: receiptprint.NewDocument(font, l.Print, time.Now()), progress: progress}
	for cursor := ""; ; {
		page, err := ix.Payments(ctx, l.Query(), cursor, index.MaxPage)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if err := w.write(ctx, page.Items[i].ID); err != nil {
				return nil, err
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return w.document.Bytes()
}

// writer writes the pages of a list.
type writer struct {
	maker         *Maker
	index         Index
	document      *receiptprint.Document
	names         *names // of the list's programme
	pages, tooOld int
	progress      func(pages, tooOld int)
}

func (w *writer) write(ctx context.Context, id relief.PaymentID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, result, err := w.maker.Make(ctx, w.index, id)
	switch {
	case errors.Is(err, ErrTooOld):
		w.tooOld++
	case err != nil:
		return err
	default:
		if w.names == nil {
			n, err := w.maker.namesOf(ctx, id.Programme)
			if err != nil {
				return err
			}
			w.names = &n
		}
		if err := w.maker.add(w.document, w.names, r, result); err != nil {
			return err
		}
		w.pages++
	}
	w.progress(w.pages, w.tooOld)
	return nil
}
