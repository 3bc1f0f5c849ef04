package lists

import (
	"strings"

	"relieftrail/chaincode/relief"
)

// states are the states of records in Chinese.
var states = map[string]string{
	"open": "待签批", "effective": "已生效", "withdrawn": "已撤回", "drafted": "草案", "in_force": "生效", "superseded": "已被取代", "ended": "已终止",
	"issued": "已下达", "closed": "已关闭", "begun": "签署中", "signed": "已签署", "recorded": "已登记", "confirmed": "已确认", "refused": "已拒绝",
	"proposed": "待确认", "declared": "已声明", "erased": "已删除", "resealed": "已重新封存", "linked": "已关联", "held": "保全中", "lifted": "已解除", "active": "在岗",
	"retired": "已停用", "found": "已发现", "taken_up": "已受理", "dismissed": "已排除", "settled": "已结清", "resolved": "已处理",
	"committed": "已生效", "invalid": "未生效", "done": "已完成", "failed": "失败", "received": "已接收", "working": "处理中",
}

var certificateStates = map[string]string{"valid": "有效", "ending": "即将到期", "ended": "已到期", "revoked": "已吊销", "retired": "已停用"}

// listStates are the states of published lists in Chinese.
var listStates = map[string]string{"proposed": "待审定", "shown": "公开中", "changing": "更正待审定", "down": "已撤下"}

// paymentStates are the states of payments, and of their batches, in Chinese.
var paymentStates = map[string]string{ //nolint:gosec // words, no credentials
	"listed": "已列入", "sealed": "已封存", "approved": "已审批", "authorised": "已授权", "instructed": "已发往银行", "closed": "已关闭",
	"cancelled": "已取消", "credited": "已到账", "returned": "已退回", "reversed": "到账后退回", "open": "编制中",
}

var caseStates = map[string]string{
	"applied": "待调查核对", "noticed": "公示中", "objected": "有异议", "answered": "异议已答复", "in_force": "在册", "reviewed": "复核待确认",
	"suspended": "已暂停", "refused": "不予确认", "refusal_appealed": "对不予确认申诉", "exited": "已退出", "exit_appealed": "对退出申诉",
	"moved_out": "已迁出", "withdrawn": "已撤回", "closed": "已办结", "helped": "先行救助", "granted": "已救助", "revoked": "县级未确认，已撤销",
}

var rollStates = map[string]string{"in_force": "在册", "exited": "已退出"}

var exitReasons = map[string]string{
	"death": "死亡", "income": "收入变化", "moved": "迁出", "voluntary": "自愿退出", "ineligible": "不再符合条件", "other": "其他", "succeeded": "转入新序号",
}

var paymentKinds = map[string]string{"regular": "当期", "arrears": "补发", "top_up": "补差", "grant": "一次性"}

var purposes = map[string]string{"regular": "当期发放", "pay_again": "重发"}

// Residences are the words for where a household lives, as a budget has them.
var Residences = map[string]string{"urban": "城市", "rural": "农村"}

var origins = map[string]string{"central": "中央", "provincial": "省级", "city": "市级", "county": "县级"}

var changeKinds = map[string]string{
	"payee": "更正收款人信息", "exit": "退出", "suspend": "暂停", "resume": "恢复", "terms": "调整待遇", "residence": "变更城乡类别", "head": "更换户主", "move": "县内迁移",
	"move_out": "迁出", "move_in": "迁入",
}

// joined writes several values in one cell.
func joined[S ~string](values []S) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, " ")
}

// lastAct is who did the last act on a record, AGENCY/NAME.
func lastAct(acts []relief.HistoryEntry) string {
	if len(acts) == 0 {
		return ""
	}
	by := acts[len(acts)-1].By
	return by.Agency + "/" + by.Name
}
