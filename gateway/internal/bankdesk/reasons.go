package bankdesk

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
)

// Reason says why an entry is on the list: a problem of the entry itself (bank.Problem) or one of these.
type Reason string

// The reasons that the ledger, or what came before, gives.
const (
	UnknownPayment    Reason = "unknown-payment"    // the ledger has no such payment
	OtherBatch        Reason = "other-batch"        // the file was sent for another batch
	AmountDiffers     Reason = "amount-differs"     // not what is transferred
	NoAmount          Reason = "no-amount"          // the message gives none and answers no file that was made here
	WrongState        Reason = "wrong-state"        // the payment's or batch's state does not allow the result
	Duplicate         Reason = "duplicate"          // said before in the same kind of message
	DateBounds        Reason = "date-out-of-bounds" // a day before the instruction or the credit, or in the future
	Refused           Reason = "refused"            // the contracts refused it
	UnknownFile       Reason = "unknown-file"       // the bank acknowledges a payment file that was not sent
	FileDiffers       Reason = "file-differs"       // the bank got another number or sum of payments than the file has
	MessageConflict   Reason = "message-conflict"   // a message's id came again with other content
	StatementConflict Reason = "statement-conflict" // a statement's number came again with other content
)

// ofCode is the reason for what the contract said to a line.
func ofCode(c relief.LineCode) Reason {
	switch c {
	case relief.LineAmountDiffers, relief.LineTransferDiffers:
		return AmountDiffers
	case relief.LineNotInBatch:
		return UnknownPayment
	case relief.LineAlreadySettled, relief.LineReversal:
		return WrongState
	case relief.LineDateBounds:
		return DateBounds
	}
	return Refused
}

// reasonWords are the reasons in both languages.
var reasonWords = map[Reason]bilingual.Text{
	UnknownPayment:    {Zh: "账本中没有这笔支付", En: "the ledger has no such payment"},
	OtherBatch:        {Zh: "这笔支付属于另一批次", En: "the payment belongs to another batch than the file"},
	AmountDiffers:     {Zh: "金额与转账金额不符", En: "the amount is not the transfer's"},
	NoAmount:          {Zh: "报文没有金额，也不对应本网关生成的支付文件", En: "the message gives no amount and answers no file that was made here"},
	WrongState:        {Zh: "支付或批次的当前状态不允许此结果", En: "the state of the payment or its batch does not allow the result"},
	Duplicate:         {Zh: "同类报文已报告过此结果", En: "the same kind of message has said this before"},
	DateBounds:        {Zh: "日期早于发出指令或入账之日，或在将来", En: "the day lies before the instruction or the credit, or in the future"},
	Refused:           {Zh: "账本拒绝登记", En: "the contracts refused it"},
	UnknownFile:       {Zh: "银行回执对应的支付文件并未发出，或已被替换、收回", En: "the bank acknowledges a payment file that was not sent, or was replaced or taken back"},
	FileDiffers:       {Zh: "银行收到的笔数或金额与支付文件不符", En: "the bank got another number or sum of payments than the payment file has"},
	MessageConflict:   {Zh: "报文编号重复，而内容不同", En: "the message's id came again with other content"},
	StatementConflict: {Zh: "对账单序号重复，而内容不同", En: "the statement's number came again with other content"},

	Reason(bankfile.MissingID):     {Zh: "没有端到端编号", En: "there is no EndToEndId"},
	Reason(bankfile.UnknownID):     {Zh: "端到端编号不是支付编号", En: "the EndToEndId is not the id of a payment"},
	Reason(bankfile.BadCurrency):   {Zh: "币种不是人民币", En: "the currency is not CNY"},
	Reason(bankfile.BadAmount):     {Zh: "金额缺失、无法读取或不足一分", En: "the amount is missing, unreadable, or has a fraction of a fen"},
	Reason(bankfile.BadDate):       {Zh: "日期缺失或无法读取", En: "the date is missing or unreadable"},
	Reason(bankfile.BadReason):     {Zh: "退票没有四位原因代码", En: "a return has no reason of four characters"},
	Reason(bankfile.UnknownResult): {Zh: "状态或结果代码未知", En: "the status or result code is not known"},
	Reason(bankfile.Blocked):       {Zh: "银行冻结了这笔支付：既未入账也不退回", En: "the bank has blocked the payment: it is neither posted nor returned"},
	Reason(bankfile.OtherBooking):  {Zh: "与支付无关的收支", En: "money that moved for another purpose than a payment"},
	Reason(bankfile.EntryTotal):    {Zh: "批量记账与其明细之和不符", En: "the transactions of a batch booking do not add up to it"},
	Reason(bankfile.NotListed):     {Zh: "银行报告了结果，却没有列出是哪些支付：请索取明细", En: "the bank reports a result of payments that it does not name: ask for them"},
	Reason(bankfile.GroupRejected): {Zh: "银行整体拒绝了支付文件或其一部分", En: "the bank refused a payment file, or a part of it, as a whole"},
	Reason(bankfile.StatementSums): {Zh: "对账单明细与所列合计不符", En: "the statement's entries do not give the sums that it states"},
	Reason(bankfile.BadLine):       {Zh: "该行无法读取", En: "the line cannot be read"},
}

// Words are the reason in both languages.
func (r Reason) Words() bilingual.Text {
	if words, ok := reasonWords[r]; ok {
		return words
	}
	return bilingual.Textf("代码 %s", "code %s", string(r))
}
