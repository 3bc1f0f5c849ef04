package receipt

// Code says why a receipt is refused. Codes are stable.
type Code string

// The codes.
const (
	CodeTooLong    Code = "too-long"   // more bytes than any receipt has
	CodeForm       Code = "form"       // not a receipt, or cut short
	CodeSpelling   Code = "spelling"   // not in the only spelling that a receipt may have
	CodeLeaf       Code = "leaf"       // the payment's data cannot be read
	CodeCheckpoint Code = "checkpoint" // the checkpoint cannot be read
	CodeLog        Code = "log"        // no log of the policy has signed it
	CodeSignature  Code = "signature"  // a signature is wrong
	CodeQuorum     Code = "quorum"     // an agency's signature is missing
	CodeInclusion  Code = "inclusion"  // the path does not lead from this payment to the signed root
	CodePolicy     Code = "policy"     // the policy file cannot be used
)

// Error says why a receipt is refused, in words that a citizen understands. It repeats nothing from the receipt.
type Error struct {
	Code Code   `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
	// Unread is set when nothing was checked, because no receipt could be read: there is none, it is not whole, or it was converted
	// on its way. Without it a receipt was read, and is wrong.
	Unread bool `json:"-"`
}

// Error writes the Chinese words and the English ones.
func (e *Error) Error() string { return e.Zh + " · " + e.En }

// Is makes errors.Is(err, &Error{Code: c}) compare the codes only.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code && other.Zh == ""
}

var words = map[Code][2]string{
	CodeTooLong:    {"内容过长，不是回执", "this is longer than any receipt"},
	CodeForm:       {"不是回执，或内容不完整", "this is not a receipt, or a part of it is missing"},
	CodeSpelling:   {"回执被改动过：写法不合规范", "the receipt was altered: it is not in the only spelling that a receipt may have"},
	CodeLeaf:       {"回执中的支付数据无法识别", "the receipt's payment data cannot be read"},
	CodeCheckpoint: {"回执中的账本签名页无法识别", "the receipt's signed page of the record cannot be read"},
	CodeLog:        {"不是本系统账本签发的回执", "the receipt was not issued by the record that is trusted here"},
	CodeSignature:  {"签名不符，回执是伪造的或被改动过", "a signature does not fit: the receipt is forged or was altered"},
	CodeQuorum:     {"缺少部门签名", "an agency's signature is missing"},
	CodeInclusion:  {"这笔支付不在已签名的账本中：内容被改动过", "this payment is not in the signed record: the receipt was altered"},
	CodePolicy:     {"信任名单文件无效", "the policy file cannot be used"},
}

// Refuse makes an Error with the words for its code.
func Refuse(code Code) *Error { return refuse(code) }

// refuse makes an Error with the words for its code. If about is not empty it follows the words: a name from the
// policy, or a line of a file.
func refuse(code Code, about ...string) *Error {
	e := &Error{Code: code, Zh: words[code][0], En: words[code][1], Unread: code == CodeTooLong || code == CodeForm || code == CodePolicy}
	switch len(about) {
	case 1:
		e.Zh, e.En = e.Zh+"："+about[0], e.En+": "+about[0]
	case 2:
		e.Zh, e.En = e.Zh+"："+about[0], e.En+": "+about[1]
	}
	return e
}
