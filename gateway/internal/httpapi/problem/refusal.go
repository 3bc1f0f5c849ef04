package problem

import (
	"strings"
	"unicode"

	"relieftrail/chaincode/relief"
)

// refusal is what a code of the contracts means over HTTP, with the sentence that stands before the contracts' English one.
type refusal struct {
	kind *Kind
	zh   string
}

// refusals is the one map from the contracts' refusals to HTTP.
var refusals = map[relief.Code]refusal{
	relief.CodeInvalid:    {Invalid, "不符合规则"},
	relief.CodeNotFound:   {NotFound, "没有该记录，请核对编号"},
	relief.CodeConflict:   {Conflict, "已有不同的内容"},
	relief.CodeWrongState: {WrongState, "记录的当前状态不允许此操作"},
	relief.CodeForbidden:  {Forbidden, "操作人没有此项职责"},
	relief.CodeRegion:     {Region, "超出管辖区域"},
	relief.CodeSamePerson: {SamePerson, "经办人不得审批，请由另一名工作人员办理"},
	relief.CodeFunds:      {Funds, "可用资金少于所需金额"},
	relief.CodeTotals:     {Totals, "笔数或金额与控制总数不符"},
	relief.CodePending:    {Pending, "须先完成其他事项"},
	relief.CodeDuplicate:  {Duplicate, "家庭成员已在其他案卷或名册中"},
	relief.CodeNotice:     {NoticeNotOver, "公示期未满，不能作出决定"},
	relief.CodeEvidence:   {EvidenceMissing, "缺少项目要求的调查材料"},
	relief.CodeMatch:      {MatchMissing, "缺少核对结果，或核对异常尚未处理"},
	relief.CodeLate:       {Late, "已过办理期限"},
	relief.CodeCorrupt:    {Internal, "账本中的数据无法读取"},
}

// OfContracts lists the kinds that a refusal of the contracts may be, in the order of Kinds.
func OfContracts() []*Kind {
	var list []*Kind
	for _, k := range kinds {
		for _, r := range refusals {
			if r.kind == k && k != Internal {
				list = append(list, k)
				break
			}
		}
	}
	return list
}

func ofRefusal(e *relief.Error) Document {
	r, ok := refusals[e.Code]
	if !ok || r.kind == Internal {
		d := Internal.Bare()
		d.Field = e.Field
		return d
	}
	d := r.kind.Bare()
	d.Field = e.Field
	d.Detail = Refusal(e)
	return d
}

// Refusal is a refusal in both languages: the contracts say in English what is wrong, and the code and the field say it
// in Chinese. A detail that has both languages already stays as it is.
func Refusal(e *relief.Error) string {
	if inBoth(e.Detail) {
		return e.Detail
	}
	zh := refusals[e.Code].zh + "。"
	if name := FieldName(e.Field); name != "" {
		zh = name + "：" + zh
	}
	return Text{zh, e.Detail}.String()
}

// Both gives a text in both languages back as it is, and puts the Chinese sentence before one that is English only.
func Both(zh, text string) Text {
	if inBoth(text) {
		first, second, _ := strings.Cut(text, separator)
		return Text{first, second}
	}
	return Text{zh, text}
}

func inBoth(text string) bool {
	zh, en, ok := strings.Cut(text, separator)
	return ok && en != "" && strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) })
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
