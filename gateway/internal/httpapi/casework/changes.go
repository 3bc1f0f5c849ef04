package casework

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// The query parameters of changes.
var (
	ByChangeState = rest.Choice("state", roll.ChangeStates...)
	ByChangeKind  = rest.Choice("kind", roll.ChangeKinds...)
)

// Changes lists the changes of roll entries that all of the query's parameters hold for.
func (h *Handlers) Changes(ctx context.Context, c *gin.Context) error {
	q := index.ChangeQuery{
		Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: ByChangeState.In(c), Kind: ByChangeKind.In(c),
	}
	return h.answerRecords(ctx, c, "changes", lists.Changes, rest.IDCursor.In(c),
		func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Changes(ctx, q, cursor, limit)
		})
}

// ProposeChange proposes a change of a roll entry. Its kind says which function takes the other fields.
func (h *Handlers) ProposeChange(c *gin.Context) error {
	var body map[string]json.RawMessage
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	var kind roll.ChangeKind
	_ = json.Unmarshal(body["kind"], &kind) // what is no text is no kind
	delete(body, "kind")
	document, err := json.Marshal(body)
	if err != nil {
		return err
	}
	act := &rest.Act{Status: http.StatusCreated, Made: "/v1/changes/"}
	var named []relief.SubjectRef // by their identity numbers
	switch kind {
	case roll.ChangePayee:
		err = h.payeeChange(c, document, act)
	case roll.ChangeExit:
		err = rest.Fill(h.core, act, api.RollExit, document)
	case roll.ChangeSuspend:
		err = rest.Fill(h.core, act, api.RollSuspend, document)
	case roll.ChangeResume:
		err = rest.Fill(h.core, act, api.RollResume, document)
	case roll.ChangeGrant:
		err = rest.Fill(h.core, act, api.RollSetTerms, document)
	case roll.ChangeResidence:
		err = rest.Fill(h.core, act, api.RollSetResidence, document)
	case roll.ChangeHead:
		named = make([]relief.SubjectRef, 1)
		named[0], err = h.headChange(c, document, act)
	case roll.ChangeMove:
		err = rest.Fill(h.core, act, api.RollMove, document)
	case roll.ChangeMoveOut:
		err = rest.Fill(h.core, act, api.RollMoveOut, document)
	case roll.ChangeMoveIn:
		named = make([]relief.SubjectRef, 1)
		named[0], err = h.moveIn(c, document, act)
	default:
		err = problem.OfField("kind", "变更种类须为 payee、exit、suspend、resume、terms、residence、head、move、move_out 或 move_in。",
			"The kind of a change is payee, exit, suspend, resume, terms, residence, head, move, move_out or move_in.")
	}
	if err != nil {
		return err
	}
	return h.core.ChargeRefused(c, h.core.Do(c, act), "", "", named...)
}

// payeeChange makes the act of another payee.
func (h *Handlers) payeeChange(c *gin.Context, document []byte, act *rest.Act) error {
	argument, person, err := h.sealPayee(c, document)
	if err != nil {
		return err
	}
	act.Function, act.Private = api.RollChangePayee.Name(), h.keyed(json.RawMessage(document))
	act.Transient = map[string][]byte{wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person})}
	act.Argument, err = json.Marshal(argument)
	return err
}

// sealPayee turns a change of the payee into what may leave the gateway. What stays as it was it takes from the person's
// present details, which the caller has to be allowed to read.
func (h *Handlers) sealPayee(c *gin.Context, document []byte) (*seal.PayeeChangeArgument, []byte, error) {
	if h.Persons == nil {
		return nil, nil, problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关办理变更。",
			"This gateway has no persons key: changes of a payee are taken where private details are kept.")
	}
	change, argument, err := seal.ReadPayeeChange(document)
	if err != nil {
		return nil, nil, err
	}
	held, err := rest.Ask(h.core, c, api.RollDetails, api.EntryInput{Programme: argument.Programme, Subject: argument.Subject})
	if err != nil {
		return nil, nil, err
	}
	opened, err := h.core.Read(c, reading.ChangePayee, "programme", string(argument.Programme), argument.Subject)
	if err != nil {
		return nil, nil, err
	}
	present, err := opened.Person(held.Details, argument.Subject, argument.Programme)
	if err != nil {
		return nil, nil, err
	}
	person, err := h.Persons.SealPayeeChange(&change, &argument, present, held.Payee, false)
	return &argument, person, err
}

// sealPayees is sealPayee of a file.
func (h *Handlers) sealPayees(c *gin.Context, file *api.FileInput, act *rest.Act) error {
	documents, persons := make([]json.RawMessage, len(file.Items)), make([][]byte, len(file.Items))
	for i, item := range file.Items {
		argument, person, err := h.sealPayee(c, item)
		if err != nil {
			return badItem(err, i+1)
		}
		documents[i], persons[i] = item, person
		if file.Items[i], err = json.Marshal(argument); err != nil {
			return err
		}
	}
	act.Private = h.keyed(documents)
	act.Transient = map[string][]byte{wire.TransientPersons: roll.AppendDetails(nil, persons)}
	return nil
}

// changePayees are the payee before a change and after it, for the official who confirms it.
type changePayees struct {
	Change      relief.ChangeID `json:"change"`
	SHA256      string          `json:"sha256"` // of the change: the confirmation names it
	Old         *payeeView      `json:"old,omitempty"`
	New         payeeView       `json:"new"`
	Doubts      []doubt         `json:"doubts"`
	SameAccount []uint32        `json:"same_account"` // numbers of others on the county's roll
}

type payeeView struct {
	Version     uint16 `json:"version"`
	Name        string `json:"name"`
	Account     string `json:"account"`
	Bank        string `json:"bank,omitempty"`
	Phone       string `json:"phone,omitempty"`
	HouseholdNo string `json:"household_no,omitempty"`
}

// ChangePayees opens the details of a change of the payee for an official who may read them.
func (h *Handlers) ChangePayees(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseChangeID)
	if err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，不保存个人信息。",
			"This gateway has no persons key: private details are not kept here.")
	}
	held, err := rest.Ask(h.core, c, api.RollChangeDetails, api.ChangeInput{Change: id})
	if err != nil {
		return err
	}
	opened, err := h.core.Read(c, reading.ChangeDetails, relief.KindChange, string(id), held.Change.Payees()...)
	if err != nil {
		return err
	}
	out, err := h.payeesOf(opened, &held)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return rest.JSON(c, out)
}

func (h *Handlers) payeesOf(opened *reading.Opened, held *api.ChangeDetails) (*changePayees, error) {
	change := &held.Change
	subject, programme := change.Details()
	person, err := opened.Person(held.New, subject, programme)
	if err != nil {
		return nil, err
	}
	out := &changePayees{
		Change: change.ID, SHA256: change.SHA256, New: viewOf(&person, change.Version+1),
		Doubts: h.doubts(&person, change.Payee, held.SameAccount), SameAccount: held.SameAccount,
	}
	if held.Old == nil {
		return out, nil
	}
	before, err := opened.Person(held.Old.Details, change.Subject, change.Programme)
	if err != nil {
		return nil, err
	}
	old := viewOf(&before, held.Old.Version)
	out.Old = &old
	if change.Corrects.Seal && before != person {
		out.Doubts = append(out.Doubts, doubt{
			"account", "sealed-differs", "重新封存后的信息与原信息不同，不应确认", "the details that were sealed again are others than before: do not confirm",
		})
	}
	return out, nil
}

func viewOf(p *seal.Person, version uint16) payeeView {
	return payeeView{version, p.Name.Reveal(), p.Account.Reveal(), p.Bank.Reveal(), p.Phone.Reveal(), p.HouseholdNo.Reveal()}
}

// doubts are what the official who confirms should look at: an account that may be mistyped, one that others are paid to,
// and details that are not those of the tags on the ledger.
func (h *Handlers) doubts(p *seal.Person, tags roll.Payee, others []uint32) []doubt {
	list := []doubt{}
	if account, err := payee.ParseAccount("account", p.Account.Reveal()); err == nil {
		if d := account.Doubt(); d != payee.NoDoubt {
			zh, en := d.Texts()
			list = append(list, doubt{"account", string(d), zh, en})
		}
	}
	if len(others) > 0 {
		list = append(list, doubt{"account", "same-account", "该县名册中另有对象使用此账号，请核对", "others on the county's roll have this account: look into it"})
	}
	if whom, err := h.Persons.Tagger().Like(p, tags); err != nil || whom.Differs(tags) != "" {
		list = append(list, doubt{
			"account", "tag-differs", "姓名或账号与账本上的标签不符，不应确认", "the name or the account does not give the tag on the ledger: do not confirm",
		})
	}
	return list
}
