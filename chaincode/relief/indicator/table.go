package indicator

// Code names an indicator.
type Code string

// The indicators.
const (
	BudgetExecution      Code = "budget_execution"
	BudgetExecutionFirst Code = "budget_execution_first"
	Unspent              Code = "unspent"
	PassedDown           Code = "passed_down"
	Timeliness           Code = "timeliness"
	TimelinessAmount     Code = "timeliness_amount"
	ByClass              Code = "by_class"
	SocialPayment        Code = "social_payment"
	ReturnedAgain        Code = "returned_again"
	Published            Code = "published"
	Decision             Code = "decision"
	Recheck              Code = "recheck"
	ExitDeath            Code = "exit_death"
	Accuracy             Code = "accuracy"
	AccuracyKnown        Code = "accuracy_known"
	Coverage             Code = "coverage"
	CoverageKnown        Code = "coverage_known"
	LevelHousehold       Code = "level_household"
	LevelPerson          Code = "level_person"
	Satisfaction         Code = "satisfaction"
)

// Known says how a value is known.
type Known string

// How values are known.
const (
	ByChaincode Known = "chaincode" // three endorsers computed the facts
	Agreed      Known = "agreed"    // every agency's index gives the same
	Sampled     Known = "sampled"   // by a sample, with an interval
	Told        Known = "told"      // by a department's signed statement
)

// Unit is what a value is.
type Unit string

// The units.
const (
	Percent Unit = "percent"
	Yuan    Unit = "yuan" // for each of the denominator; the numerator is fen
)

// Part is the part of a score to which an indicator belongs.
type Part string

// The parts of a score, as the budget's performance tables have them (预算执行、产出、效益、满意度).
const (
	Execution Part = "execution"
	Output    Part = "output"
	Benefit   Part = "benefit"
	Content   Part = "satisfaction"
)

// Parts are the parts in their order.
var Parts = []Part{Execution, Output, Benefit, Content}

// Definition describes an indicator.
type Definition struct {
	Code   Code
	Known  Known
	Unit   Unit
	Part   Part
	AtMost bool // its target is an upper bound
	Zh, En string
	// What the numerator and the denominator count.
	NumZh, NumEn, DenZh, DenEn string
	// From is the sentence of the law or of practice that it follows.
	From string
}

// Table has all indicators, in the order in which they are shown.
var Table = []Definition{
	{BudgetExecution, ByChaincode, Percent, Execution, false, "资金执行率（按调整后预算）", "Budget execution (against the adjusted budget)",
		"已支付与当年退回上级的资金", "paid, and refunded within the year", "当年到账资金", "what came to the tranches of the year", "预算绩效自评表"},
	{BudgetExecutionFirst, ByChaincode, Percent, Execution, false, "资金执行率（按首次下达）", "Budget execution (against what was first issued)",
		"已支付资金", "paid", "首次下达资金", "first issued", "预算绩效自评表"},
	{Unspent, ByChaincode, Percent, Execution, true, "结余率", "Unspent", "可用、已占用与结转资金", "available, reserved or carried over",
		"当年到账资金", "what came to the tranches of the year", "结余数／预算数"},
	{PassedDown, ByChaincode, Percent, Execution, false, "下达及时率", "Passed down in time", "30 日内下达或使用的资金", "tranches allocated or used within 30 days",
		"到期的资金批次", "tranches", "预算法 §52"},
	{Timeliness, ByChaincode, Percent, Output, false, "发放及时率", "Timeliness", "应发日（含）前到账的户（人）", "credited by the pay-by day",
		"应发的户（人），漏发的也在内", "due, whether listed or not", "R34"},
	{TimelinessAmount, ByChaincode, Percent, Output, false, "发放及时率（金额）", "Timeliness by amount", "应发日（含）前到账的金额", "yuan credited by the pay-by day",
		"应发金额", "yuan due", "R34"},
	{ByClass, ByChaincode, Percent, Output, false, "按标准发放比率", "Paid by the class amounts", "按类别标准发放的笔数", "payments by the amounts of their classes",
		"到账笔数", "payments credited", "低保绩效评价表"},
	{SocialPayment, ByChaincode, Percent, Output, false, "社会化发放率", "Paid through banks", "存入银行账户的笔数", "payments to bank accounts", "到账笔数", "payments credited", "一卡通"},
	{ReturnedAgain, ByChaincode, Percent, Output, false, "退票重发率", "Returned payments paid again", "退票后重新到账", "credited again",
		"曾退票的户（人）", "of those whose payment came back", "一卡通"},
	{Published, Agreed, Percent, Output, false, "公示及时率", "Lists published in time", "按期公开的名单", "lists published in time", "到期的名单", "lists due", "政府信息公开条例 §26"},
	{Decision, Agreed, Percent, Output, false, "按时办结率", "Decided in time", "按期作出的决定", "decisions in time", "到期的申请", "applications whose decision was due", "民发〔2021〕57号 §22"},
	{Recheck, Agreed, Percent, Output, false, "按期复核率", "Re-checked in time", "按期确认的复核", "re-checks confirmed in time", "到期的复核", "re-checks due", "民发〔2021〕57号 §31"},
	{ExitDeath, Agreed, Percent, Output, false, "应退尽退（死亡）", "Deaths settled in time", "三个月内处理的死亡", "deaths settled within three months",
		"到期的死亡记录", "deaths recorded whose three months are over, or settled", "民政部等 2022-10-20 通知"},
	{Accuracy, Sampled, Percent, Output, false, "对象准确率（抽查）", "Accuracy (sampled)", "", "", "", "", "R34"},
	{AccuracyKnown, Agreed, Percent, Output, false, "对象准确率（台账）", "Accuracy as far as known", "减去已发现多发的户（人）", "less those found to be paid too much",
		"到账的户（人）", "credited", "R34"},
	{Coverage, Told, Percent, Benefit, false, "救助覆盖率", "Coverage", "", "", "", "", "R34"},
	{CoverageKnown, Agreed, Percent, Benefit, false, "应保尽保（台账）", "Coverage as far as known", "期末获救助的户", "households helped at the end",
		"加上逾期未处理的需求与申请", "with needs, applications and reversed appeals that wait too long", "R34"},
	{LevelHousehold, ByChaincode, Yuan, Benefit, false, "户均补助水平", "Yuan a household", "到账金额", "yuan credited", "获救助的户", "households", "补助水平，四舍五入到分"},
	{LevelPerson, ByChaincode, Yuan, Benefit, false, "人均补助水平", "Yuan a person", "到账金额", "yuan credited", "获救助的人", "persons", "补助水平，四舍五入到分"},
	{Satisfaction, Sampled, Percent, Content, false, "群众满意度", "Satisfaction", "", "", "", "", "R34"},
}

// Of is the definition of an indicator; nil for none.
func Of(code Code) *Definition {
	for i := range Table {
		if Table[i].Code == code {
			return &Table[i]
		}
	}
	return nil
}
