package problem

import "relieftrail/gateway/internal/bilingual"

// Text is one sentence in both languages.
type Text bilingual.Text

// String writes "Chinese · English", the form of titles and details.
func (t Text) String() string { return bilingual.Text(t).String() }

// Kind is one kind of problem. Each has its page at /problems/SLUG.
type Kind struct {
	Slug   string
	Status int
	Title  Text
	Help   Text // what the caller can do
}

// Kinds lists every kind, in the order of this file.
func Kinds() []*Kind { return kinds }

var kinds []*Kind

func register(slug string, status int, title, help Text) *Kind {
	k := &Kind{Slug: slug, Status: status, Title: title, Help: help}
	kinds = append(kinds, k)
	return k
}

// URI is the type of the problem document; a caller may branch on it.
func (k *Kind) URI() string { return "/problems/" + k.Slug }

// Requests that cannot be read, or come from nobody who is known.
var (
	Malformed = register("malformed-json", 400,
		Text{"请求内容不是有效的 JSON", "The body is not valid JSON"},
		Text{
			"请发送一个 UTF-8 编码的 JSON 文档，字段名不得重复，文档之后不得有其他内容。",
			"Send one JSON document in UTF-8, without repeated names and with nothing after it.",
		})
	KeyMissing = register("idempotency-key", 400,
		Text{"缺少有效的 Idempotency-Key", "The Idempotency-Key is missing or not valid"},
		Text{
			"请在请求头 Idempotency-Key 中填写 1 至 128 个可见 ASCII 字符：每项操作用新的值，重发同一请求时用原来的值。",
			"Send a header Idempotency-Key of 1 to 128 visible ASCII characters, a new one for each act; " +
				"send the same one again when you repeat a request.",
		})
	Unreadable = register("unreadable-body", 400,
		Text{"请求内容无法读取", "The body cannot be read"},
		Text{
			"请求内容不完整，或与请求头所述不符，请重新发送。",
			"The body was cut off or is not what its headers say. Send it again.",
		})
	Unauthenticated = register("unauthenticated", 401,
		Text{"未认证", "Not authenticated"},
		Text{
			"请在请求头 Authorization: Bearer TOKEN 中填写本人的令牌。",
			"Send a header Authorization: Bearer TOKEN with the token of your principal.",
		})
)

// AccessEnded is for callers who are known, but may not act any more.
var AccessEnded = register("access-ended", 401,
	Text{"访问权已终止", "Access has ended"},
	Text{
		"令牌或证书已到期或被吊销，请联系本部门的系统管理员。",
		"The token or certificate has expired or was revoked. Ask your agency's operator.",
	})

// Acts and reads that are not the caller's.
var (
	Forbidden = register("forbidden", 403,
		Text{"没有此项职责", "Not among the caller's duties"},
		Text{
			"此操作属于其他部门或其他岗位，职责见 GET /v1/registry。",
			"The act belongs to another agency or role. GET /v1/registry shows the duties.",
		})
	Region = register("outside-region", 403,
		Text{"超出管辖区域", "Outside the region"},
		Text{
			"该记录不在操作人或上级记录的管辖区域内。",
			"The record lies outside the caller's region or its parent's.",
		})
	SignInRefused = register("sign-in-refused", 403,
		Text{"未能登录", "Not signed in"},
		Text{
			"统一身份认证未确认身份，或登录用时过长，请从本网关的页面重新登录。仍不成功时请联系本部门的系统管理员。",
			"The agency's provider did not say who you are, or signing in took too long. Begin again on this gateway's page, or ask your agency's operator.",
		})
	CrossSite = register("cross-site", 403,
		Text{"请求不是由本系统的页面发出", "Not asked by a page of this gateway"},
		Text{
			"带会话 Cookie 的请求须由本网关的页面发出，写操作还须在请求头 X-CSRF-Token 中附上 GET /session 给出的 csrf。",
			"A request with a session's cookie comes from this gateway's pages, and one that writes has the csrf of GET /session in X-CSRF-Token.",
		})
	SamePerson = register("same-person", 403,
		Text{"经办人不得审批", "The preparer may not approve"},
		Text{"请由另一名工作人员审批。", "Another person has to approve."})
	ReceiptsElsewhere = register("not-this-gateway", 403,
		Text{"回执由财政部门的网关出具", "Receipts are made by finance's gateway"},
		Text{
			"只有持有回执盐值密钥的网关才能出具回执，请向财政部门的网关查询。",
			"Only the gateway that holds the key of the receipts' salts can make them: ask finance's.",
		})
)

// Records, files and paths that are not there.
var (
	NotFound = register("not-found", 404,
		Text{"没有该记录", "No such record"},
		Text{"请核对编号。", "Check the id."})
	NotInLog = register("not-in-log", 404,
		Text{"账本中没有这个哈希", "The log has no such hash"},
		Text{
			"叶子哈希为 64 位十六进制数字，印在回执上。各部门共同签名之后，支付才进入账本。",
			"A leaf's hash has 64 hexadecimal digits and is printed on the receipt. " +
				"A payment is in the log once all agencies have signed it.",
		})
	NoPath = register("unknown-path", 404,
		Text{"没有该地址", "No such path"},
		Text{"全部地址见 /docs。", "The paths are listed at /docs."})
	KeptElsewhere = register("kept-elsewhere", 404,
		Text{"文件保存在其他部门", "Another agency keeps the file"},
		Text{
			"文件由登记该材料的工作人员所在部门保存，请向该部门查询。",
			"Files stay with the agency whose official recorded them. Ask that agency.",
		})
	FileErased = register("file-erased", 410,
		Text{"文件已依法清除", "The file was erased"},
		Text{
			"对象的个人信息已清除，载有其信息的文件同时清除；账本记录仍然保留。",
			"A person's details were erased, and the files that have them, too. The record on the ledger stays.",
		})
	MethodNotAllowed = register("method-not-allowed", 405,
		Text{"该地址不支持此方法", "The path does not take this method"},
		Text{"可用的方法见响应头 Allow。", "The header Allow names the methods."})
	NotAcceptable = register("not-acceptable", 406,
		Text{"不支持所要求的格式", "None of the accepted formats is offered"},
		Text{"该地址可用的格式见 /docs。", "See /docs for the formats of the path."})
)

// Acts that the state of the records does not allow.
var (
	Conflict = register("conflict", 409,
		Text{"编号已被占用", "The id is taken"},
		Text{
			"使用此编号的记录内容不同。请换一个编号，或先查看该记录。",
			"A record with this id has other content. Choose another id, or read the record.",
		})
	WrongState = register("wrong-state", 409,
		Text{"当前状态不允许此操作", "The state does not allow this act"},
		Text{
			"请查看该记录，其状态说明可以进行哪些操作。",
			"Read the record: its state says which acts are possible.",
		})
	Funds = register("insufficient-funds", 409,
		Text{"资金不足", "Not enough funds"},
		Text{
			"该笔资金的可用余额少于此操作所需金额。",
			"The tranche has less available than the act needs.",
		})
	Totals = register("control-totals", 409,
		Text{"与控制总数不符", "Differs from the control totals"},
		Text{
			"明细的笔数或金额与建立批次时的控制总数不符。请补充缺少的明细，或撤销该批次。",
			"Count or sum of the lines differ from what the batch was opened with. " +
				"Add the missing lines, or cancel the batch.",
		})
	SharedAccount = register("shared-account", 409,
		Text{"多人共用未声明的账户", "Several people share an account that is not declared"},
		Text{
			"同一批次中多人的款项发往同一账户，说明中列出名册序号。请更正账户，或先声明机构或监护人的共用账户（POST /v1/accounts）。",
			"Several people of the batch are paid to one account; the detail names roll numbers. Correct the accounts, or declare the " +
				"institution's or guardian's account first (POST /v1/accounts).",
		})
	Pending = register("pending", 409,
		Text{"尚有未完成事项", "Something must be finished first"},
		Text{"请等待或先完成说明中所列的事项。", "Wait for, or finish, what the detail names."})
	NotYet = register("not-yet", 409,
		Text{"尚未完成签名，请稍后重试", "Not cosigned by all agencies yet"},
		Text{"请在 Retry-After 所示时间之后重试。", "Ask again as Retry-After says."})
	Duplicate = register("duplicate", 409,
		Text{"重复申报", "Helped, or applying, elsewhere"},
		Text{
			"家庭中有成员已在其他案卷或名册中，与本项目不能同时享受，详见说明。",
			"Somebody of the household is in another case, or on a roll, that does not go together with this programme. " +
				"The detail says which.",
		})
	NoticeNotOver = register("notice-not-over", 409,
		Text{"公示期未满", "The public notice is not over"},
		Text{
			"公示期满之后才能作出决定，任何人不得缩短公示期。",
			"The decision waits until the notice is over; nobody can shorten it.",
		})
	EvidenceMissing = register("evidence-missing", 409,
		Text{"缺少必需的调查材料", "Required evidence is missing"},
		Text{"请补充说明中所列的材料。", "Add the evidence that the detail names."})
	MatchMissing = register("match-missing", 409,
		Text{"信息核对未完成", "A match is missing or adverse"},
		Text{
			"请补充说明中所列的核对结果，或答复核对异常。",
			"Add the statement that the detail names, or answer the adverse finding.",
		})
	Late = register("too-late", 409,
		Text{"已过期限", "The time for this is over"},
		Text{"最后期限见说明。", "The detail says until when it was possible."})
	RecordUnreadable = register("record-unreadable", 409,
		Text{"账本中的这项数据无法读取", "The record cannot be read"},
		Text{
			"账本中保存的内容无法解析，在修复之前不提供旧内容。全部无法读取的数据见 GET /v1/unreadable；三个部门一致同意后可以修复（登记册提议中的 repair）。",
			"What the ledger holds cannot be parsed, and what was there before is not given instead. GET /v1/unreadable lists such values; " +
				"all three agencies together can replace them (repair in a proposal to the registry).",
		})
	FileLost = register("file-lost", 409,
		Text{"文件缺失或已被改动", "The file is lost or was changed"},
		Text{
			"与账本哈希不符的内容一律不提供。请将 instance 告知运维人员：可从备份恢复该文件，哈希相符后即可再次提供；" +
				"没有备份的，请重新上传材料并登记为新的调查材料。",
			"Nothing that does not fit the ledger's hash is given. Tell the operator the instance: the object can be put back " +
				"from a backup, and is given again once its hash fits. Without one, upload the paper again and record it as a " +
				"new piece of evidence.",
		})
)

// Bodies and files that are not taken.
var (
	TooLarge = register("too-large", 413,
		Text{"请求内容过大", "The body is too large"},
		Text{
			"请减少每次发送的内容；名单可以拆分为多个文件。",
			"Send less at a time; a list may be split into several files.",
		})
	MediaType = register("unsupported-media-type", 415,
		Text{"不支持的内容类型", "The content type is not supported"},
		Text{"该地址接受的类型见 /docs。", "See /docs for the types of the path."})
	OutsideRange = register("outside-range", 416,
		Text{"所要求的范围不在文件内", "The range is not in the file"},
		Text{"请按 Content-Range 所示的长度修改 Range，或不用 Range 下载整个文件。", "Content-Range says how long the file is; without Range it comes whole."})
	Invalid = register("invalid", 422,
		Text{"输入不符合规则", "The input breaks a rule"},
		Text{"请按 field 和说明修改。", "The field and the detail say what to change."})
	BadFile = register("invalid-file", 422,
		Text{"文件不能使用", "The file cannot be used"},
		Text{
			"文件内容没有被采用，整个文件的问题见说明。",
			"Nothing of the file was taken. The detail says what is wrong with the file as a whole.",
		})
	KeyReused = register("idempotency-key-reused", 422,
		Text{"Idempotency-Key 已用于其他请求", "The Idempotency-Key was used for another request"},
		Text{"请为新的请求使用新的 Idempotency-Key。", "Use a new Idempotency-Key for another request."})
	TooMany = register("too-many-requests", 429,
		Text{"请求过于频繁", "Too many requests"},
		Text{"请在 Retry-After 所示时间之后重试。", "Wait as Retry-After says."})
	LookUpsSpent = register("look-ups-spent", 429,
		Text{"今日身份证号查询次数已用完", "No look-ups of identity numbers are left for today"},
		Text{
			"请于次日再查；确需更多的，请单位调整设置 limits.lookups。查询均有记录。",
			"Go on tomorrow; an office that needs more has the setting limits.lookups raised. Look-ups are recorded.",
		})
	TooManyFiles = register("too-many-files", 429,
		Text{"已上传而未登记的文件过多", "Too many files that no act has recorded"},
		Text{
			"请先将已上传的文件登记到案卷（POST /v1/cases/{id}/evidence）；未登记的文件数日后自动删除。",
			"Record the uploaded files (POST /v1/cases/{id}/evidence) first. Files that are not recorded are deleted after some days.",
		})
)

// Trouble of the gateway or of what it needs.
var (
	Internal = register("internal", 500,
		Text{"内部错误", "Internal error"},
		Text{
			"请将 instance 告知运维人员：它是此请求在日志中的编号。",
			"Tell the operator the instance: it names the request in the log.",
		})
	StoreAway = register("object-store-away", 503,
		Text{"文件库暂不可用", "The object store does not answer"},
		Text{
			"内容没有保存。请在 Retry-After 所示时间之后用同一 Idempotency-Key 重发同一请求。",
			"Nothing was kept. Wait as Retry-After says and send the same request with the same Idempotency-Key.",
		})
	NoFont = register("no-chinese-font", 503,
		Text{"网关没有中文字体，无法生成 PDF", "The gateway has no Chinese font for a PDF"},
		Text{
			"请运维人员安装中文字体（例如 Debian 的 fonts-wqy-microhei），或在 public.fonts 中指定一个 TrueType 文件。",
			"The operator installs one, such as Debian's package fonts-wqy-microhei, or names a TrueType file in public.fonts.",
		})
	Overloaded = register("overloaded", 503,
		Text{"请求过多，请稍后重试", "Too many writes at a time"},
		Text{
			"请在 Retry-After 所示时间之后用同一 Idempotency-Key 重发同一请求。",
			"Wait as Retry-After says and send the same request with the same Idempotency-Key.",
		})
	Contention = register("contention", 503,
		Text{"多次竞争失败，请稍后重试", "Others changed the same record again and again"},
		Text{
			"没有写入任何内容。请在 Retry-After 所示时间之后重发同一请求。",
			"Nothing was written. Wait as Retry-After says and send the same request again.",
		})
	Disagree = register("agencies-disagree", 503,
		Text{"各部门节点计算结果不一致", "The agencies' peers do not agree"},
		Text{
			"没有写入任何内容。说明中列出结果不同的节点：落后一个区块的节点几秒之内即可跟上；一直不一致的节点运行着其他链码，" +
				"须由其运维人员处理。请用同一 Idempotency-Key 重发同一请求。",
			"Nothing was written. The detail names whose answer differs: a peer that is a block behind catches up within " +
				"seconds; one that stays so runs other chaincode, and its operator must look. " +
				"Send the same request again with the same Idempotency-Key.",
		})
	DiskFull = register("disk-full", 507,
		Text{"网关存储空间不足", "The gateway has no space left"},
		Text{
			"内容没有保存。请运维人员腾出空间，并在 Retry-After 所示时间之后用同一 Idempotency-Key 重发同一请求。",
			"Nothing was taken. Wait as Retry-After says and send the same request with the same Idempotency-Key; " +
				"the gateway's operator must make space.",
		})
	IndexBehind = register("index-behind", 503,
		Text{"索引尚未跟上", "The index has not caught up yet"},
		Text{
			"本网关的索引还没有该区块。请在 Retry-After 所示时间之后重新查询；索引进度见 /readyz。",
			"The index of this gateway does not have the block yet. Wait as Retry-After says and read again; " +
				"/readyz says how far it is.",
		})
	Unavailable = register("ledger-unavailable", 503,
		Text{"账本暂不可用", "The ledger is not available"},
		Text{
			"没有写入任何内容。请在 Retry-After 所示时间之后用同一 Idempotency-Key 重发同一请求；原因见 /readyz。",
			"Nothing was written. Wait as Retry-After says and send the same request with the same Idempotency-Key; " +
				"/readyz says what is wrong.",
		})
)
