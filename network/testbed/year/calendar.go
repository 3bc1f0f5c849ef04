package year

import "relieftrail/network/testbed/reckoning"

// everyMonth is the part of the year that every month belongs to: lists, payments and the comparison of the books.
const everyMonth = 2

// titles are the parts of the year in Chinese and English.
var titles = map[int][2]string{
	1:  {"导入490户，由另一人确认，其中一行是他人的卡", "490 households imported by two; one row has another's card"},
	2:  {"十二个月", "twelve months"},
	3:  {"三月核定、自二月起，四月一笔发放", "granted in March from February, one transfer in April"},
	4:  {"七月提标，自一月起补差", "a standard raised in July from January"},
	6:  {"七月去世、十一月得知", "a death in July recorded in November"},
	7:  {"户主去世，配偶接任", "the head dies, the spouse is head"},
	8:  {"多发300元，分三次抵扣", "300.00 too much, three deductions"},
	9:  {"一月两张医疗票据", "two medical bills in one month"},
	10: {"乡镇当日决定急难救助", "an emergency that the township decides"},
	14: {"乡镇合并", "one township takes over another"},
	15: {"同一人在两县", "one person in two counties"},
	16: {"身份证号更正", "a corrected identity number"},
	20: {"季度中间进入", "an entry in the second month of a quarter"},
	5:  {"五月退票，两人换卡后补发", "May's payment comes back; two change the card"},
	12: {"银行整批退回支付文件", "the bank refuses a whole payment file"},
	17: {"一次性救助不重复", "once is once"},
	18: {"清单的姓名、卡号、人数、区划有误", "a list with a wrong name, card, number of persons and village"},
	21: {"经办人休假，批次移交更正", "the preparer is on leave; the batch is handed over and corrected"},
	22: {"集中供养共用账户", "residents of a home share an account"},
	23: {"三本名册的价格临时补贴，不重复", "a price subsidy from three rolls, nobody twice"},
	24: {"年度与发放期", "fiscal years and periods"},
	19: {"专户余额核对", "the bank's balance and the ledger's"},
	11: {"一笔款三个来源", "one payment from three tranches"},
	13: {"从乡镇收回资金，年终结转和决算", "money taken back from a township, carried over, the year's end signed"},
}

// monthOfYear is a month of the year and what happens in it, in its order.
type monthOfYear struct {
	month reckoning.Month
	steps []step
}

// monthNumber is a month of 2026, the year that is lived, or of 2027 from 13 on.
func monthNumber(n int) reckoning.Month { return reckoning.Month(2026*12 + n - 1) }

// calendar is the year.
func (c *County) calendar() []monthOfYear {
	regular := step{everyMonth, c.regularMonth}
	return []monthOfYear{
		{monthNumber(1), []step{{everyMonth, c.begin}, {1, c.importByTwo}, regular}},
		{monthNumber(2), []step{{21, c.onLeave}}},
		{monthNumber(3), []step{{everyMonth, c.threeTownships}, {3, c.grantedFromFebruary}}},
		{monthNumber(4), []step{{8, c.putRight}, {18, c.wrongColumns}, {3, c.paidInApril}}},
		{monthNumber(5), []step{{5, c.mayComesBack}}},
		{monthNumber(6), []step{{5, c.paidToNewCard}, regular, {8, c.threeDeductions}, {7, c.headDied}, {12, c.fileRefused}}},
		{monthNumber(7), []step{{4, c.standardRaised}, {17, c.once}}},
		{monthNumber(8), []step{{everyMonth, c.monthDue()}, {17, c.onceAgain}, {23, c.priceSubsidy}}},
		{monthNumber(9), []step{{everyMonth, c.monthDue()}, {20, c.quarter}, {11, c.threeSources}, {19, c.balanceHeld}, {22, c.sharedAccounts}}},
		{monthNumber(10), []step{{everyMonth, c.monthDue(diesReturned)}, {15, c.twoCounties}}},
		{monthNumber(11), []step{{6, c.diedInJuly}, {16, c.numberCorrected}, {everyMonth, c.monthDue()}, {15, c.paidElsewhere}, {9, c.bills}, {10, c.emergency}}},
		{monthNumber(12), []step{{everyMonth, c.monthDue(households - 1)}, {24, c.bounds}, {13, c.takenBack}, {14, c.townshipMerged}}},
	}
}
