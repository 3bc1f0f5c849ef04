package records

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/payee"
)

// ByAccountState keeps the shared accounts in a state.
var ByAccountState = rest.Choice("state", roll.AccountProposed, roll.AccountDeclared, roll.AccountRefused, roll.AccountEnded)

// Accounts lists the shared accounts of a region and a state.
func (h *Handlers) Accounts(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByAccountState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var a roll.SharedAccount
		err := json.Unmarshal(value, &a)
		return (region == "" || region.Covers(a.County)) && (state == "" || a.State == state), err
	}
	return h.answerRecords(ctx, c, "accounts", lists.Accounts, relief.KindAccount, rest.IDCursor.In(c), keep)
}

// accountBody declares a shared account. Its number goes no further than this gateway.
type accountBody struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Holder   string `json:"holder,omitempty"`
	County   string `json:"county"`
	Account  string `json:"account"`
	Evidence string `json:"evidence_sha256"`
}

// DeclareAccount proposes that several people may be paid to one account.
func (h *Handlers) DeclareAccount(c *gin.Context) error {
	var body accountBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	tags, err := h.accountTags(body.Account)
	if err != nil {
		return err
	}
	tag := tags[0]
	holder, err := payee.ParseHolder("holder", body.Holder)
	if err != nil {
		return payee.AsRefusal(err)
	}
	argument, err := json.Marshal(struct {
		ID       string     `json:"id"`
		Kind     string     `json:"kind"`
		Holder   string     `json:"holder,omitempty"`
		County   string     `json:"county"`
		Account  relief.Tag `json:"account_tag"`
		Evidence string     `json:"evidence_sha256"`
	}{body.ID, body.Kind, holder, body.County, tag, body.Evidence})
	if err != nil {
		return err
	}
	if _, err := api.Decode[roll.AccountTerms](string(argument)); err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{
		Function: api.RollDeclareAccount.Name(), Argument: argument, Status: http.StatusCreated, Location: "/v1/accounts/" + body.ID,
	})
}

// confirmAccountBody confirms or refuses a declaration. The number of the account, from the papers, may be given to be compared
// with the declared one: nobody can read it from the ledger.
type confirmAccountBody struct {
	SHA256  string `json:"sha256"`
	Agree   *bool  `json:"agree"`
	Reason  string `json:"reason,omitempty"`
	Account string `json:"account,omitempty"`
}

// ConfirmAccount puts a declaration in force, or refuses it.
func (h *Handlers) ConfirmAccount(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseAccountID)
	if err != nil {
		return err
	}
	var body confirmAccountBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	if body.Agree == nil {
		return problem.OfField("agree", "请填写是否同意。", "Say whether you agree.")
	}
	if body.Account != "" {
		if err := h.compareAccount(c, id, body.Account); err != nil {
			return err
		}
	}
	argument, err := json.Marshal(roll.AccountDecision{ID: id, SHA256: body.SHA256, Agree: *body.Agree, Reason: body.Reason})
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: api.RollConfirmAccount.Name(), Argument: argument})
}

// compareAccount refuses a number that is not the declared account's.
func (h *Handlers) compareAccount(c *gin.Context, id relief.AccountID, number string) error {
	tags, err := h.accountTags(number)
	if err != nil {
		return err
	}
	var a roll.SharedAccount
	if err := rest.RecordInto(c.Request.Context(), h.Index, relief.KindAccount, string(id), &a); err != nil {
		return err
	}
	if !slices.ContainsFunc(tags, a.Account.Equal) {
		return problem.OfField("account", "与所声明的账户不是同一账户，请与证明材料核对。",
			"It is not the account that is declared: compare it with the papers.")
	}
	return nil
}

// accountTags are the tags of an account number, which is not kept, that of the key in use first.
func (h *Handlers) accountTags(number string) ([]relief.Tag, error) {
	if h.Persons == nil {
		return nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关办理。",
			"This gateway has no persons key: accounts are declared where private details are kept.")
	}
	tags, err := h.Persons.AccountTags("account", number)
	return tags, payee.AsRefusal(err)
}
