package bankdesk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// ErrNoFile says that a batch's payment file is not kept here and cannot be made again as it was.
var ErrNoFile = errors.New("the payment file whose hash is on the ledger is not kept here")

// segmentsAtOnce is how many segments are read from the ledger at a time.
const segmentsAtOnce = 4

// manifest pins the files of a batch that is split: its own hash is what the ledger has. Its bytes are canonical: one
// JSON object, the fields in this order, without spaces.
type manifest struct {
	Kind  string         `json:"kind"`
	Batch relief.BatchID `json:"batch"`
	Files []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string     `json:"name"`
	SHA256 string     `json:"sha256"`
	Bytes  int64      `json:"bytes"`
	Count  int        `json:"count"`
	Sum    relief.Fen `json:"sum"`
}

const manifestKind = "relieftrail/payment-files/v1"

// NewFile names the next payment file of a batch, which pays on a day.
func (d *Desk) NewFile(b *payment.Batch, executeOn relief.Day) payment.File {
	return payment.File{
		MessageID: messageID(b), CreatedAt: d.options.Now().UTC().Truncate(time.Second), ExecuteOn: executeOn,
		Count: b.Control.Count, Sum: b.Control.Sum,
	}
}

// MakeFile makes the payment file, or files, of a batch and keeps them. The hash it gives is for the ledger: of the file,
// or of the manifest of several. Making them again gives the same bytes, as long as the payees' details and the settings
// are the same.
func (d *Desk) MakeFile(ctx context.Context, signer string, b *payment.Batch, f *payment.File) (hash string, err error) {
	payments, err := d.payments(ctx, signer, b)
	if err != nil {
		return "", err
	}
	order, err := d.order(ctx, signer, b, f)
	if err != nil {
		return "", err
	}
	size := d.options.MaxTransactions
	if size == 0 || size > len(payments) {
		size = max(len(payments), 1)
	}
	files := manifest{Kind: manifestKind, Batch: b.ID}
	for part := 0; part*size < len(payments); part++ {
		file, err := d.keepPart(ctx, b, order, part, payments[part*size:min((part+1)*size, len(payments))])
		if err != nil {
			return "", err
		}
		files.Files = append(files.Files, file)
	}
	if len(files.Files) == 1 {
		return files.Files[0].SHA256, nil
	}
	document, err := json.Marshal(files)
	if err != nil {
		return "", err
	}
	info, err := d.options.Objects.Put(ctx, bytes.NewReader(document), nil)
	return info.Hash, err
}

// keepPart writes one file and remembers its message id, by which the bank will answer.
func (d *Desk) keepPart(
	ctx context.Context, b *payment.Batch, order *bankfile.Order, part int, payments []bankfile.Payment,
) (manifestFile, error) {
	total, err := bankfile.Total(payments)
	if err != nil {
		return manifestFile{}, err
	}
	name := fmt.Sprintf("%s-%04d.xml", b.ID, part+1)
	of := *order
	of.MessageID = partID(order.MessageID, part)
	reader, writer := io.Pipe()
	go func() {
		if d.options.Message == "csv" {
			writer.CloseWithError(d.options.List.WriteList(writer, of.Text, payments))
		} else {
			writer.CloseWithError(bankfile.WritePain001(writer, &of, payments))
		}
	}()
	info, err := d.options.Objects.Put(ctx, reader, nil)
	_ = reader.Close() // ends the writer when Put failed
	if err != nil {
		return manifestFile{}, err
	}
	if d.options.Message == "csv" {
		name = fmt.Sprintf("%s-%04d.csv", b.ID, part+1)
	}
	err = d.rememberPart(b.ID, of.MessageID, fileTotals{order.MessageID, len(payments), total})
	return manifestFile{name, info.Hash, info.Size, len(payments), total}, err
}

// messageID names a batch's next file to the bank: 33 characters that follow from the batch, its lines and how many files
// were made for it before.
func messageID(b *payment.Batch) string {
	made := 0
	for _, a := range b.Acts {
		if a.Act == relief.ActPaymentMakeFile {
			made++
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "relieftrail/message/v2\x00%s\x00%s\x00%d", b.ID, b.LinesSHA256, made))
	return "RT" + base32.StdEncoding.EncodeToString(sum[:])[:26] + "-0001"
}

// partID is the message id of a part of a payment file, from 0; first is the id of part 0.
func partID(first string, part int) string {
	return strings.TrimSuffix(first, "-0001") + fmt.Sprintf("-%04d", part+1)
}

// order is what the files of a batch have in common. Its times are the ledger's, so that the file can be made again.
func (d *Desk) order(ctx context.Context, signer string, b *payment.Batch, f *payment.File) (*bankfile.Order, error) {
	account := d.options.DebtorAccount
	if account == "" {
		tranche, err := ask(ctx, d, signer, api.FundGet, api.TrancheInput{ID: b.Tranche})
		if err != nil {
			return nil, err
		}
		account = tranche.Account
	}
	execute, err := time.Parse(time.DateOnly, string(f.ExecuteOn))
	if err != nil {
		return nil, err
	}
	return &bankfile.Order{
		Version: d.options.Message, MessageID: f.MessageID, Created: f.CreatedAt.In(d.options.Location), Execute: execute,
		Initiator: d.options.Initiator, Debtor: d.options.Debtor, Account: account,
		AgentBIC: d.options.AgentBIC, AgentCNAPS: d.options.AgentCNAPS, Text: string(b.Programme) + " " + b.Period.String(),
	}, nil
}

// payments reads a batch's payments and whom they are for, in roll order.
func (d *Desk) payments(ctx context.Context, signer string, b *payment.Batch) ([]bankfile.Payment, error) {
	parts := make([][]bankfile.Payment, len(b.Segments))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(segmentsAtOnce)
	for i, segment := range b.Segments {
		group.Go(func() (err error) {
			parts[i], err = d.segmentPayments(ctx, signer, b, segment)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []bankfile.Payment
	for _, p := range parts {
		all = append(all, p...)
	}
	if total, err := bankfile.Total(all); err != nil || len(all) != b.Control.Count || total != b.Control.Sum {
		return nil, relief.Errorf(relief.CodeTotals, "读取的支付与批次的控制总数不符 · "+
			"the payments that were read are not the batch's control totals")
	}
	return all, nil
}

func (d *Desk) segmentPayments(
	ctx context.Context, signer string, b *payment.Batch, segment uint32,
) ([]bankfile.Payment, error) {
	lines, err := ask(ctx, d, signer, api.PaymentLines, api.LinesInput{Batch: b.ID, Segment: segment})
	if err != nil {
		return nil, err
	}
	if len(lines.Lines) == 0 {
		return nil, nil
	}
	details, err := d.details(ctx, signer, b, segment, lines.Lines[0].ID.Number, lines.Lines[len(lines.Lines)-1].ID.Number)
	if err != nil {
		return nil, err
	}
	out := make([]bankfile.Payment, len(lines.Lines))
	tagger := d.options.Persons.Tagger()
	for i, l := range lines.Lines {
		held := details[l.ID.Number]
		person, err := d.options.Persons.Open(held.Details, l.Subject, b.Programme)
		if err != nil {
			return nil, relief.Errorf(relief.CodePending, "支付 %[1]s 的收款人信息无法取得 · "+
				"the details of the payee of %[1]s cannot be had: %[2]v", l.ID, err)
		}
		if err := requirePayee(tagger, &person, &held); err != nil {
			return nil, err
		}
		out[i] = bankfile.Payment{
			ID: l.ID, Amount: l.Amount, Name: person.Name.Reveal(), Account: person.Account.Reveal(), Bank: person.Bank.Reveal(),
		}
	}
	return out, nil
}

// requirePayee refuses to pay somebody whose name or account is not the one that was approved: the tags on the ledger are
// those of the roll, which every line of the list was compared with, and which the list's hash holds.
func requirePayee(tagger *seal.Tagger, person *seal.Person, held *api.Details) error {
	opened, err := tagger.Payee(person)
	code := held.Payee.Differs(opened)
	var refused *payee.Error
	switch {
	case errors.As(err, &refused):
		code = refused.LineCode()
	case err != nil:
		return err
	case code == "":
		return nil
	}
	return relief.Errorf(relief.CodeConflict, "名册编号 %[1]d 的收款人信息与审批时不符（%[2]s），不生成支付文件 · "+
		"the payee's details under roll number %[1]d are not those that were approved (%[2]s): no payment file is made", held.Number, code)
}

// details reads the sealed private details of a segment's people from the first to the last number on the roll.
func (d *Desk) details(
	ctx context.Context, signer string, b *payment.Batch, segment, first, last uint32,
) (map[uint32]api.Details, error) {
	out := map[uint32]api.Details{}
	for from := first; ; {
		page, err := ask(ctx, d, signer, api.RollSegmentDetails, api.SegmentDetailsInput{
			Programme: b.Programme, County: b.Region.County(), Segment: segment, From: from,
			Limit: int(min(last-from+1, api.MaxDetailsPage)),
		})
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			out[i.Number] = i
		}
		if from = page.Next; from == 0 || from > last {
			return out, nil
		}
	}
}

// File is a payment file being read.
type File struct {
	io.ReadCloser
	Name        string
	ContentType string
	SHA256      string
	Bytes       int64
}

// OpenFile opens the payment file of a batch: exactly the bytes whose hash is on the ledger. part 0 is what the ledger
// pins, the file or the manifest of several; 1 and up are the files of a manifest. A file that is gone from the disk is
// made again if that gives the same bytes.
func (d *Desk) OpenFile(ctx context.Context, signer string, b *payment.Batch, part int) (*File, error) {
	if b.FileSHA256 == "" {
		return nil, ErrNoFile
	}
	f, err := d.open(ctx, b, part)
	if !errors.Is(err, objectstore.ErrNotFound) && !errors.Is(err, objectstore.ErrChanged) {
		return f, err
	}
	if !d.MakesFiles() || b.File == nil {
		return nil, ErrNoFile
	}
	hash, err := d.MakeFile(ctx, signer, b, b.File)
	if err != nil {
		return nil, err
	}
	if hash != b.FileSHA256 {
		return nil, errors.Join(ErrNoFile, d.options.Objects.Delete(ctx, hash))
	}
	d.options.Log.Warn("a payment file was gone and is made again", "batch", string(b.ID))
	return d.open(ctx, b, part)
}

// KeepsFile returns ErrNoFile unless the payment file whose hash is on the ledger, with all its parts, is kept here as it was
// made.
func (d *Desk) KeepsFile(ctx context.Context, b *payment.Batch) error {
	for part, parts := 0, 0; part <= parts; part++ {
		f, err := d.open(ctx, b, part)
		if errors.Is(err, objectstore.ErrNotFound) || errors.Is(err, objectstore.ErrChanged) {
			return ErrNoFile
		}
		if err != nil {
			return err
		}
		if part == 0 && f.ContentType == manifestType {
			files, err := readManifest(f)
			if err != nil {
				return errors.Join(err, f.Close())
			}
			parts = len(files.Files)
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// maxManifest bounds a manifest.
const maxManifest = 4 << 20

const manifestType = "application/json"

func readManifest(r io.Reader) (files manifest, err error) {
	document, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return files, err
	}
	return files, json.Unmarshal(document, &files)
}

func (d *Desk) open(ctx context.Context, b *payment.Batch, part int) (*File, error) {
	whole, err := d.object(ctx, b.FileSHA256, string(b.ID))
	if err != nil {
		return nil, err
	}
	if whole.ContentType != manifestType {
		if part > 1 {
			return nil, errors.Join(ErrNoFile, whole.Close())
		}
		return whole, nil
	}
	if part == 0 {
		return whole, nil
	}
	defer func() { _ = whole.Close() }()
	files, err := readManifest(whole)
	if err != nil {
		return nil, err
	}
	if part > len(files.Files) {
		return nil, ErrNoFile
	}
	return d.object(ctx, files.Files[part-1].SHA256, string(b.ID)+"-"+strconv.Itoa(part))
}

// object opens an object that was read through once, so that nothing changed is sent.
func (d *Desk) object(ctx context.Context, hash, name string) (*File, error) {
	info, err := d.options.Objects.Stat(ctx, hash)
	if err != nil {
		return nil, err
	}
	r, err := d.options.Objects.Get(ctx, hash)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 5)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.Join(err, r.Close())
	}
	f := &File{ContentType: "text/csv", Name: name + ".csv", SHA256: hash, Bytes: info.Size}
	switch {
	case string(head[:n]) == "<?xml":
		f.ContentType, f.Name = "application/xml", name+".xml"
	case n > 0 && head[0] == '{':
		f.ContentType, f.Name = manifestType, name+".json"
	}
	f.ReadCloser = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head[:n]), r), r}
	return f, nil
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
