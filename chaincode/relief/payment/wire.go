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

// The flags of a line. The first three say what is left out because it follows from the line before, the others what is there:
// lines of a chunk are mostly neighbours.
const (
	lineNextSeq    = 1 << iota // its Seq is the next one
	lineNextNumber             // its Number is the next one
	lineSameRegion
	linePersons
	linePeriod
	lineOthers
	lineWhole = linePersons | linePeriod | lineOthers // what every line of version 5 has
)

func (l *LineInput) flags(before *LineInput) (flags byte) {
	return flag(l.Seq == before.Seq+1, lineNextSeq) | flag(l.Number == before.Number+1, lineNextNumber) |
		flag(l.Region == before.Region, lineSameRegion) | flag(l.Persons != 0, linePersons) |
		flag(!l.Period.IsZero(), linePeriod) | flag(len(l.Others) > 0, lineOthers)
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

// AppendLines encodes a chunk for payment:AddLines.
func AppendLines(b []byte, lines []LineInput) []byte {
	b = append(b, wire.KindLines, wire.LinesVersion)
	before := &LineInput{}
	for i := range lines {
		l := &lines[i]
		flags := l.flags(before)
		before = l
		b = append(b, flags)
		b = appendSeqAndNumber(b, flags, l.Seq, l.Number)
		b = append(b, l.Ref[:]...)
		if flags&lineSameRegion == 0 {
			b = binary.AppendUvarint(b, l.Region.Code())
		}
		if flags&linePersons != 0 {
			b = append(b, l.Persons)
		}
		b = binary.AppendUvarint(b, uint64(l.Amount)) //nolint:gosec // never negative: ParseFen
		b = append(b, l.Payee[:]...)
		if flags&linePeriod != 0 {
			b = binary.BigEndian.AppendUint16(b, l.Period.Code())
		}
		if flags&lineOthers != 0 {
			b = append(b, byte(len(l.Others))) //nolint:gosec // one a key of another epoch, of which there are 254
			for k := range l.Others {
				b = append(b, l.Others[k][:]...)
			}
		}
	}
	return b
}

// appendSeqAndNumber encodes those of a line's two numbers that do not follow from the line before. Flags of lines and of answers
// have the same bits for them.
func appendSeqAndNumber(b []byte, flags byte, seq, number uint32) []byte {
	if flags&lineNextSeq == 0 {
		b = binary.AppendUvarint(b, uint64(seq))
	}
	if flags&lineNextNumber == 0 {
		b = binary.AppendUvarint(b, uint64(number))
	}
	return b
}

func readSeqAndNumber(r *wire.Reader, flags byte, seqBefore, numberBefore uint32) (seq, number uint32) {
	seq, number = seqBefore+1, numberBefore+1
	if flags&lineNextSeq == 0 {
		seq = r.Uint32()
	}
	if flags&lineNextNumber == 0 {
		number = r.Uint32()
	}
	return seq, number
}

// DecodeLines decodes what AppendLines wrote, in this version or the one before; INVALID when it is malformed or over the limits.
func DecodeLines(b []byte) ([]LineInput, error) {
	r, err := wire.NewReader(b, wire.KindLines)
	if err != nil {
		return nil, err
	}
	lines := make([]LineInput, 0, min(len(b)/leastLine+1, wire.MaxChunkLines))
	before := &LineInput{}
	for r.More(len(lines)) {
		lines = append(lines, LineInput{})
		l := &lines[len(lines)-1]
		l.read(r, before)
		before = l
	}
	return lines, r.Err
}

// leastLine is how many bytes a line has at least: flags, reference, amount, payee.
const leastLine = 1 + 17 + 1 + 8

func (l *LineInput) read(r *wire.Reader, before *LineInput) {
	flags := byte(lineWhole)
	if !r.Whole {
		flags = r.Byte()
	}
	if flags >= lineOthers<<1 {
		r.Fail()
		return
	}
	l.Seq, l.Number = readSeqAndNumber(r, flags, before.Seq, before.Number)
	l.Ref = r.Ref()
	switch {
	case flags&lineSameRegion == 0:
		l.Region = r.Region()
	case before.Region == "":
		r.Fail()
	default:
		l.Region = before.Region
	}
	if flags&linePersons != 0 {
		l.Persons = r.Byte()
	}
	l.Amount = r.Fen()
	copy(l.Payee[:], r.Bytes(len(l.Payee)))
	if flags&linePeriod != 0 {
		l.Period = r.Period()
	}
	if flags&lineOthers != 0 {
		l.Others = readChecks(r)
	}
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

// The flags of an answer: what is left out, because it follows from the answer before or is usual.
const (
	answerNextSeq    = lineNextSeq
	answerNextNumber = lineNextNumber
	answerSameDay    = 4
	answerUsual      = 8 // the first attempt was credited
)

func (in *AnswerInput) flags(before *AnswerInput) byte {
	usual := in.Attempt == 1 && in.Outcome == OutcomeCredited && in.Reason == [4]byte{}
	return flag(in.Seq == before.Seq+1, answerNextSeq) | flag(in.Number == before.Number+1, answerNextNumber) |
		flag(in.Day == before.Day, answerSameDay) | flag(usual, answerUsual)
}

// AppendAnswers encodes a chunk for payment:Settle.
func AppendAnswers(b []byte, settlements []AnswerInput) []byte {
	b = append(b, wire.KindAnswers, wire.AnswersVersion)
	before := &AnswerInput{}
	for i := range settlements {
		s := &settlements[i]
		flags := s.flags(before)
		before = s
		b = append(b, flags)
		b = appendSeqAndNumber(b, flags, s.Seq, s.Number)
		if flags&answerUsual == 0 {
			b = append(b, s.Attempt, byte(s.Outcome))
		}
		b = binary.AppendUvarint(b, uint64(s.Amount)) //nolint:gosec // never negative: ParseFen
		if flags&answerUsual == 0 {
			b = append(b, s.Reason[:]...)
		}
		if flags&answerSameDay == 0 {
			b = binary.AppendUvarint(b, uint64(s.Day))
		}
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

// DecodeAnswers decodes what AppendAnswers wrote, in this version or the one before.
func DecodeAnswers(b []byte) ([]AnswerInput, error) {
	r, err := wire.NewReader(b, wire.KindAnswers)
	if err != nil {
		return nil, err
	}
	settlements := make([]AnswerInput, 0, min(len(b)/leastAnswer+1, wire.MaxChunkLines))
	before := &AnswerInput{}
	for r.More(len(settlements)) {
		settlements = append(settlements, AnswerInput{})
		s := &settlements[len(settlements)-1]
		s.read(r, before)
		before = s
	}
	return settlements, r.Err
}

// leastAnswer is how many bytes an answer has at least: flags, amount, bank's reference, salt.
const leastAnswer = 1 + 1 + 16 + 16

func (in *AnswerInput) read(r *wire.Reader, before *AnswerInput) {
	flags := byte(0)
	if !r.Whole {
		flags = r.Byte()
	}
	if flags >= answerUsual<<1 {
		r.Fail()
		return
	}
	in.Seq, in.Number = readSeqAndNumber(r, flags, before.Seq, before.Number)
	in.Attempt, in.Outcome = 1, OutcomeCredited
	if flags&answerUsual == 0 {
		in.Attempt, in.Outcome = r.Byte(), Outcome(r.Byte())
	}
	in.Amount = r.Fen()
	if flags&answerUsual == 0 {
		copy(in.Reason[:], r.Bytes(len(in.Reason)))
	}
	in.Day = before.Day
	if flags&answerSameDay == 0 {
		in.Day = r.Uint32()
	}
	copy(in.BankRef[:], r.Bytes(len(in.BankRef)))
	copy(in.Salt[:], r.Bytes(len(in.Salt)))
	if in.Attempt == 0 && r.Err == nil {
		in.More = readSalts(r)
	}
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
