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
	Amount      relief.Fen         `json:"amount"`
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

// NewReport makes a report from the results of Verify; refused is its error, nil for a valid receipt.
func NewReport(r *Result, refused error) *Report {
	if refused != nil || r == nil {
		return &Report{Zh: "回执无效", En: "The receipt is not valid", Error: asError(refused)}
	}
	l := &r.Leaf
	report := &Report{
		Valid: true, Zh: "回执有效", En: "The receipt is valid", Index: r.Index, LeafHash: HashText(r.LeafHash),
		Leaf: &LeafReport{
			l.Payment, l.Payment.Programme, l.Payment.Period, l.Region, l.Subject, l.Amount, l.PaidAt(), l.Batch,
			hex.EncodeToString(l.Tx[:]), l.BankRef.String(),
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

// Facts lists what the receipt proves: the person's reference, amount, period and kind of the payment, the agencies that
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
	yuan := grouped(uint64(l.Amount/100)) + l.Amount.String()[len(l.Amount.String())-3:] //nolint:gosec // never negative
	size, place := grouped(r.Checkpoint.Size), grouped(r.Index+1)
	same := func(name, zh, en, value string) Fact { return Fact{name, zh, en, value, value} }
	return []Fact{
		same("subject", "领取人代号", "Paid to (reference, not a name)", l.Subject.String()),
		{"amount", "金额", "Amount", yuan + " 元", "CNY " + yuan},
		{"period", "所属期", "For the period", zh, en},
		kindFact(l.Payment.Attempt),
		same("programme", "救助项目", "Programme", string(l.Payment.Programme)),
		same("region", "行政区划代码", "Region code (GB/T 2260)", string(l.Region)),
		same("paid_at", "入账日期", "Credited on", l.PaidAt()),
		same("receipt_id", "支付编号", "Payment", l.Payment.String()),
		{"signed_by", "签名部门", "Signed by", strings.Join(names, "、"), strings.Join(namesEn, ", ")},
		{"signed_at", "签名时间", "Signed at", at + "（北京时间）", at + " (Beijing time)"},
		{"records", "账本记录数", "Records in the log", "共 " + size + " 条，此为第 " + place + " 条", size + ", of which this is number " + place},
	}
}

// kindFact says whether a payment is the period's own or pays again what came back.
func kindFact(attempt uint8) Fact {
	f := Fact{Name: "kind", Zh: "发放类型", En: "Kind of payment", Value: "常规发放", ValueEn: "Regular payment"}
	if attempt > 1 {
		n := strconv.Itoa(int(attempt))
		f.Value, f.ValueEn = "退票后重新发放（第 "+n+" 次发放）", "Paid again after a return (attempt "+n+")"
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

// grouped writes a number with commas between thousands.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
