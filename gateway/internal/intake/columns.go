package intake

import (
	"maps"
	"slices"

	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/bilingual"
)

// Column says what a column of a kind of file holds, for who writes such a file.
type Column struct {
	Name       string         `json:"name"` // in NDJSON and in English headers
	Zh         string         `json:"zh"`   // in Chinese headers
	Required   bool           `json:"required"`
	MayBeEmpty bool           `json:"may_be_empty"`
	What       bilingual.Text `json:"what"`
	Values     []string       `json:"values,omitempty"` // where only these are taken
	Example    string         `json:"example"`
}

// Kinds are the kinds of files that have columns.
var Kinds = []Kind{KindRoll, KindLines, KindSettlements}

// Columns are the columns of a kind of file, in the order of its template; nil for a kind that has none.
func Columns(kind Kind) []Column {
	var list []Column
	for i := range columnsOf[kind] {
		c := &columnsOf[kind][i]
		said := meanings[c.key]
		column := Column{Name: c.key, Zh: c.name, Required: !c.optional, MayBeEmpty: c.empty, What: said.what, Example: said.example}
		switch c.key {
		case "result":
			column.Values = Results()
		case "residence":
			column.Values = slices.Sorted(maps.Keys(residences))
		}
		list = append(list, column)
	}
	return list
}

// Results are the words for what a bank did, those for a credit first.
func Results() []string {
	words := slices.Sorted(maps.Keys(outcomes))
	slices.SortStableFunc(words, func(a, b string) int { return rank(outcomes[a]) - rank(outcomes[b]) })
	return words
}

func rank(o payment.Outcome) int {
	if o == payment.OutcomeCredited {
		return 0
	}
	return 1
}

type meaning struct {
	what    bilingual.Text
	example string
}

// meanings of the columns; one of the same name means the same in every kind of file. The person of the examples is invented.
var meanings = map[string]meaning{
	"seq":            {bilingual.Text{Zh: "序号，拒绝清单照抄", En: "a number of the sender's, which refusals repeat"}, "1"},
	"household_no":   {bilingual.Text{Zh: "户编号", En: "the household's number at the sender"}, "5301810000001"},
	"region":         {bilingual.Text{Zh: "居住地行政区划代码，6、9 或 12 位", En: "code of the place where the household lives: 6, 9 or 12 digits of GB/T 2260"}, "530181003214"},
	"name":           {bilingual.Text{Zh: "户主姓名", En: "name of the head of the household"}, "孟华"},
	"id_number":      {bilingual.Text{Zh: "户主身份证号，18 位", En: "identity number of the head, 18 characters (GB 11643)"}, "530181196401209708"},
	"account":        {bilingual.Text{Zh: "收款账号", En: "number of the account or card that is paid to"}, "6230599083016613184"},
	"bank":           {bilingual.Text{Zh: "开户行名称", En: "name of the bank"}, "农村信用社"},
	"persons":        {bilingual.Text{Zh: "保障人口，1 至 99", En: "how many persons are helped, 1 to 99"}, "1"},
	"class":          {bilingual.Text{Zh: "类别，一个大写字母", En: "class, one capital letter"}, "B"},
	"phone":          {bilingual.Text{Zh: "联系电话", En: "telephone number"}, "13900000000"},
	"amount":         {bilingual.Text{Zh: "金额，元，两位小数", En: "yuan with two decimals: of a roll a month's, of a list the payment's, of an answer the transfer's"}, "480.00"},
	"period":         {bilingual.Text{Zh: "发放期，如 2026-11 或 2026-Q4", En: "the period that is paid, such as 2026-11 or 2026-Q4"}, "2026-11"},
	"note":           {bilingual.Text{Zh: "备注，不保存", En: "a note, which is not kept"}, "样例"},
	"paid_through":   {bilingual.Text{Zh: "本系统启用前已发放至哪一期", En: "the last period that was paid before this record began"}, "2026-10"},
	"paid_sum":       {bilingual.Text{Zh: "至该期已发放的金额，元", En: "what was paid until then, yuan with two decimals; needs paid_through"}, "4800.00"},
	"members":        {bilingual.Text{Zh: "其他家庭成员的身份证号，以分号分隔", En: "identity numbers of the other members, with semicolons between"}, "530181200903075796"},
	"residence":      {bilingual.Text{Zh: "户居住地的城乡类别；为空则按行政区划登记", En: "where the household lives; when empty, as the registry says of its region"}, "农村"},
	"payment_id":     {bilingual.Text{Zh: "支付编号，见批次明细", En: "id of the payment, as the batch's lines have it"}, "dibao-530181-0000001-202611-1"},
	"result":         {bilingual.Text{Zh: "结果：已入账或退票", En: "credited, or returned"}, "returned"},
	"reason":         {bilingual.Text{Zh: "退票原因代码，四个字符；已入账时为空", En: "reason code of ISO 20022, four characters; empty when it was credited"}, "AC04"},
	"date":           {bilingual.Text{Zh: "入账或退票日期，如 2026-11-10", En: "day of the credit or return, such as 2026-11-10"}, "2026-11-10"},
	"bank_reference": {bilingual.Text{Zh: "银行流水号，账本只保存其哈希", En: "the bank's own reference, of which the ledger keeps a hash"}, "N-1"},
}
