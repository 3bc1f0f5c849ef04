package intake

// column is one column of a kind of file.
type column struct {
	key  string // in NDJSON, in English headers and in refusals
	name string // in Chinese headers
	// optional: the file may lack the column; empty: a line may leave it blank.
	optional, empty bool
	max             int  // bytes, once decoded as UTF-8
	fold            bool // full-width digits and letters are taken as plain ones
	// payee: package payee reads the value as it was sent and checks all of it: what a cell looks like when spaces and
	// widths are settled, package payee alone decides.
	payee bool
}

// Places of the columns in their tables.
const (
	paySeq = iota
	payRegion
	payName
	payID
	payAccount
	payBank
	payPersons
	payAmount
	payPeriod
	payNote
)

const (
	rollHousehold = iota
	rollRegion
	rollName
	rollID
	rollAccount
	rollBank
	rollPersons
	rollClass
	rollPhone
	rollAmount
	rollPaidThrough
	rollPaidSum
	rollMembers
	rollResidence
)

const (
	settlePayment = iota
	settleAmount
	settleResult
	settleReason
	settleDate
	settleReference
)

const maxColumns = 14

var columnsOf = map[Kind][]column{
	KindLines: {
		paySeq:     {key: "seq", name: "序号", optional: true, empty: true, max: 64, fold: true},
		payRegion:  {key: "region", name: "行政区划代码", max: 64, fold: true},
		payName:    {key: "name", name: "户主姓名", payee: true},
		payID:      {key: "id_number", name: "身份证号", max: 64, fold: true},
		payAccount: {key: "account", name: "银行卡号", payee: true},
		payBank:    {key: "bank", name: "开户行", optional: true, empty: true, max: 300},
		payPersons: {key: "persons", name: "保障人口", optional: true, empty: true, max: 64, fold: true},
		payAmount:  {key: "amount", name: "发放金额", max: 64, fold: true},
		payPeriod:  {key: "period", name: "发放期", max: 64, fold: true},
		payNote:    {key: "note", name: "备注", optional: true, empty: true, max: 3000},
	},
	KindRoll: {
		rollHousehold: {key: "household_no", name: "户编号", max: 64, fold: true},
		rollRegion:    {key: "region", name: "行政区划代码", max: 64, fold: true},
		rollName:      {key: "name", name: "户主姓名", payee: true},
		rollID:        {key: "id_number", name: "身份证号", max: 64, fold: true},
		rollAccount:   {key: "account", name: "银行卡号", payee: true},
		rollBank:      {key: "bank", name: "开户行", payee: true},
		rollPersons:   {key: "persons", name: "保障人口", max: 64, fold: true},
		rollClass:     {key: "class", name: "类别", max: 64, fold: true},
		rollPhone:     {key: "phone", name: "联系电话", empty: true, max: 64, fold: true},
		rollAmount:    {key: "amount", name: "月保障金额", max: 64, fold: true},
		// What was paid before this record began, who belongs to the household and where it lives, where the sender knows it.
		rollPaidThrough: {key: "paid_through", name: "已发放至", optional: true, empty: true, max: 64, fold: true},
		rollPaidSum:     {key: "paid_sum", name: "已发放金额", optional: true, empty: true, max: 64, fold: true},
		rollMembers:     {key: "members", name: "家庭成员", optional: true, empty: true, max: 1000, fold: true},
		rollResidence:   {key: "residence", name: "城乡", optional: true, empty: true, max: 64, fold: true},
	},
	KindSettlements: {
		settlePayment:   {key: "payment_id", name: "支付编号", max: 64, fold: true},
		settleAmount:    {key: "amount", name: "金额", max: 64, fold: true},
		settleResult:    {key: "result", name: "结果", max: 64},
		settleReason:    {key: "reason", name: "原因代码", optional: true, empty: true, max: 64, fold: true},
		settleDate:      {key: "date", name: "日期", max: 64, fold: true},
		settleReference: {key: "bank_reference", name: "银行流水号", optional: true, empty: true, max: 200, fold: true},
	},
}

// record is one line's values by their column's place; nil for a column that the file has not.
type record [maxColumns][]byte

// noColumn is the place of a column without a name, whose cells are blank.
const noColumn = -1

// place finds a column by either of its names; -1 for none.
func place(columns []column, name string) int {
	for i := range columns {
		if columns[i].key == name || columns[i].name == name {
			return i
		}
	}
	return -1
}

// header gives the column of each cell. An unknown name is reported by its number only: it may be a person's.
func header(columns []column, cells []string) ([]int, error) {
	places := make([]int, len(cells))
	var seen [maxColumns]bool
	for i, cell := range cells {
		if places[i] = noColumn; cell == "" {
			continue
		}
		at := place(columns, cell)
		if at < 0 {
			return nil, fileErrorf(CodeUnknownColumns, "", "表头第 %d 列不是已知的列；应有的列为：%s。",
				"column %d of the header is not known; the columns are %s", i+1, names(columns))
		}
		if seen[at] {
			return nil, fileErrorf(CodeDuplicateColumns, columns[at].name, "表头的列“%s”重复。",
				"the header has the column %s twice", columns[at].name)
		}
		seen[at] = true
		places[i] = at
	}
	for i := range columns {
		if !seen[i] && !columns[i].optional {
			return nil, fileErrorf(CodeMissingColumns, columns[i].name, "表头缺少列“%s”（%s）。",
				"the header lacks the column %s (%s)", columns[i].name, columns[i].key)
		}
	}
	return places, nil
}

func names(columns []column) string {
	s := ""
	for i := range columns {
		if i > 0 {
			s += ", "
		}
		s += columns[i].name
	}
	return s
}
