package relief

import (
	"strconv"
	"strings"
)

// LineCode says why one line of a file was refused. Codes are stable and carry no personal data. The code of a repeated
// line ends in the number of the line that it repeats: see LineDuplicateOf.
type LineCode string

// Why a line is refused. The first group is found in the line's text, the second by comparing the line with the ledger.
const (
	LineColumns         LineCode = "columns"
	LineEncoding        LineCode = "encoding"
	LineMissing         LineCode = "missing"
	LineTooLong         LineCode = "too-long"
	LineAmountSyntax    LineCode = "amount-syntax"
	LineAmountDecimals  LineCode = "amount-decimals"
	LineAmountNegative  LineCode = "amount-negative"
	LineAmountOverBound LineCode = "amount-over-bound"
	LinePeriod          LineCode = "period"
	LineIDSyntax        LineCode = "id-syntax"
	LineIDDate          LineCode = "id-date"
	LineIDChecksum      LineCode = "id-checksum"
	LineRegionSyntax    LineCode = "region-syntax"
	LineRegionOutside   LineCode = "region-outside-county"
	LineRegionEnded     LineCode = "region-ended"
	LineName            LineCode = "name"
	LineAccount         LineCode = "account"
	LineLostDigits      LineCode = "account-lost-digits"
	LinePersons         LineCode = "persons"
	LineClass           LineCode = "class"
	LineDate            LineCode = "date"
	LineDateBounds      LineCode = "date-out-of-bounds"
	LineReason          LineCode = "reason-code"
	LinePaymentID       LineCode = "payment-id"
	LineResult          LineCode = "result"

	LineAmountUnderBound LineCode = "amount-under-bound"
	LineNotOnRoll        LineCode = "not-on-the-roll"
	LineExited           LineCode = "exited"
	LineBeforeEntry      LineCode = "before-entry"
	LineSuspended        LineCode = "suspended"
	LineAmountNotGranted LineCode = "amount-not-granted"
	LineAlreadyOnRoll    LineCode = "already-on-the-roll"
	LineOverlap          LineCode = "entitlement-overlap"
	LineAlreadyPaid      LineCode = "already-paid"
	LineAlreadyListed    LineCode = "already-listed"
	LineReturned         LineCode = "returned-pay-again"
	LineNotReturned      LineCode = "not-returned"
	LineNotInBatch       LineCode = "not-in-batch"
	LineAmountDiffers    LineCode = "amount-differs"
	LineAlreadySettled   LineCode = "already-settled"
	LineWrongSegment     LineCode = "segment"
	LineSegmentFull      LineCode = "segment-full"
	LineSalt             LineCode = "salt"
	LineUnanswered       LineCode = "payment-unanswered"
	LineNameDiffers      LineCode = "name-differs"
	LineAccountDiffers   LineCode = "account-differs"
	LinePersonsDiffers   LineCode = "persons-differs"
	LineRegionDiffers    LineCode = "region-differs"
	LineNotAsProposed    LineCode = "not-as-proposed"
	LineToldDiffers      LineCode = "told-differs"
	LinePaidAsTold       LineCode = "already-paid-as-told"
	LineMembers          LineCode = "members"
	LineResidence        LineCode = "residence"
	LineSharedAccount    LineCode = "shared-account"
	LineNoPayee          LineCode = "no-payee"
	LineUndivided        LineCode = "amount-undivided"
	LineTransferDiffers  LineCode = "transfer-differs"
	LineNumberCorrected  LineCode = "number-corrected"
	LineOtherRoll        LineCode = "on-another-roll"
	LineReferenceEpoch   LineCode = "reference-epoch"
	LineReversal         LineCode = "reversal-by-two"
)

const duplicatePrefix = "duplicate-of-line-"

// LineDuplicateOf is the code of a line that names the same person as an earlier line of the file. The earlier line
// counts.
func LineDuplicateOf(line int) LineCode { return LineCode(duplicatePrefix + strconv.Itoa(line)) }

var lineReasons = map[LineCode][2]string{
	LineColumns:          {"列数与表头不符", "the line and the header differ in their number of columns"},
	LineEncoding:         {"字符编码无效", "the line's bytes are not valid in the file's encoding"},
	LineMissing:          {"必填项为空", "a required field is empty"},
	LineTooLong:          {"字段过长", "a field is too long"},
	LineAmountSyntax:     {"金额格式错误，应为如 620.00 的数字", "the amount is not written in digits such as 620.00"},
	LineAmountDecimals:   {"金额须为两位小数", "the amount must have exactly two decimal places"},
	LineAmountNegative:   {"金额不能为负", "the amount is negative"},
	LineAmountOverBound:  {"金额高于项目上限", "the amount is above the programme's bound"},
	LineAmountUnderBound: {"金额低于项目下限", "the amount is below the programme's bound"},
	LinePeriod:           {"发放期无效或与批次不符", "the period is not valid or not the batch's"},
	LineIDSyntax:         {"身份证号须为18位", "the identity number must have 18 characters (GB 11643)"},
	LineIDDate:           {"身份证号中的出生日期不存在", "the date of birth in the identity number does not exist (GB 11643)"},
	LineIDChecksum:       {"身份证号校验码错误", "the identity number's check character is wrong (GB 11643)"},
	LineRegionSyntax:     {"行政区划代码格式错误", "the region code is not valid (GB/T 2260)"},
	LineRegionOutside:    {"行政区划不在本县范围内", "the region lies outside the county"},
	LineRegionEnded:      {"该行政区划已撤并，请填写承接的行政区划", "the region has ended: name the successor"},
	LineName:             {"姓名含有不能使用的字符", "the name has a character that a name cannot have, or marks in the wrong place"},
	LineAccount:          {"银行账号须为8至32位数字", "the account number must have 8 to 32 digits"},
	LineLostDigits:       {"银行账号的末几位已被电子表格舍入", "the account number was rounded by a spreadsheet, its last digits are lost"},
	LinePersons:          {"保障人口须为1至99", "the number of persons must be 1 to 99"},
	LineClass:            {"类别须为单个字母 A–Z", "the class must be one letter A–Z"},
	LineDate:             {"日期格式错误，应为 2026-11-10", "the date is not written 2026-11-10"},
	LineDateBounds:       {"日期过早或在将来", "the date lies too early or in the future"},
	LineReason:           {"退票须有四位原因代码", "a returned payment needs a four-character reason code (ISO 20022)"},
	LinePaymentID:        {"支付编号无效", "the payment id is not valid"},
	LineResult:           {"结果须为 credited 或 returned", "the result must be credited or returned"},
	LineNotOnRoll:        {"不在救助名册中", "the person is not on the programme's roll"},
	LineExited:           {"已退出救助", "the person has left the programme before this period"},
	LineBeforeEntry:      {"该期早于纳入时间", "the period lies before the person's entry"},
	LineSuspended:        {"该期已暂停救助", "the person's relief is suspended in this period"},
	LineAmountNotGranted: {"金额与核定金额不符", "the amount is not the one granted for this period"},
	LineNumberCorrected:  {"身份证号已更正，请使用更正后的号码", "the identity number was corrected: use the corrected one"},
	LineReferenceEpoch:   {"对象编号的密钥已更换，请重新上传", "references of people who are new are made with a later key: send the file again"},
	LineAlreadyOnRoll:    {"已在名册中，内容不同", "the person is on the roll already, with other content"},
	LineOtherRoll:        {"已在次序在前的名册中，或已由其他户提取", "the person is on the roll that is named before, or was taken with another household"},
	LineOverlap:          {"纳入期与此前已发放期重叠", "the entry overlaps a period that was paid elsewhere"},
	LineAlreadyPaid:      {"该期已发放", "already paid for this period"},
	LineAlreadyListed:    {"该期已列入另一批次", "already listed for this period"},
	LineReturned:         {"该期已退票，须在重发批次中发放", "returned for this period: pay it again in a pay-again batch"},
	LineNotReturned:      {"没有可重发的退票", "there is no returned payment to pay again"},
	LineNotInBatch:       {"不在本批次中", "the payment is not in this batch"},
	LineAmountDiffers:    {"金额与支付记录不符", "the amount differs from the payment's"},
	LineAlreadySettled:   {"已有不同的结果", "the payment has another result already"},
	LineReversal: {"与已登记的银行结果相反：须凭对账单分录，由财政两人办理冲正",
		"the opposite of the bank's recorded answer: two officials of finance reverse it, with the statement's entry"},
	LineWrongSegment:    {"名册序号不属于该分段", "the roll number does not belong to this segment"},
	LineSegmentFull:     {"该分段已满", "the segment has no room for another batch or attempt"},
	LineSalt:            {"缺少回执盐值", "the credit comes without the salt of its receipt"},
	LineUnanswered:      {"尚有未得到银行结果的支付，待有结果后再办理", "a payment of the person has no answer of the bank yet: wait for it"},
	LineNameDiffers:     {"姓名与名册不符", "the name is not the one on the roll"},
	LineAccountDiffers:  {"银行账号与名册不符", "the account is not the one on the roll"},
	LinePersonsDiffers:  {"保障人口与名册不符", "the number of persons is not the one on the roll for this period"},
	LineRegionDiffers:   {"行政区划与名册不符", "the region is not the one on the roll"},
	LineNotAsProposed:   {"名册现状与提出导入时不同，须重新提出", "the roll is not as it was when the import was proposed: propose it again"},
	LineToldDiffers:     {"此前已发放情况与名册不符", "what was paid before this record began is not what the roll says"},
	LinePaidAsTold:      {"该期在本系统启用前已发放（据报）", "paid before this record began, as told with the import"},
	LineResidence:       {"城乡类别须为城镇或农村", "the residence must be urban or rural"},
	LineMembers:         {"家庭成员最多20人，不得重复，不含户主", "a household has at most 20 other members, each once and none the head"},
	LineNoPayee:         {"没有收款人信息", "nobody can be paid under this number: the details were erased"},
	LineUndivided:       {"金额过小，无法按比例分摊到各资金来源", "the amount is too small to be divided among the batch's sources"},
	LineTransferDiffers: {"与该对象本批次的转账合计金额不符", "it is not what was transferred to the person for all payments of the batch"},
	LineSharedAccount:   {"与他人使用同一银行账号，且未登记为共用账户", "others have the same account, and nobody declared it as shared"},

	// Lines of files of acts on cases are refused with the codes of Error.
	CodeInvalid.OfLine():    {"输入不符合规则", "the input breaks a rule"},
	CodeNotFound.OfLine():   {"没有该记录", "there is no such record"},
	CodeConflict.OfLine():   {"编号已被占用，或已有不同内容", "a record with this id has other content"},
	CodeWrongState.OfLine(): {"当前状态不允许此操作", "the state does not allow this act"},
	CodeForbidden.OfLine():  {"没有此项职责", "the caller does not hold the duty for this act"},
	CodeRegion.OfLine():     {"超出管辖区域", "outside the caller's region"},
	CodeSamePerson.OfLine(): {"经办人不得审批", "the preparer may not approve"},
	CodePending.OfLine():    {"尚有未完成事项", "another act must come first"},
	CodeDuplicate.OfLine():  {"重复申报", "receives relief, or has applied, elsewhere"},
	CodeNotice.OfLine():     {"公示期未满", "the public notice is not over"},
	CodeEvidence.OfLine():   {"缺少必需的调查材料", "required evidence is missing"},
	CodeMatch.OfLine():      {"信息核对未完成", "a match is missing or adverse"},
	CodeLate.OfLine():       {"已过期限", "the deadline for this act has passed"},
}

// Reason is the code in words, Chinese and English.
func (c LineCode) Reason() string {
	if n, ok := strings.CutPrefix(string(c), duplicatePrefix); ok {
		return "与第" + n + "行为同一人 · the same person as in line " + n + ", which counts"
	}
	if r, ok := lineReasons[c]; ok {
		return r[0] + " · " + r[1]
	}
	return string(c)
}
