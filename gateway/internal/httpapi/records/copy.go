package records

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// subjectCopy is everything that is kept about a person, for the person (PIPL art. 45).
type subjectCopy struct {
	Subject  relief.SubjectRef `json:"subject"`
	AsOf     uint64            `json:"as_of_block"`
	Details  []ownDetails      `json:"details"`
	Entries  []roll.Entry      `json:"entries"`
	Cases    []ownCase         `json:"cases"`
	Payments []payment.Payment `json:"payments"`
	Trail    []index.Step      `json:"trail"`             // what was done, when and by whom
	Erasure  json.RawMessage   `json:"erasure,omitempty"` // the record of an erasure, proposed or done
}

// ownDetails are the private details of the person on one programme's roll.
type ownDetails struct {
	Programme   relief.ProgrammeID `json:"programme"`
	Version     uint16             `json:"version"`
	Name        string             `json:"name"`
	IDNumber    string             `json:"id_number"`
	Account     string             `json:"account"`
	Bank        string             `json:"bank,omitempty"`
	Phone       string             `json:"phone,omitempty"`
	HouseholdNo string             `json:"household_no,omitempty"`
}

// ownCase is a case that keeps facts of the person, as on the ledger, and the facts in all versions.
type ownCase struct {
	Case  json.RawMessage `json:"case"`
	Facts []ownFacts      `json:"facts"`
}

// ownFacts are what a household said at one time. Of a member who is not the head, only what it says of that member: the rest is
// of others.
type ownFacts struct {
	Act   int        `json:"act"` // the act of the case that brought them, from 0
	Facts seal.Facts `json:"facts"`
}

// Copy gives a person's copy of their own data, made for the person by an official who may read it. The reading is recorded.
func (h *Handlers) Copy(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，不保存个人信息。",
			"This gateway has no persons key: private details are not kept here.")
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(h.core.Reached(c), rest.ReadTime)
	defer cancel()
	out, err := h.copyOf(ctx, c, ref)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return rest.JSON(c, out)
}

func (h *Handlers) copyOf(ctx context.Context, c *gin.Context, ref relief.SubjectRef) (out subjectCopy, err error) {
	out = subjectCopy{Subject: ref, AsOf: h.Index.Height(), Details: []ownDetails{}, Cases: []ownCase{}, Payments: []payment.Payment{}}
	if out.Entries, err = h.Index.Subject(ctx, ref); err != nil {
		return out, err
	}
	if err := h.addDetails(ctx, c, &out); err != nil {
		return out, err
	}
	if err := h.addCases(ctx, c, &out); err != nil {
		return out, err
	}
	for cursor := ""; ; {
		page, err := h.Index.Payments(ctx, index.PaymentQuery{Subject: ref}, cursor, index.MaxPage)
		if err != nil {
			return out, err
		}
		out.Payments = append(out.Payments, page.Items...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if out.Trail, err = h.Index.SubjectTrail(ctx, ref); err != nil {
		return out, err
	}
	if out.Trail == nil {
		out.Trail = []index.Step{}
	}
	out.Erasure, err = h.Index.Record(ctx, relief.KindErasure, ref.String())
	if notFound(err) {
		err = nil
	}
	if err == nil && len(out.Entries)+len(out.Cases) == 0 && out.Erasure == nil {
		err = problem.NotFound.Because("没有此对象的记录。", "Nothing is recorded of this person.")
	}
	return out, err
}

// addDetails opens the person's private details on each roll. The contracts decide whether the caller may read them.
func (h *Handlers) addDetails(ctx context.Context, c *gin.Context, out *subjectCopy) error {
	people := []relief.SubjectRef{out.Subject}
	for i := range out.Entries {
		if !slices.Contains(people, out.Entries[i].Subject) {
			people = append(people, out.Entries[i].Subject) // under another reference
		}
	}
	opened, err := h.core.Read(c, reading.OwnCopy, "subject", out.Subject.String(), people...)
	if err != nil {
		return err
	}
	for i := range out.Entries {
		programme := out.Entries[i].Programme
		held, err := rest.AskIn(ctx, h.core, c, api.RollDetails, api.EntryInput{Programme: programme, Subject: out.Entries[i].Subject})
		if notFound(err) {
			continue // erased
		}
		if err != nil {
			return err
		}
		p, err := opened.Person(held.Details, out.Entries[i].Subject, programme)
		if err != nil {
			return err
		}
		out.Details = append(out.Details, ownDetails{
			Programme: programme, Version: held.Version, Name: p.Name.Reveal(), IDNumber: p.IDNumber.Reveal(), Account: p.Account.Reveal(),
			Bank: p.Bank.Reveal(), Phone: p.Phone.Reveal(), HouseholdNo: p.HouseholdNo.Reveal(),
		})
	}
	return nil
}

// addCases adds the cases that keep facts of the person.
func (h *Handlers) addCases(ctx context.Context, c *gin.Context, out *subjectCopy) error {
	member, err := h.Index.Claims(ctx, out.Subject)
	if err != nil {
		return err
	}
	for _, id := range member.Kept {
		own := ownCase{Facts: []ownFacts{}}
		var record casework.Case
		if own.Case, err = h.Index.Record(ctx, relief.KindCase, string(id)); err != nil {
			return err
		}
		if err := json.Unmarshal(own.Case, &record); err != nil {
			return err
		}
		opened, err := h.core.Read(c, reading.OwnCopy, relief.KindCase, string(id), record.Led()...)
		if err != nil {
			return err
		}
		for _, v := range record.FactsVersions() {
			held, err := rest.AskIn(ctx, h.core, c, api.CaseFacts, api.FactsInput{CaseInput: api.CaseInput{Case: id}, Act: &v.Act})
			if notFound(err) {
				continue // erased
			}
			if err != nil {
				return err
			}
			facts, err := h.factsOf(opened, &record, held.Facts, v.Act, out.Subject)
			if err != nil {
				return err
			}
			own.Facts = append(own.Facts, ownFacts{v.Act, facts})
		}
		out.Cases = append(out.Cases, own)
	}
	return nil
}

var errOwnFacts = errors.New("the facts of a case cannot be read")

// factsOf opens facts of a household as far as they are of one of its people.
func (h *Handlers) factsOf(
	opened *reading.Opened, record *casework.Case, sealed []byte, act int, ref relief.SubjectRef,
) (facts seal.Facts, err error) {
	head, programme := record.SealedFor(act)
	clear, err := opened.Facts(sealed, head, programme)
	if err != nil {
		return facts, err
	}
	if json.Unmarshal(clear, &facts) != nil {
		return facts, errOwnFacts // not the decoder's error, which may repeat personal data
	}
	if head == ref {
		return facts, nil
	}
	own := seal.Facts{Members: []seal.Member{}}
	for _, m := range facts.Members {
		id, code := relief.ParseIDNumber(m.IDNumber)
		if code == "" && slices.Contains(h.References.All(id), ref) {
			own.Members = append(own.Members, m)
		}
	}
	return own, nil
}

func notFound(err error) bool { return errors.Is(err, &relief.Error{Code: relief.CodeNotFound}) }
