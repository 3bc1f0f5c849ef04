package receipt

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// Fact is one fact that a receipt proves, in words for a citizen: a label and a value in each language.
type Fact struct {
	Name string `json:"name"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
	// Value is in Chinese, ValueEn in English; they are the same for values without words.
	Value   string `json:"value"`
	ValueEn string `json:"value_en"`
}

// Report is the result of a check, for machines and for people.
type Report struct {
	Valid    bool         `json:"valid"`
	Checked  bool         `json:"checked"` // a receipt was read and checked; if not, nothing is known of it
	Zh       string       `json:"zh"`
	En       string       `json:"en"`
	Error    *Error       `json:"error,omitempty"`
	Leaf     *LeafReport  `json:"leaf,omitempty"`
	LeafHash string       `json:"leaf_hash,omitempty"`
	Index    uint64       `json:"index"`
	Log      *LogReport   `json:"log,omitempty"`
	SignedBy []SignReport `json:"signed_by,omitempty"`
	Facts    []Fact       `json:"facts,omitempty"`
}

// LeafReport is the leaf without its salt.
type LeafReport struct {
	ReceiptID   relief.PaymentID   `json:"receipt_id"`
	Programme   relief.ProgrammeID `json:"programme"`
	Period      relief.Period      `json:"period"`
	Region      relief.Region      `json:"region"`
	Subject     relief.SubjectRef  `json:"subject"`
	Kind        relief.PaymentKind `json:"kind"`
	Amount      relief.Fen         `json:"amount"`
	Deducted    relief.Fen         `json:"deducted,omitzero"` // of the amount
	Transferred relief.Fen         `json:"transferred"`       // the rest
	PaidAt      string             `json:"paid_at"`
	Batch       relief.BatchID     `json:"batch"`
	Transaction string             `json:"transaction"`
	BankRef     string             `json:"bank_ref_sha256_128"`
}

// LogReport is the checkpoint that was signed.
type LogReport struct {
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   string `json:"root_sha256"`
}

// SignReport is one agency's signature.
type SignReport struct {
	Name   string    `json:"name"`
	NameEn string    `json:"name_en"`
	Key    string    `json:"key"`
	At     time.Time `json:"at"`
}

// Check reads a receipt's file or its code, verifies it, and reports.
func Check(text []byte, verify func(*Receipt) (*Result, error)) *Report {
	r, err := ParseAny(text)
	if err != nil {
		return NewReport(nil, err)
	}
	result, err := verify(r)
	if err != nil {
		refused := asError(err)
		if refused.Code == CodeCheckpoint {
			refused = unread(text, refused)
		}
		return NewReport(nil, refused)
	}
	return NewReport(result, nil)
}

// NewReport makes a report from the results of Verify; refused is its error, nil for a valid receipt.
func NewReport(r *Result, refused error) *Report {
	if refused != nil || r == nil {
		e := asError(refused)
		if e.Unread {
			return &Report{Zh: "未能核验", En: "Not checked", Error: e}
		}
		return &Report{Checked: true, Zh: "回执无效", En: "The receipt is not valid", Error: e}
	}
	l := &r.Leaf
	report := &Report{
		Valid: true, Checked: true, Zh: "回执有效", En: "The receipt is valid", Index: r.Index, LeafHash: HashText(r.LeafHash),
		Leaf: &LeafReport{
			l.Payment, l.Payment.Programme, l.Payment.Period, l.Region, l.Subject, l.Kind, l.Amount, l.Deducted, l.Amount - l.Deducted,
			l.PaidAt(), l.Batch, hex.EncodeToString(l.Tx[:]), l.BankRef.String(),
		},
		Log:   &LogReport{r.Checkpoint.Origin, r.Checkpoint.Size, hex.EncodeToString(r.Checkpoint.Root[:])},
		Facts: r.Facts(),
	}
	for _, s := range r.Signers {
		report.SignedBy = append(report.SignedBy, SignReport{s.Agency.Zh(), s.Agency.En(), s.Agency.Key.String(), s.At})
	}
	return report
}

func asError(err error) *Error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // this package's functions give it as it is
		return e
	}
	return refuse(CodeForm)
}

// Facts lists what the receipt proves: the person's reference, amount, what was deducted, period and kind of the payment, the agencies that
// signed, and the number of records in the log.
func (r *Result) Facts() []Fact {
	l := &r.Leaf
	zh, en := periodWords(l.Payment.Period)
	var names, namesEn []string
	var last time.Time
	for _, s := range r.Signers {
		names, namesEn = append(names, s.Agency.Zh()), append(namesEn, s.Agency.En())
		if s.At.After(last) {
			last = s.At
		}
	}
	at := last.In(beijing).Format("2006-01-02 15:04:05")
	size, place := grouped(r.Checkpoint.Size), grouped(r.Index+1)
	same := func(name, zh, en, value string) Fact { return Fact{name, zh, en, value, value} }
	facts := []Fact{
		same("subject", "领取人代号", "Paid to (reference, not a name)", l.Subject.String()),
		{"amount", "金额", "Amount", yuan(l.Amount) + " 元", "CNY " + yuan(l.Amount)},
	}
	if l.Deducted > 0 {
		transferred, deducted := yuan(l.Amount-l.Deducted), yuan(l.Deducted)
		facts = append(facts, Fact{
			"transferred", "实际转账", "Transferred", transferred + " 元（抵扣 " + deducted + " 元）", "CNY " + transferred + " (CNY " + deducted + " deducted)",
		})
	}
	return append(facts,
		Fact{"period", "所属期", "For the period", zh, en},
		kindFact(l.Kind, l.Payment.Attempt),
		same("programme", "救助项目", "Programme", string(l.Payment.Programme)),
		same("region", "行政区划代码", "Region code (GB/T 2260)", string(l.Region)),
		same("paid_at", "入账日期", "Credited on", l.PaidAt()),
		same("receipt_id", "支付编号", "Payment", l.Payment.String()),
		Fact{"signed_by", "签名部门", "Signed by", strings.Join(names, "、"), strings.Join(namesEn, ", ")},
		Fact{"signed_at", "签名时间", "Signed at", at + "（北京时间）", at + " (Beijing time)"},
		Fact{"records", "账本记录数", "Records in the log", "共 " + size + " 条，此为第 " + place + " 条", size + ", of which this is number " + place},
	)
}

// kindWords are the kinds of payments in words for a citizen.
var kindWords = map[relief.PaymentKind][2]string{
	relief.PaymentRegular: {"常规发放", "Regular payment"},
	relief.PaymentArrears: {"补发（以前未发的时期）", "Arrears, for a period that was not paid before"},
	relief.PaymentTopUp:   {"补差（已发时期应发增加的部分）", "Top-up of a period that was paid before"},
	relief.PaymentGrant:   {"一次性救助", "Single grant"},
}

// kindFact says what kind of payment it is. A period's own payment with a later number pays again what came back.
func kindFact(kind relief.PaymentKind, attempt uint8) Fact {
	words := kindWords[kind]
	f := Fact{Name: "kind", Zh: "发放类型", En: "Kind of payment", Value: words[0], ValueEn: words[1]}
	if attempt > 1 && (kind == relief.PaymentRegular || kind == relief.PaymentArrears) {
		n := strconv.Itoa(int(attempt))
		f.Value, f.ValueEn = "退票后重新发放（本期第 "+n+" 笔）", "Paid again after a return (payment "+n+" of the period)"
	}
	return f
}

// beijing is the time zone of times for people. China has one zone and no summer time.
var beijing = time.FixedZone("UTC+8", 8*3600)

func periodWords(p relief.Period) (zh, en string) {
	text := p.String()
	year := text[:4]
	if p.Quarterly() {
		quarter := text[5:]
		return year + "年第" + []string{"一", "二", "三", "四"}[quarter[1]-'1'] + "季度", quarter + " " + year
	}
	month := p.LastMonth()%12 + 1
	return year + "年" + strconv.Itoa(month) + "月", time.Month(month).String() + " " + year
}

// yuan writes an amount with commas between thousands: 1,240.00.
func yuan(f relief.Fen) string {
	text := f.String()
	return grouped(uint64(f/100)) + text[len(text)-3:] //nolint:gosec // never negative
}

// grouped writes a number with commas between thousands.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
