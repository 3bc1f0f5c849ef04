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

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/reading"
)

// ErrNoFile says that a batch's payment file is not kept here and cannot be made again as it was.
var ErrNoFile = errors.New("the payment file whose hash is on the ledger is not kept here")

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

// NewFile names the next payment file of a batch, which pays on a day. It counts transfers: the control totals count payments.
func (d *Desk) NewFile(b *payment.Batch, executeOn relief.Day) payment.File {
	return payment.File{
		MessageID: messageID(b), CreatedAt: d.options.Now().UTC().Truncate(time.Second), ExecuteOn: executeOn,
		Count: b.Totals.Transfers(), Sum: b.Control.Sum,
	}
}

// MakeFile makes the payment file, or files, of a batch and keeps them. The hash it gives is for the ledger: of the file,
// or of the manifest of several. Making them again gives the same bytes, as long as the payees' details and the settings
// are the same.
func (d *Desk) MakeFile(ctx context.Context, a reading.Access, b *payment.Batch, f *payment.File) (hash string, err error) {
	transfers, err := d.transfers(ctx, a, b)
	if err != nil {
		return "", err
	}
	order, err := d.order(ctx, a.Principal, b, f)
	if err != nil {
		return "", err
	}
	size := d.options.MaxTransactions
	if size == 0 || size > len(transfers) {
		size = max(len(transfers), 1)
	}
	files := manifest{Kind: manifestKind, Batch: b.ID}
	for part := 0; part*size < len(transfers); part++ {
		file, err := d.keepPart(ctx, b, order, part, transfers[part*size:min((part+1)*size, len(transfers))])
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
	info, err := d.options.Objects.Put(ctx, bytes.NewReader(document), d.remembersFile(b.ID))
	return info.Hash, err
}

// keepPart writes one file and remembers its message id, by which the bank will answer.
func (d *Desk) keepPart(
	ctx context.Context, b *payment.Batch, order *bankfile.Order, part int, transfers []bankfile.Transfer,
) (manifestFile, error) {
	total, err := bankfile.Total(transfers)
	if err != nil {
		return manifestFile{}, err
	}
	name := fmt.Sprintf("%s-%04d.xml", b.ID, part+1)
	of := *order
	of.MessageID = partID(order.MessageID, part)
	reader, writer := io.Pipe()
	go func() {
		if d.options.Message == "csv" {
			writer.CloseWithError(d.options.List.WriteList(writer, transfers))
		} else {
			writer.CloseWithError(bankfile.WritePain001(writer, &of, transfers))
		}
	}()
	info, err := d.options.Objects.Put(ctx, reader, d.remembersFile(b.ID))
	_ = reader.Close() // ends the writer when Put failed
	if err != nil {
		return manifestFile{}, err
	}
	if d.options.Message == "csv" {
		name = fmt.Sprintf("%s-%04d.csv", b.ID, part+1)
	}
	err = d.rememberPart(b.ID, of.MessageID, fileTotals{order.MessageID, len(transfers), total})
	return manifestFile{name, info.Hash, info.Size, len(transfers), total}, err
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
		// Several sources have the same account.
		tranche, err := ask(ctx, d, signer, api.FundGet, api.TrancheInput{ID: b.Tranches()[0]})
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
		AgentBIC: d.options.AgentBIC, AgentCNAPS: d.options.AgentCNAPS,
	}, nil
}

// transfers reads a batch's transfers and whom they are for, in roll order. It refuses a batch of which any payee is not the
// one that was approved: the tags on the ledger are those of the roll, which the list's hash holds.
func (d *Desk) transfers(ctx context.Context, a reading.Access, b *payment.Batch) ([]bankfile.Transfer, error) {
	checker := payeecheck.Checker{Ledger: d.options.Ledger, Readings: d.options.Readings, Persons: d.options.Persons}
	lines, err := checker.Lines(ctx, a, b)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if err := lines[i].Err(); err != nil {
			return nil, err
		}
	}
	all := d.fileTransfers(lines)
	if total, err := bankfile.Total(all); err != nil || len(lines) != b.Control.Count || total != b.Control.Sum || len(all) != b.Totals.Transfers() {
		return nil, relief.Errorf(relief.CodeTotals, "读取的支付与批次的控制总数不符 · "+
			"the payments that were read are not the batch's control totals")
	}
	return all, nil
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
// made again if that gives the same bytes. ErrFileErased for one that is not given any more. The access is recorded before
// anything is opened.
func (d *Desk) OpenFile(ctx context.Context, a reading.Access, b *payment.Batch, part int) (*File, error) {
	if b.FileSHA256 == "" {
		return nil, ErrNoFile
	}
	if err := d.erasedFile(b.ID); err != nil {
		return nil, err
	}
	a.Count = b.Control.Count
	if _, err := d.options.Readings.Read(a); err != nil {
		return nil, err
	}
	f, err := d.open(ctx, b, part)
	if !errors.Is(err, objectstore.ErrNotFound) && !errors.Is(err, objectstore.ErrChanged) {
		return f, err
	}
	if !d.MakesFiles() || b.File == nil {
		return nil, ErrNoFile
	}
	hash, err := d.MakeFile(ctx, a, b, b.File)
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
