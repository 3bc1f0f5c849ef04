package bankfile

import (
	"fmt"
	"strings"
)

// inChinese is a refusal's words in Chinese, for its words in English; "" for words that are not here.
func inChinese(format string, args []any) string {
	zh := chinese[format]
	if !strings.Contains(zh, "%") {
		return zh
	}
	return fmt.Sprintf(zh, args...)
}

// chinese are the refusals of a bank's file, by their words in English.
var chinese = map[string]string{ //nolint:gosec // words, no credentials
	// of every file
	"the file is larger than the limit":                  "文件超过大小限制",
	"the file is empty":                                  "文件为空",
	"a line has more than %d bytes":                      "有一行超过 %d 字节",
	"an amount must be written in digits such as 620.00": "金额须以数字书写，如 620.00",
	"an amount is too large":                             "金额过大",
	"an amount has a fraction of a fen":                  "金额不足一分",
	"the message has more than %d entries":               "报文超过 %d 条分录",
	"the sum of the message's amounts is too large":      "报文金额合计过大",

	// of lists
	"the list is empty":                                                "清单为空",
	"the header names a column twice":                                  "表头有重复的列名",
	"the header lacks the column %s":                                   "表头缺少列“%s”",
	"the list cannot be written in the encoding of the bank's profile": "清单无法按银行格式的编码写出",

	// of XML
	"the XML declaration states %s, and the file's text is in UTF-8: have the bank write it again":   "XML 声明的编码为 %s，文件内容却是 UTF-8：请银行重新出具",
	"the XML declaration states %s, and the file's bytes are not in it":                              "XML 声明的编码为 %s，与文件内容不符",
	"the encoding that the XML declaration states is not known; UTF-8, UTF-16 and GB18030 are":       "XML 声明的编码无法识别；可用 UTF-8、UTF-16 和 GB18030",
	"the file has %s, and its XML declaration states another encoding: have the bank write it again": "文件的字节序标记或编码与 XML 声明矛盾：请银行重新出具",
	"the file is not in the encoding that its XML declaration states, or in UTF-8 if it states none": "文件内容与 XML 声明的编码不符；未声明的须为 UTF-8",
	"the XML declaration states another version than 1.0: have the bank write version 1.0":           "XML 声明的版本不是 1.0：请银行按 1.0 版出具",
	"the file has two XML declarations: it holds more than one message, or was put together wrongly": "文件有两个 XML 声明：含有多份报文，或拼接有误",
	"the file is not well-formed XML, or it is cut off":                                              "文件不是完整的 XML，或被截断",
	"the file is not XML":                                                                         "文件不是 XML",
	"the file is cut off":                                                                         "文件被截断",
	"there is text between elements":                                                              "元素之间有多余的文字",
	"there is content after the message":                                                          "报文之后还有内容",
	"document types and entities are not allowed":                                                 "不允许文档类型（DOCTYPE）和实体",
	"a text or tag has more than %d bytes":                                                        "有一段文字或标签超过 %d 字节",
	"a text has more than %d bytes":                                                               "有一段文字超过 %d 字节",
	"elements are nested more than %d deep":                                                       "元素嵌套超过 %d 层",
	"the message has more than %d elements":                                                       "报文超过 %d 个元素",
	"the supplementary data (SplmtryData) are too large":                                          "补充数据（SplmtryData）过大",
	"the file has no element Document of an ISO 20022 message":                                    "文件中没有 ISO 20022 报文（Document）",
	"the element Document must be in the namespace of an ISO 20022 message":                       "元素 Document 的命名空间须为 ISO 20022 报文",
	"an element has another namespace than the message":                                           "有元素的命名空间与报文不同",
	"the file holds more than one message: send each in a file of its own":                        "文件含有多份报文：请每份单独成文件",
	"the message must be pain.002 (001.03 to 001.14), or camt.053 or camt.054 (001.02 to 001.13)": "报文须为 pain.002（001.03 至 001.14）、camt.053 或 camt.054（001.02 至 001.13）",
	"the message is camt.052, a report within the day that may still change: send the day's statement, camt.053": "这是日间报告 camt.052，内容还会变动：请用当日对账单 camt.053",

	// of messages
	"the message has no GrpHdr/MsgId":                       "报文没有编号（GrpHdr/MsgId）",
	"GrpHdr/MsgId must have 1 to 35 characters":             "报文编号（GrpHdr/MsgId）须为 1 至 35 个字符",
	"OrgnlMsgId must have 1 to 35 characters":               "原报文编号（OrgnlMsgId）须为 1 至 35 个字符",
	"OrgnlNbOfTxs must be a number":                         "原笔数（OrgnlNbOfTxs）须为数字",
	"a balance must have an amount in CNY and CRDT or DBIT": "余额须有人民币金额和借贷标志（CRDT 或 DBIT）",
	"a statement's sequence number cannot be read":          "对账单序号无法读取",
	"a page number cannot be read":                          "页码无法读取",
	"a statement lacks a valid Id or account":               "对账单缺少有效的编号或账号",

	// of MT940
	"the file has no statement":                               "文件中没有对账单",
	"the file has zero bytes: it is in UTF-16, or is no text": "文件含有零字节：是 UTF-16 编码，或不是文本",
	"the message is MT942, a report within the day that may still change: send the day's statement, MT940":      "这是日间报告 MT942，内容还会变动：请用当日对账单 MT940",
	"the message is not MT940, the statement of an account":                                                     "报文不是账户对账单 MT940",
	"the file has text outside of the fields of MT940":                                                          "MT940 的字段之外还有文字",
	"a field has more than %d bytes":                                                                            "有一个字段超过 %d 字节",
	"a field stands before :20:, with which a statement begins":                                                 "对账单应以 :20: 开始，其前还有字段",
	"an entry stands outside of the opening and the closing balance (:60F:, :62F:)":                             "有分录（:61:）在期初与期末余额（:60F:、:62F:）之外",
	"a statement lacks its reference (:20:), of at most 35 characters":                                          "对账单缺少编号（:20:），至多 35 个字符",
	"a statement's number (:28C:) cannot be read":                                                               "对账单序号（:28C:）无法读取",
	"a statement has two opening balances":                                                                      "对账单有两个期初余额",
	"a statement has two closing balances":                                                                      "对账单有两个期末余额",
	"a closing balance (:62F:) stands before the opening balance (:60F:)":                                       "期末余额（:62F:）在期初余额（:60F:）之前",
	"a statement's balances are in two currencies":                                                              "对账单的余额有两种货币",
	"a balance (:60F:, :62F:) cannot be read: C or D, the day as YYMMDD, the currency, the amount with a comma": "余额（:60F:、:62F:）无法读取：依次为 C 或 D、日期（年月日各两位）、币种、金额（小数用逗号）",
	"a balance's day is none":                                                                                   "余额的日期不存在",
	"a statement lacks its account (:25:) or a balance (:60F:, :62F:), or the file is cut off":                  "对账单缺少账号（:25:）或余额（:60F:、:62F:），或文件被截断",

	// of payment files
	"the %s must have %d to %d characters": "支付文件的 %s 须为 %d 至 %d 个字符",
	"there is no transfer":                 "没有转账",
	"transfer %s cannot be written: name, account, bank or text has a character that XML does not have": "转账 %s 无法写出：姓名、账号、开户行或附言有 XML 不允许的字符",
	"transfer %s cannot be written: name, account, bank, text or amount is missing or too long":         "转账 %s 无法写出：姓名、账号、开户行、附言或金额缺失或过长",
	"the message must be pain.001.001.09 or pain.001.001.10":                                            "报文须为 pain.001.001.09 或 pain.001.001.10",
	"a transfer lacks its EndToEndId or its amount":                                                     "有转账缺少端到端编号或金额",
	"CreDtTm must be a time with an offset (RFC 3339)":                                                  "生成时间（CreDtTm）须为带时区的时间",
	"ReqdExctnDt must be a date":                                                                        "执行日期（ReqdExctnDt）须为日期",
	"an EndToEndId is not the id of a payment":                                                          "端到端编号不是支付编号",
	"an amount is not in CNY":                                                                           "金额不是人民币",
	"the file has more than %d transfers":                                                               "文件超过 %d 笔转账",
	"GrpHdr lacks MsgId or NbOfTxs":                                                                     "报文头缺少编号或笔数",
	"NbOfTxs differs from the number of transfers":                                                      "笔数（NbOfTxs）与转账数不符",
	"CtrlSum differs from the sum of the transfers":                                                     "合计（CtrlSum）与转账金额不符",
}
