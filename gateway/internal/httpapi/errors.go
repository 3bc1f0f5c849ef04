package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/web"
)

// Problem is the body of every answer that is not a success (RFC 9457).
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"` // names this request in the gateway's log
	Field    string `json:"field,omitempty"`    // the offending field of the input
	Line     int    `json:"line,omitempty"`     // the offending line of a file
	TxID     string `json:"tx_id,omitempty"`    // the ledger's transaction, where there was one
}

// kind is one kind of problem. All kinds stand in this file, and each has its page at /problems/SLUG.
type kind struct {
	slug   string
	status int
	title  string // Chinese · English
	help   string // what the caller can do
}

// retryAfter is what a caller is told to wait when the trouble is expected to pass.
const retryAfter = 2 * time.Second

var (
	kindMalformed = kind{"malformed-json", 400, "请求内容不是有效的 JSON · The body is not valid JSON",
		"Send one JSON document in UTF-8, without repeated names and without anything behind it."}
	kindKeyMissing = kind{"idempotency-key", 400, "缺少有效的 Idempotency-Key · The Idempotency-Key is missing or not valid",
		"Send a header Idempotency-Key of 1 to 128 visible ASCII characters, a new one for each act; " +
			"send the same one again when you repeat a request."}
	kindUnreadable = kind{"unreadable-body", 400, "请求内容无法读取 · The body cannot be read",
		"The body was cut off or is not what its headers say. Send it again."}
	kindUnauthenticated = kind{"unauthenticated", 401, "未认证 · Not authenticated",
		"Send a header Authorization: Bearer TOKEN with the token of your principal."}
	kindForbidden = kind{"forbidden", 403, "没有此项职责 · Not among the caller's duties",
		"The act belongs to another agency or role. GET /v1/registry shows the duties."}
	kindRegion = kind{"outside-region", 403, "超出管辖区域 · Outside the region",
		"The record lies outside the caller's region or its parent's."}
	kindSamePerson = kind{"same-person", 403, "经办人不得审批 · Whoever prepares may not approve",
		"Another person has to approve."}
	kindNotFound = kind{"not-found", 404, "没有该记录 · No such record",
		"Check the id."}
	kindNotInLog = kind{"not-in-log", 404, "账本中没有这个哈希 · The log has no such hash",
		"A leaf's hash has 64 hexadecimal digits and stands in the receipt. A payment is in the log once all agencies have signed it."}
	kindElsewhere = kind{"not-this-gateway", 403, "回执由财政部门的网关出具 · Receipts are made by finance's gateway",
		"Only the gateway that holds the key of the receipts' salts can make them: ask finance's."}
	kindNoPath = kind{"unknown-path", 404, "没有该地址 · No such path",
		"The paths are listed at /docs."}
	kindMethod = kind{"method-not-allowed", 405, "该地址不支持此方法 · The path does not take this method",
		"The header Allow names the methods."}
	kindNotAcceptable = kind{"not-acceptable", 406, "不支持所要求的格式 · None of the accepted formats is offered",
		"See /docs for the formats of the path."}
	kindConflict = kind{"conflict", 409, "编号已被占用 · The id is taken",
		"A record with this id has other content. Choose another id, or read the record."}
	kindWrongState = kind{"wrong-state", 409, "当前状态不允许此操作 · The state does not allow this act",
		"Read the record: its state says which acts are possible."}
	kindFunds = kind{"insufficient-funds", 409, "资金不足 · Not enough funds",
		"The tranche has less available than the act needs."}
	kindTotals = kind{"control-totals", 409, "与控制总数不符 · Differs from the control totals",
		"Count or sum of the lines differ from what the batch was opened with. Add the missing lines, or cancel the batch."}
	kindPending = kind{"pending", 409, "尚有未完成事项 · Something must be finished first",
		"Wait for, or finish, what the detail names."}
	kindNotYet = kind{"not-yet", 409, "尚未完成签名，请稍后重试 · Not cosigned by all agencies yet",
		"Ask again as Retry-After says."}
	kindDuplicate = kind{"duplicate", 409, "重复申报 · Helped, or applying, elsewhere",
		"Somebody of the household is in another case, or on a roll, that does not go together with this programme. The detail says which."}
	kindNotice = kind{"notice-not-over", 409, "公示期未满 · The public notice is not over",
		"The decision waits until the notice is over; nobody can shorten it."}
	kindEvidence = kind{"evidence-missing", 409, "缺少必需的调查材料 · Required evidence is missing",
		"Add the evidence that the detail names."}
	kindMatch = kind{"match-missing", 409, "信息核对未完成 · A match is missing or adverse",
		"Add the statement that the detail names, or answer the adverse finding."}
	kindLate = kind{"too-late", 409, "已过期限 · The time for this is over",
		"The detail says until when it was possible."}
	kindTooLarge = kind{"too-large", 413, "请求内容过大 · The body is too large",
		"Send less at a time; a list may be split into several files."}
	kindMediaType = kind{"unsupported-media-type", 415, "不支持的内容类型 · The content type is not supported",
		"See /docs for the types of the path."}
	kindInvalid = kind{"invalid", 422, "输入不符合规则 · The input breaks a rule",
		"The field and the detail say what to change."}
	kindFile = kind{"invalid-file", 422, "文件不能使用 · The file cannot be used",
		"Nothing of the file was taken. The detail says what is wrong with the file as a whole."}
	kindKeyReused = kind{"idempotency-key-reused", 422, "Idempotency-Key 已用于其他请求 · The Idempotency-Key was used for another request",
		"Use a new Idempotency-Key for another request."}
	kindTooMany = kind{"too-many-requests", 429, "请求过于频繁 · Too many requests from this address",
		"Wait as Retry-After says."}
	kindInternal = kind{"internal", 500, "内部错误 · Internal error",
		"Tell the operator the instance: it names the request in the log."}
	kindFileLost = kind{"file-lost", 409, "文件缺失或已被改动 · The file is lost or was changed",
		"Nothing that does not fit the ledger's hash is given. Tell the operator the instance: the object can be put back from a backup, " +
			"which is given again once its hash fits. Without one, upload the paper anew and record it as a new piece of evidence."}
	kindFileErased = kind{"file-erased", 410, "文件已依法清除 · The file was erased",
		"The person's details were erased, and the files of their cases with them. The record of the case stays."}
	kindKeptElsewhere = kind{"kept-elsewhere", 404, "文件保存在其他部门 · Another agency keeps the file",
		"Files stay with the agency whose official recorded them. Ask that agency."}
	kindStoreAway = kind{"object-store-away", 503, "文件库暂不可用 · The object store does not answer",
		"Nothing was kept. Wait as Retry-After says and send the same request with the same Idempotency-Key."}
	kindNoFont = kind{"no-chinese-font", 503, "网关没有中文字体，无法生成 PDF · The gateway has no Chinese font for a PDF",
		"The operator installs one, such as Debian's package fonts-wqy-microhei, or names a TrueType file in public.fonts."}
	kindOverloaded = kind{"overloaded", 503, "请求过多，请稍后重试 · Too many writes at a time",
		"Wait as Retry-After says and send the same request with the same Idempotency-Key."}
	kindContention = kind{"contention", 503, "多次竞争失败，请稍后重试 · Others changed the same record again and again",
		"Nothing was written. Wait as Retry-After says and send the same request again."}
	kindDisagree = kind{"agencies-disagree", 503, "各部门节点计算结果不一致 · The agencies' peers do not agree",
		"Nothing was written. The detail names whose answer differs: a peer that is a block behind catches up within seconds; " +
			"one that stays so runs other chaincode, and its operator must look. Send the same request again with the same Idempotency-Key."}
	kindStorage = kind{"disk-full", 507, "网关存储空间不足 · The gateway has no space left",
		"Nothing was taken. Wait as Retry-After says and send the same request with the same Idempotency-Key; " +
			"the gateway's operator must make space."}
	kindBehind = kind{"index-behind", 503, "索引尚未跟上 · The index has not caught up yet",
		"The index of this gateway does not have the block yet. Wait as Retry-After says and read again; /readyz says how far it is."}
	kindUnavailable = kind{"ledger-unavailable", 503, "账本暂不可用 · The ledger is not available",
		"Nothing was written. Wait as Retry-After says and send the same request with the same Idempotency-Key; " +
			"/readyz says what is wrong."}
)

var kinds = []kind{
	kindMalformed, kindKeyMissing, kindUnreadable, kindUnauthenticated, kindForbidden, kindRegion, kindSamePerson,
	kindNotFound, kindNoPath, kindMethod, kindNotAcceptable, kindConflict, kindWrongState, kindFunds, kindTotals,
	kindPending, kindDuplicate, kindNotice, kindEvidence, kindMatch, kindLate,
	kindTooLarge, kindMediaType, kindInvalid, kindFile, kindKeyReused, kindInternal, kindOverloaded,
	kindContention, kindDisagree, kindStorage, kindUnavailable, kindNotInLog, kindElsewhere, kindNotYet, kindTooMany, kindNoFont, kindFileLost,
	kindFileErased, kindKeptElsewhere, kindStoreAway,
}

// ofCode is the one map from the contracts' refusals to HTTP.
var ofCode = map[relief.Code]kind{
	relief.CodeInvalid:    kindInvalid,
	relief.CodeNotFound:   kindNotFound,
	relief.CodeConflict:   kindConflict,
	relief.CodeWrongState: kindWrongState,
	relief.CodeForbidden:  kindForbidden,
	relief.CodeRegion:     kindRegion,
	relief.CodeSamePerson: kindSamePerson,
	relief.CodeFunds:      kindFunds,
	relief.CodeTotals:     kindTotals,
	relief.CodePending:    kindPending,
	relief.CodeDuplicate:  kindDuplicate,
	relief.CodeNotice:     kindNotice,
	relief.CodeEvidence:   kindEvidence,
	relief.CodeMatch:      kindMatch,
	relief.CodeLate:       kindLate,
	relief.CodeCorrupt:    kindInternal,
}

// fault is an error that knows its problem. Its detail is shown to the caller.
type fault struct {
	kind   kind
	detail string
	field  string
	line   int
}

func (f *fault) Error() string { return f.kind.slug + ": " + f.detail }

func (k kind) detail(detail string) *fault { return &fault{kind: k, detail: detail} }

func (k kind) uri() string { return "/problems/" + k.slug }

// fail answers with the problem that an error is. Errors that are not the caller's are logged, and their text goes
// to the log only.
func (a *API) fail(c *gin.Context, err error) {
	p := problemOf(err)
	a.respond(c, p, err)
}

func (a *API) respond(c *gin.Context, p Problem, err error) {
	p.Instance = "urn:uuid:" + requestID(c)
	if p.Status >= http.StatusInternalServerError && err != nil {
		a.log.ErrorContext(c.Request.Context(), "request failed", "request", requestID(c), "route", route(c),
			"status", p.Status, "tx", p.TxID, "error", err.Error())
	}
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusInsufficientStorage || p.Type == kindNotYet.uri() {
		c.Header("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	if p.TxID != "" {
		c.Set(ctxTx, p.TxID)
	}
	c.Abort()
	writeJSON(c, p.Status, "application/problem+json", p)
}

// problemOf finds what an error means to the caller.
func problemOf(err error) Problem {
	var (
		own      *fault
		refusal  *relief.Error
		endorse  *ledger.NotEndorsed
		invalid  *ledger.CommittedInvalid
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &own):
		p := problem(own.kind, own.detail)
		p.Field, p.Line = own.field, own.line
		return p
	case errors.As(err, &refusal):
		p := problem(ofCode[refusal.Code], refusal.Detail)
		if p.Status == http.StatusInternalServerError {
			p.Detail = ""
		}
		p.Field = refusal.Field
		if errors.As(err, &endorse) {
			p.TxID = endorse.TxID
		}
		return p
	case errors.Is(err, outbox.ErrKeyReused):
		return problem(kindKeyReused, kindKeyReused.help)
	case errors.As(err, &invalid):
		return problemOfInvalid(invalid)
	case errors.As(err, &tooLarge):
		return problem(kindTooLarge, "The body may have at most "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes.")
	case errors.As(err, &endorse):
		return problemOfEndorsement(endorse)
	case outbox.DiskFull(err):
		return problem(kindStorage, kindStorage.help)
	case errors.Is(err, objectstore.ErrAway):
		return problem(kindStoreAway, kindStoreAway.help)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, errUnavailable),
		errors.Is(err, matching.ErrLedger):
		return problem(kindUnavailable, "The agency's own peer did not answer.")
	default:
		return problem(kindInternal, "")
	}
}

func problemOfEndorsement(e *ledger.NotEndorsed) Problem {
	p := problem(kindUnavailable, "The agencies' peers did not all endorse the transaction.")
	if len(e.Differ) > 0 {
		p = problem(kindDisagree, "The peer of "+strings.Join(e.Differ, " and of ")+" does not say what the others say.")
	}
	p.TxID = e.TxID
	return p
}

func problemOfInvalid(invalid *ledger.CommittedInvalid) Problem {
	k := kindInternal
	if invalid.Conflict() {
		k = kindContention
	}
	p := problem(k, "")
	p.TxID = invalid.Commit.TxID
	return p
}

func problem(k kind, detail string) Problem {
	return Problem{Type: k.uri(), Title: k.title, Status: k.status, Detail: detail}
}

// errUnavailable marks a failed read of the ledger that is not a refusal.
var errUnavailable = errors.New("the ledger cannot be read")

// problemPages describes the kinds for their pages.
func problemPages() []web.Problem {
	pages := make([]web.Problem, len(kinds))
	for i, k := range kinds {
		pages[i] = web.Problem{Slug: k.slug, Status: k.status, Title: k.title, Help: k.help}
	}
	return pages
}
