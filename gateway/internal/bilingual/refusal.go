package bilingual

import (
	"strings"

	"relieftrail/chaincode/relief"
)

// codeWords are the Chinese sentences that stand before the contracts' English ones.
var codeWords = map[relief.Code]string{
	relief.CodeInvalid:    "不符合规则",
	relief.CodeNotFound:   "没有该记录，请核对编号",
	relief.CodeConflict:   "已有不同的内容",
	relief.CodeWrongState: "记录的当前状态不允许此操作",
	relief.CodeForbidden:  "操作人没有此项职责",
	relief.CodeRegion:     "超出管辖区域",
	relief.CodeSamePerson: "经办人不得审批，请由另一名工作人员办理",
	relief.CodeFunds:      "可用资金少于所需金额",
	relief.CodeTotals:     "笔数或金额与控制总数不符",
	relief.CodePending:    "须先完成其他事项",
	relief.CodeDuplicate:  "家庭成员已在其他案卷或名册中",
	relief.CodeNotice:     "公示期未满，不能作出决定",
	relief.CodeEvidence:   "缺少项目要求的调查材料",
	relief.CodeMatch:      "缺少核对结果，或核对异常尚未处理",
	relief.CodeLate:       "已过办理期限",
	relief.CodeCorrupt:    "账本中的数据无法读取",

	relief.CodeSharedAccount: "多人共用一个未声明的账户",
}

// Refusal is a refusal in both languages: the contracts say in English what is wrong, and the code and the field say it
// in Chinese. A detail that has both languages already stays as it is.
func Refusal(e *relief.Error) string {
	words, ok := codeWords[e.Code]
	if !ok {
		words = "被账本拒绝"
	}
	zh := words + "。"
	if name := FieldName(e.Field); name != "" {
		zh = name + "：" + zh
	}
	return Both(zh, e.Detail).String()
}

// Coded is a refusal with its code and field before the sentence in both languages, in the form of relief.Error.
func Coded(e *relief.Error) string {
	return (&relief.Error{Code: e.Code, Field: e.Field, Detail: Refusal(e)}).Error()
}

// FieldName is a field's Chinese name with the name that the interface has for it; "" for no field. The field of a
// nested object is named from the outside in.
func FieldName(field string) string {
	if field == "" {
		return ""
	}
	var zh []string
	for part := range strings.SplitSeq(field, ".") {
		if word, ok := fieldWords[part]; ok {
			zh = append(zh, word)
		}
	}
	if len(zh) == 0 {
		return "字段 " + field
	}
	return strings.Join(zh, "的") + "（" + field + "）"
}

// FieldWord is a field's Chinese name; the name that the interface has for a field that has none.
func FieldWord(field string) string {
	if word, ok := fieldWords[field]; ok {
		return word
	}
	return field
}
