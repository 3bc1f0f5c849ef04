package casework

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// The query parameters of facts.
var (
	// OfReview asks for the facts of a review that is not confirmed.
	OfReview = rest.NewParam("review", func(text string) (bool, error) {
		if text != "pending" {
			return false, problem.OfField("review", "review 须为 pending。", "review is pending, or left out.")
		}
		return true, nil
	})
	// OfAct asks for the facts that an act of the case brought.
	OfAct = rest.NewParam("act", func(text string) (*int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, problem.OfField("act", "act 须为案卷办理记录中的序号，从 0 起。", "act is a place in the case's acts, counted from 0.")
		}
		return &n, nil
	})
)

// factsAnswer is what a household said about itself, and what may be wrong with it.
type factsAnswer struct {
	seal.Facts
	Doubts []doubt `json:"doubts"`
}

// doubt is something that the official who decides or confirms should compare with the papers. It refuses nothing.
type doubt struct {
	Field string `json:"field"`
	Code  string `json:"code"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// Facts opens the sealed facts of a case for an official who may read them.
func (h *Handlers) Facts(c *gin.Context) error {
	id, err := caseID(c)
	if err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，不保存个人信息。",
			"This gateway has no persons key: private details are not kept here.")
	}
	record, err := h.caseOf(c, id)
	if err != nil {
		return err
	}
	wanted, err := factsWanted(c, &record)
	if err != nil {
		return err
	}
	held, err := rest.Ask(h.core, c, api.CaseFacts, api.FactsInput{CaseInput: api.CaseInput{Case: id}, Act: wanted})
	if err != nil {
		return err
	}
	of := record.FactsAct
	if wanted != nil {
		of = *wanted
	}
	head, programme := record.SealedFor(of)
	opened, err := h.core.Read(c, reading.CaseFacts, relief.KindCase, string(id), record.Concerned(head)...)
	if err != nil {
		return err
	}
	clear, err := opened.Facts(held.Facts, head, programme)
	if err != nil {
		return err
	}
	answer := factsAnswer{Doubts: []doubt{}}
	if err := json.Unmarshal(clear, &answer.Facts); err != nil {
		return errFacts // not the decoder's error, which may repeat personal data
	}
	answer.Doubts = append(answer.Doubts, doubtsOf(&answer.Facts)...)
	c.Header("Cache-Control", "no-store")
	return rest.JSON(c, answer)
}

var errFacts = errors.New("the facts of a case cannot be read")

// factsWanted is the act whose facts are asked for; nil for those in force.
func factsWanted(c *gin.Context, record *casework.Case) (*int, error) {
	act := OfAct.In(c)
	if !OfReview.In(c) {
		return act, nil
	}
	if act != nil {
		return nil, problem.OfField("act", "act 与 review 只能填写一项。", "Give act or review, not both.")
	}
	pending, ok := record.PendingFacts()
	if !ok {
		return nil, problem.NotFound.Because("没有待确认的家庭情况。", "No facts of this case wait to be confirmed.")
	}
	return &pending.Act, nil
}

// doubtsOf says what may be wrong with the account.
func doubtsOf(f *seal.Facts) []doubt {
	account, err := payee.ParseAccount("account", f.Account)
	var refused *payee.Error
	if errors.As(err, &refused) { // sealed before accounts were checked
		return []doubt{{refused.Field, string(refused.Code), refused.Zh, refused.En}}
	}
	found := account.Doubt()
	if found == payee.NoDoubt {
		return nil
	}
	zh, en := found.Texts()
	return []doubt{{"account", string(found), "银行账号" + zh, "the account number " + en}}
}

// ofFacts names, in a refusal of a review, the fields that the caller sent: the contract knows their tags only.
func ofFacts(err error) error {
	var refused *relief.Error
	if !errors.As(err, &refused) {
		return err
	}
	field, ok := map[string]string{"name_tag": "facts.members.name", "account_tag": "facts.account"}[refused.Field]
	if !ok {
		return err
	}
	return &relief.Error{Code: refused.Code, Field: field, Detail: refused.Detail}
}
