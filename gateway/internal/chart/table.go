package chart

import "relieftrail/gateway/internal/bilingual"

// All has every chart, in the order in which they are shown. Charts of alerts, complaints, findings and visits have no records yet and are
// not among them.
var All = []Chart{
	{
		Code: Progress, Form: Bars, Programme: true, Period: true,
		Title: bilingual.Text{Zh: "本期发放进度", En: "How far the payments of a period are"},
		Reading: bilingual.Text{
			Zh: "每户（人）只计一次，按其最近一笔支付所处的环节。到账以外的都还没有拿到钱；退回后重发的，计在重发的那一笔。补差不计。",
			En: "Everybody counts once, by where their latest payment stands. Nobody but those credited has the money yet; who was paid again counts by that payment. Top-ups do not count.",
		},
		Columns: []Column{{"stands", "stands", Word, false}, {"people", "people", Integer, true}, {"sum", "yuan", Amount, false}},
	},
	{
		Code: Lateness, Form: Bars, Programme: true, Period: true, Wide: true, Public: true,
		Title: bilingual.Text{Zh: "晚几天到账", En: "Days between the pay-by day and the credit"},
		Reading: bilingual.Text{
			Zh: "已结账月份中，到账比应发日晚几天的户（人）数。0 为按时；没有到账的不在其中，见“十二个月”。",
			En: "Of closed months: how many people were credited how many days after the pay-by day. 0 is in time; who was not credited is not here but in the twelve months.",
		},
		Columns: []Column{{"days_late", "days late", Word, false}, {"people", "people", Integer, true}},
	},
	{
		Code: Money, Form: Stack, Period: true, Wide: true, Public: true,
		Title: bilingual.Text{Zh: "一年的资金在哪里", En: "Where the money of a year stands"},
		Reading: bilingual.Text{
			Zh: "下达、追加与收回的钱，等于其余各栏之和；差额不为零就是账本出了错。多个项目共用的资金写出所有项目。",
			En: "What was issued, topped up and recovered is the sum of the other columns; a difference that is not zero is a broken ledger. Money for several programmes names all of them.",
		},
		Columns: []Column{
			{"region", "region", Text, false}, {"programmes", "programmes", Text, false}, {"issued", "issued", Amount, false}, {"recovered", "recovered", Amount, false},
			{"allocated", "allocated", Amount, true}, {"reserved", "reserved", Amount, true}, {"paid", "paid", Amount, true}, {"in_return", "in return", Amount, true},
			{"refunded", "refunded", Amount, true}, {"taken_back", "taken back", Amount, true}, {"carried_over", "carried over", Amount, true},
			{"available", "available", Amount, true}, {"difference", "difference", Amount, false},
		},
	},
	{
		Code: Months, Form: Stack, Programme: true, Period: true, Wide: true, Public: true,
		Title: bilingual.Text{Zh: "十二个月：应发、按时、逾期、未到账", En: "Twelve months: due, in time, late, not credited"},
		Reading: bilingual.Text{
			Zh: "每月应发的户（人）数等于按时、逾期与未到账之和；漏列名单的也计为未到账。只有已结账的月份。",
			En: "Who was due in a month was paid in time, late or not yet; who was forgotten on the list counts as not credited. Only months that are closed.",
		},
		Columns: []Column{
			{"period", "period", Period, false}, {"due_payments", "due", Integer, false}, {"on_time", "in time", Integer, true}, {"late", "late", Integer, true},
			{"unpaid", "not credited", Integer, true}, {"due_sum", "yuan due", Amount, false},
		},
	},
	{
		Code: Places, Form: Tiles, Programme: true, Period: true, Public: true,
		Title: bilingual.Text{Zh: "各地保障情况", En: "Place by place"},
		Reading: bilingual.Text{
			Zh: "每个地方一格或一行，按代码排列，不是地图；数就写在格内或旁边。人均金额舍去不足一分的部分。",
			En: "A square or a row is a place, in order of their codes, and no map; its number stands in it or beside it. What a person got is cut to whole fen.",
		},
		Columns: []Column{
			{"region", "region", Text, false}, {"count", "people", Integer, false}, {"households", "households", Integer, false}, {"persons", "persons", Integer, false},
			{"sum", "yuan", Amount, true}, {"per_person", "yuan a person", Amount, false},
		},
	},
	{
		Code: Cases, Form: Stack,
		Title: bilingual.Text{Zh: "个案所处环节", En: "Cases by state"},
		Reading: bilingual.Text{
			Zh: "每个环节的个案数，其中已过办理期限的单列。", En: "How many cases are in each state, and how many of them are past the day by which they must be decided.",
		},
		Columns: []Column{{"state", "state", Word, false}, {"cases", "cases", Integer, false}, {"in_term", "in term", Integer, true}, {"overdue", "overdue", Integer, true}},
	},
	{
		Code: Rechecks, Form: Bars,
		Title: bilingual.Text{Zh: "待复核", En: "Re-checks that are due"},
		Reading: bilingual.Text{
			Zh: "复核到期的个案：已逾期、本月剩余和其后三个月。", En: "Cases whose re-check is overdue, due in the rest of this month, or in the three months after.",
		},
		Columns: []Column{{"due_in", "due in", Word, false}, {"cases", "cases", Integer, true}},
	},
	{
		Code: Returns, Form: Stack, Programme: true, Period: true,
		Title: bilingual.Text{Zh: "退回的支付及重发", En: "Payments that came back, and were paid again"},
		Reading: bilingual.Text{
			Zh: "银行退回的支付（含到账后退回），按退票原因；其中已重发到账与尚未到账的分列。",
			En: "Payments that the bank gave back, after the credit too, by its reason: paid again since, or not.",
		},
		Columns: []Column{{"return_reason", "reason", Text, false}, {"returned", "came back", Integer, false}, {"paid_again", "paid again", Integer, true}, {"not_again", "not paid again", Integer, true}},
	},
	{
		Code: Indicators, Form: Targets, Programme: true, Period: true, Wide: true, Public: true,
		Title: bilingual.Text{Zh: "指标与目标", En: "Indicators against targets"},
		Reading: bilingual.Text{
			Zh: "分子、分母和目标都来自账本，金额以分计；达到与否按原数比较，不按四舍五入后的值。没有数据的写“–”。",
			En: "Numerator, denominator and target are the ledger's, money in fen. Whether a target is met is decided by the full figures, not by the rounded ones. – is no value.",
		},
		Columns: []Column{
			{"indicator", "indicator", Word, false}, {"numerator", "numerator", Integer, false}, {"denominator", "denominator", Integer, false}, {"value", "value", Text, true},
			{"target", "target", Text, true}, {"met", "met", Word, false}, {"known_by", "known", Word, false},
		},
	},
	{
		Code: Lists, Form: Stack, Period: true, Wide: true, Public: true,
		Title: bilingual.Text{Zh: "名单公开情况", En: "Whether lists were published in time"},
		Reading: bilingual.Text{
			Zh: "每个已结账月份的名单：按期公开、逾期公开、逾期未公开、未到期、未提出。十二个月。",
			En: "The list of each closed month: published in time, late, missing, not due, or not proposed. Twelve months.",
		},
		Columns: []Column{
			{"period", "period", Period, false}, {"in_time", "in time", Integer, true}, {"published_late", "late", Integer, true}, {"not_published", "missing", Integer, true},
			{"not_due", "not due", Integer, true}, {"not_proposed", "not proposed", Integer, true},
		},
	},
}
