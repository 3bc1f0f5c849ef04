package payment

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// File is what the ledger holds of a batch's payment file (支付文件), beside the SHA-256 of its bytes: made by one
// official of finance, authorised by another, then sent to the bank as it is.
type File struct {
	MessageID string     `json:"message_id"`          // GrpHdr/MsgId; of several files the first one's
	CreatedAt time.Time  `json:"created_at,omitzero"` // GrpHdr/CreDtTm; absent when other software makes the file
	ExecuteOn relief.Day `json:"execute_on"`          // the day on which the bank is to pay, ReqdExctnDt
	Count     int        `json:"count"`               // of its transfers
	Sum       relief.Fen `json:"sum"`
}

// FileTerms say which payment file is made for a batch.
type FileTerms struct {
	ID         relief.BatchID `json:"id"`
	FileSHA256 string         `json:"file_sha256"` // of the file; of the manifest of several
	File
}

// MakeFile records the payment file of a batch that civil affairs approved. Another file takes its place until the bank
// is instructed; a batch that was authorised then needs another authorisation.
func MakeFile(b Batch, in FileTerms, cal *relief.Calendar, actor relief.Actor) (Batch, bool, error) {
	next, _, err := b.step(relief.ActPaymentMakeFile, actor)
	if err != nil {
		return b, false, err
	}
	file := in.File
	file.CreatedAt = file.CreatedAt.UTC().Truncate(time.Second)
	same := b.FileSHA256 == in.FileSHA256 && b.File != nil && *b.File == file
	if same && actor.Repeats(b.Acts, relief.ActPaymentMakeFile) {
		return b, false, nil
	}
	if err := in.validate(&b, cal, actor); err != nil {
		return b, false, err
	}
	b.FileSHA256, b.File = in.FileSHA256, &file
	b.record(next, relief.ActPaymentMakeFile, actor)
	return b, true, nil
}

func (f *FileTerms) validate(b *Batch, cal *relief.Calendar, actor relief.Actor) error {
	if err := checkFileSHA256(f.FileSHA256); err != nil {
		return err
	}
	if err := relief.CheckText("message_id", f.MessageID, 1, 35); err != nil { // Max35Text of ISO 20022
		return err
	}
	if slices.ContainsFunc(b.TakenBack, func(t TakenFile) bool { return t.MessageID == f.MessageID }) {
		return relief.FieldErrorf("message_id", "the message id must not be that of a file which was taken back")
	}
	switch today := cal.Day(actor.At); {
	case f.Count != b.Totals.Transfers() || f.Sum != b.Control.Sum:
		return relief.Errorf(relief.CodeTotals, "the payment file has %d transfers of %s; those of the batch are %d of %s",
			f.Count, f.Sum, b.Totals.Transfers(), b.Control.Sum)
	case f.ExecuteOn == "":
		return relief.FieldErrorf("execute_on", "the execution day is missing")
	case f.ExecuteOn < today:
		return relief.FieldErrorf("execute_on", "the execution day must be %s or later", today)
	case !cal.Works(f.ExecuteOn):
		return relief.FieldErrorf("execute_on", "the execution day must be a working day; the next one is %s", cal.AddWorkdays(f.ExecuteOn, 1))
	}
	return nil
}

func checkFileSHA256(sha256 string) error {
	if !form.IsSHA256(sha256) {
		return relief.FieldErrorf("file_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	return nil
}

// requireFile refuses a batch that has no payment file, and a hash that is not its file's.
func (b *Batch) requireFile(sha256 string) error {
	switch {
	case b.File == nil:
		return relief.Errorf(relief.CodePending, "batch %s has no payment file: finance's preparer makes it first", b.ID)
	case b.FileSHA256 != sha256:
		return &relief.Error{
			Code: relief.CodeConflict, Field: "file_sha256",
			Detail: "the payment file of batch " + string(b.ID) + " is another one: read it and name its SHA-256",
		}
	}
	return nil
}
