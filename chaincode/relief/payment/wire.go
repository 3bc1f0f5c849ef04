package payment

import (
	"encoding/binary"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// RollNumber is the number of the line's person on the roll.
func (l LineInput) RollNumber() uint32 { return l.Number }

// RollNumber is the number of the payment's person on the roll.
func (in AnswerInput) RollNumber() uint32 { return in.Number }

// LineInput is one payment line of a chunk.
type LineInput struct {
	Seq     uint32 // the file's line, for refusals
	Number  uint32 // the roll number
	Ref     relief.SubjectRef
	Region  relief.Region
	Persons uint8 // 0 when the list has no number of persons
	Amount  relief.Fen
	Payee   roll.PayeeCheck
	Period  relief.Period // that the payment is for; the zero value is the batch's own
	// Others are the checks of the same name and account under keys of other epochs: the roll may have tags of any.
	Others []roll.PayeeCheck
}

// MaxOtherChecks is the largest number of checks of a line under keys of other epochs.
const MaxOtherChecks = 7

// differs names the column in which the line's payee is not that of the roll.
func (l *LineInput) differs(on roll.PayeeCheck) relief.LineCode {
	if len(l.Others) == 0 {
		return l.Payee.Differs(on)
	}
	return on.DiffersFromAll(append([]roll.PayeeCheck{l.Payee}, l.Others...))
}

// Outcome is the bank's answer for one payment: credited or returned.
type Outcome uint8

// The bank's answers.
const (
	OutcomeCredited Outcome = 1
	OutcomeReturned Outcome = 2
)

// AnswerInput is the bank's answer for one payment of a chunk, or for one transfer: all payments of one number in the batch.
type AnswerInput struct {
	Seq     uint32
	Number  uint32
	Attempt uint8 // 0 for a transfer
	Outcome Outcome
	Amount  relief.Fen // what was transferred
	Reason  [4]byte    // ISO 20022 return reason such as AC04; zero when credited
	Day     uint32     // days since 1970-01-01 of the bank's value date
	BankRef relief.BankRefHash
	Salt    [16]byte // relief.LeafSalt of the payment; zero when returned
	// More are the salts of a transfer's second and later payments. Its payments are in the order of their periods; of one
	// period the regular one is first, then those with a higher number.
	More [][16]byte
}

// AppendLines encodes a chunk for payment:AddLines.
func AppendLines(b []byte, lines []LineInput) []byte {
	b = append(b, wire.KindLines, wire.LinesVersion)
	for i := range lines {
		l := &lines[i]
		b = binary.AppendUvarint(b, uint64(l.Seq))
		b = binary.AppendUvarint(b, uint64(l.Number))
		b = append(b, l.Ref[:]...)
		b = binary.AppendUvarint(b, l.Region.Code())
		b = append(b, l.Persons)
		b = binary.AppendUvarint(b, uint64(l.Amount)) //nolint:gosec // never negative: ParseFen
		b = append(b, l.Payee[:]...)
		b = binary.BigEndian.AppendUint16(b, l.Period.Code())
		b = append(b, byte(len(l.Others))) //nolint:gosec // one a key of another epoch, of which there are 254
		for k := range l.Others {
			b = append(b, l.Others[k][:]...)
		}
	}
	return b
}

// DecodeLines decodes what AppendLines wrote; INVALID when it is malformed or over the limits.
func DecodeLines(b []byte) ([]LineInput, error) {
	r, err := wire.NewReader(b, wire.KindLines)
	if err != nil {
		return nil, err
	}
	lines := make([]LineInput, 0, min(len(b)/36+1, wire.MaxChunkLines))
	for r.More(len(lines)) {
		l := LineInput{Seq: r.Uint32(), Number: r.Uint32(), Ref: r.Ref()}
		l.Region = r.Region()
		l.Persons = r.Byte()
		l.Amount = r.Fen()
		copy(l.Payee[:], r.Bytes(len(l.Payee)))
		l.Period = r.Period()
		l.Others = readChecks(r)
		lines = append(lines, l)
	}
	return lines, r.Err
}

func readChecks(r *wire.Reader) (checks []roll.PayeeCheck) {
	n := r.Byte()
	if n > MaxOtherChecks {
		r.Fail()
		return nil
	}
	for range n {
		var c roll.PayeeCheck
		copy(c[:], r.Bytes(len(c)))
		checks = append(checks, c)
	}
	return checks
}

// AppendAnswers encodes a chunk for payment:Settle.
func AppendAnswers(b []byte, settlements []AnswerInput) []byte {
	b = append(b, wire.KindAnswers, wire.AnswersVersion)
	for i := range settlements {
		s := &settlements[i]
		b = binary.AppendUvarint(b, uint64(s.Seq))
		b = binary.AppendUvarint(b, uint64(s.Number))
		b = append(b, s.Attempt, byte(s.Outcome))
		b = binary.AppendUvarint(b, uint64(s.Amount)) //nolint:gosec // never negative: ParseFen
		b = append(b, s.Reason[:]...)
		b = binary.AppendUvarint(b, uint64(s.Day))
		b = append(b, s.BankRef[:]...)
		b = append(b, s.Salt[:]...)
		if s.Attempt == 0 {
			b = binary.AppendUvarint(b, uint64(len(s.More)))
			for k := range s.More {
				b = append(b, s.More[k][:]...)
			}
		}
	}
	return b
}

// DecodeAnswers decodes what AppendAnswers wrote.
func DecodeAnswers(b []byte) ([]AnswerInput, error) {
	r, err := wire.NewReader(b, wire.KindAnswers)
	if err != nil {
		return nil, err
	}
	settlements := make([]AnswerInput, 0, min(len(b)/44+1, wire.MaxChunkLines))
	for r.More(len(settlements)) {
		s := AnswerInput{Seq: r.Uint32(), Number: r.Uint32()}
		if ao := r.Bytes(2); ao != nil {
			s.Attempt, s.Outcome = ao[0], Outcome(ao[1])
		}
		s.Amount = r.Fen()
		copy(s.Reason[:], r.Bytes(4))
		s.Day = r.Uint32()
		copy(s.BankRef[:], r.Bytes(len(s.BankRef)))
		copy(s.Salt[:], r.Bytes(16))
		if s.Attempt == 0 && r.Err == nil {
			s.More = readSalts(r)
		}
		settlements = append(settlements, s)
	}
	return settlements, r.Err
}

func readSalts(r *wire.Reader) (salts [][16]byte) {
	n := r.Uint32()
	if n > maxTransfer {
		r.Fail()
		return nil
	}
	for range n {
		salt := r.Bytes(16)
		if salt == nil {
			return nil
		}
		salts = append(salts, [16]byte(salt))
	}
	return salts
}
