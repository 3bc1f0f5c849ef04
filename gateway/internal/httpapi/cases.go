package httpapi

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

// memberBody is one member of a household. It is personal but for the reference that is made of the number.
type memberBody struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Relation string `json:"relation,omitempty"` // to the head, who comes first
	Health   string `json:"health,omitempty"`
}

// factsBody is what a household tells of itself: personal, and sealed before it leaves the gateway.
type factsBody struct {
	Members  []memberBody `json:"members"`
	Account  string       `json:"account"`
	Bank     string       `json:"bank,omitempty"`
	Phone    string       `json:"phone,omitempty"`
	Address  string       `json:"address,omitempty"`
	Income   string       `json:"income"` // of the household a month, yuan with two places
	Property string       `json:"property,omitempty"`
	Reason   string       `json:"reason"`
}

type applicationBody struct {
	ID         string `json:"id"`
	Programme  string `json:"programme"`
	Region     string `json:"region"`
	Settlement string `json:"settlement"`
	Need       string `json:"need,omitempty"`
	factsBody
}

// applicationArgument is what of an application may stand on the ledger.
type applicationArgument struct {
	ID         string              `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Region     string              `json:"region"`
	Settlement string              `json:"settlement"`
	Members    []relief.SubjectRef `json:"members"`
	Need       string              `json:"need,omitempty"`
}

const maxFactText = 500

// household turns members into references, and what is personal into sealed documents.
func (a *API) household(programme string, f *factsBody) (members []relief.SubjectRef, facts, person []byte, err error) {
	if a.Persons == nil {
		return nil, nil, nil, kindForbidden.detail("This gateway has no persons key: applications are taken where private details are kept.")
	}
	id, err := relief.ParseProgrammeID(programme)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := f.check(); err != nil {
		return nil, nil, nil, err
	}
	for _, m := range f.Members {
		number, code := relief.ParseIDNumber(m.IDNumber)
		if code != "" {
			return nil, nil, nil, &fault{kind: kindInvalid, field: "members.id_number", detail: code.Reason()}
		}
		members = append(members, relief.NewSubjectRef(a.SubjectEpoch, a.SubjectKey, number))
	}
	clear, err := json.Marshal(f)
	if err != nil {
		return nil, nil, nil, err
	}
	if facts, err = a.Persons.SealFacts(clear, members[0], id); err != nil {
		return nil, nil, nil, err
	}
	head := f.Members[0]
	person, err = a.Persons.Seal(&intake.Person{
		Name: intake.Secret(head.Name), IDNumber: intake.Secret(head.IDNumber), Account: intake.Secret(f.Account),
		Bank: intake.Secret(f.Bank), Phone: intake.Secret(f.Phone),
	}, members[0], id)
	return members, facts, person, err
}

// check refuses what is missing or too long, and repeats nothing.
func (f *factsBody) check() error {
	if len(f.Members) < 1 || len(f.Members) > relief.MaxMembers {
		return &fault{kind: kindInvalid, field: "members", detail: "A household has 1 to " + strconv.Itoa(relief.MaxMembers) + " members, its head first."}
	}
	type text struct {
		field, value string
		needed       bool
	}
	texts := []text{
		{"account", f.Account, true}, {"bank", f.Bank, false}, {"phone", f.Phone, false}, {"address", f.Address, false},
		{"income", f.Income, true}, {"property", f.Property, false}, {"reason", f.Reason, true},
	}
	for _, m := range f.Members {
		texts = append(texts, text{"members.name", m.Name, true}, text{"members.relation", m.Relation, false}, text{"members.health", m.Health, false})
	}
	for _, t := range texts {
		if t.value == "" && t.needed || utf8.RuneCountInString(t.value) > maxFactText {
			return &fault{kind: kindInvalid, field: t.field, detail: "The field is missing or has more than " + strconv.Itoa(maxFactText) + " characters."}
		}
	}
	if _, err := relief.ParseFen(f.Income); err != nil {
		return &fault{kind: kindInvalid, field: "income", detail: err.Error()}
	}
	return nil
}

// keyed is a hash of something private that only the agencies can compute.
func (a *API) keyed(clear any) []byte {
	b, _ := json.Marshal(clear) // texts only: does not fail
	mac := hmac.New(sha256.New, a.SubjectKey)
	mac.Write([]byte("relieftrail/request/v1\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

func (a *API) argumentOf(b *applicationBody) (applicationArgument, []byte, []byte, error) {
	members, facts, person, err := a.household(b.Programme, &b.factsBody)
	return applicationArgument{b.ID, relief.ProgrammeID(b.Programme), b.Region, b.Settlement, members, b.Need}, facts, person, err
}

// applyForCase takes one application.
func (a *API) applyForCase(_ *gin.Context, b applicationBody) (request, error) {
	argument, facts, person, err := a.argumentOf(&b)
	return request{
		argument: argument, location: "/v1/cases/" + b.ID, private: a.keyed(b),
		transient: map[string][]byte{
			relief.TransientFacts:   relief.AppendPersons(nil, [][]byte{facts}),
			relief.TransientPersons: relief.AppendPersons(nil, [][]byte{person}),
		},
	}, err
}

// fileBody is many acts of one kind, done in one transaction.
type fileBody struct {
	Act   relief.Act        `json:"act"`
	Items []json.RawMessage `json:"items"`
}

// fileOfActs sends a file of acts; applications are turned into references and sealed like single ones.
func (a *API) fileOfActs(_ *gin.Context, b fileBody) (request, error) {
	if b.Act != relief.ActCaseApply {
		return request{argument: b}, nil
	}
	arguments := make([]applicationArgument, len(b.Items))
	var facts, persons [][]byte
	bodies := make([]applicationBody, len(b.Items))
	for i, item := range b.Items {
		d := json.NewDecoder(bytes.NewReader(item))
		d.DisallowUnknownFields()
		err := d.Decode(&bodies[i])
		if err != nil {
			err = kindInvalid.detail("The application does not have the form that POST /v1/cases takes.")
		}
		var fact, person []byte
		if err == nil {
			arguments[i], fact, person, err = a.argumentOf(&bodies[i])
		}
		if err != nil {
			p := problemOf(err)
			return request{}, &fault{kind: kindInvalid, field: p.Field, detail: p.Detail, line: i + 1}
		}
		facts, persons = append(facts, fact), append(persons, person)
	}
	return request{
		argument: map[string]any{"act": b.Act, "items": arguments}, private: a.keyed(bodies),
		transient: map[string][]byte{
			relief.TransientFacts: relief.AppendPersons(nil, facts), relief.TransientPersons: relief.AppendPersons(nil, persons),
		},
	}, nil
}

// onCase is an act on the case of the path: its body's fields, and the case.
func onCase[T any](c *gin.Context, b T) (request, error) {
	id, err := caseID(c)
	return request{argument: pathArgument{"case", string(id), b}}, err
}

func onNeed[T any](c *gin.Context, b T) (request, error) {
	id, err := pathID(c, "id", relief.ParseNeedID)
	return request{argument: pathArgument{"need", string(id), b}}, err
}

// pathArgument is a body with the id of its path beside its own fields.
type pathArgument struct {
	name, id string
	body     any
}

// MarshalJSON puts the id in front of the body's fields.
func (p pathArgument) MarshalJSON() ([]byte, error) {
	b, err := json.Marshal(p.body)
	if err != nil {
		return nil, err
	}
	head := `{"` + p.name + `":"` + p.id + `"` // an id has no character that JSON would escape
	if string(b) == "{}" {
		return []byte(head + "}"), nil
	}
	return append([]byte(head+","), b[1:]...), nil
}

func caseID(c *gin.Context) (relief.CaseID, error) { return pathID(c, "id", relief.ParseCaseID) }

// The bodies of acts on a case; what their values may be, the contract says.
type (
	evidenceBody struct {
		Kind      string `json:"kind"`
		TakenAt   string `json:"taken_at"`
		Region    string `json:"region"`
		SHA256    string `json:"sha256"`
		MediaType string `json:"media_type"`
	}
	matchBody struct {
		Statement json.RawMessage `json:"statement"`
	}
	matchAnswerBody struct {
		Match   int    `json:"match"`
		Outcome string `json:"outcome"`
		SHA256  string `json:"sha256"`
	}
	noticeBody struct {
		Class   string `json:"class"`
		Persons int    `json:"persons"`
		Amount  string `json:"amount"`
	}
	objectionBody struct {
		Channel string `json:"channel"`
		SHA256  string `json:"sha256"`
	}
	objectionAnswerBody struct {
		Objection int    `json:"objection"`
		Founded   bool   `json:"founded"`
		SHA256    string `json:"sha256"`
	}
	decisionBody struct {
		Outcome     string `json:"outcome"`
		Segment     *int   `json:"segment,omitempty"`
		Reason      string `json:"reason,omitempty"`
		HowToAppeal string `json:"how_to_appeal,omitempty"`
	}
	reviewBody struct {
		Finding string      `json:"finding"`
		Terms   *noticeBody `json:"terms,omitempty"`
		Members []string    `json:"members,omitempty"` // references
		Reason  string      `json:"reason,omitempty"`
	}
	confirmBody struct {
		Agree bool `json:"agree"`
	}
	suspendBody struct {
		From   string `json:"from"`
		Reason string `json:"reason"`
	}
	resumeBody struct {
		From string `json:"from"`
	}
	appealBody struct {
		SHA256 string `json:"sha256"`
	}
	appealDecisionBody struct {
		Upheld bool   `json:"upheld"`
		SHA256 string `json:"sha256"`
	}
	needBody struct {
		ID        string            `json:"id"`
		Subject   relief.SubjectRef `json:"subject"`
		Region    string            `json:"region"`
		Programme string            `json:"programme"`
		Source    string            `json:"source"`
		SHA256    string            `json:"sha256"`
	}
	dismissBody struct {
		Reason string `json:"reason"`
	}
)

func findNeed(_ *gin.Context, b needBody) (request, error) {
	return request{argument: b, location: "/v1/needs/" + b.ID}, nil
}

// decideCase fills in where a grant goes on the roll, unless the caller says it: the segment of the first free number.
func (a *API) decideCase(c *gin.Context, b decisionBody) (request, error) {
	if b.Outcome != string(relief.Granted) || b.Segment != nil {
		return onCase(c, b)
	}
	id, err := caseID(c)
	if err != nil {
		return request{}, err
	}
	segment, err := a.freeSegment(c, id)
	if err != nil {
		return request{}, err
	}
	b.Segment = &segment
	return onCase(c, b)
}

func (a *API) freeSegment(c *gin.Context, id relief.CaseID) (int, error) {
	document, err := a.evaluate(c, "case:Case", map[string]relief.CaseID{"case": id})
	if err != nil {
		return 0, err
	}
	var record relief.Case
	if err := json.Unmarshal(document, &record); err != nil {
		return 0, err
	}
	document, err = a.evaluate(c, "case:RollStatus", map[string]any{"programme": record.Programme, "county": record.Region.County()})
	if err != nil {
		return 0, err
	}
	var roll struct {
		SegmentSize int `json:"segment_size"`
		Next        int `json:"next"`
	}
	if err := json.Unmarshal(document, &roll); err != nil || roll.SegmentSize < 1 {
		return 0, relief.Errorf(relief.CodeCorrupt, "the roll's state cannot be read")
	}
	return roll.Next / roll.SegmentSize, nil
}

// caseFacts opens the sealed facts of a case for whoever may read them.
func (a *API) caseFacts(c *gin.Context) {
	id, err := caseID(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil && a.Persons == nil {
		err = kindForbidden.detail("This gateway has no persons key: private details are not kept here.")
	}
	var document, sealed []byte
	if err == nil {
		document, err = a.evaluate(c, "case:Case", map[string]relief.CaseID{"case": id})
	}
	if err == nil {
		sealed, err = a.evaluate(c, "case:Facts", map[string]relief.CaseID{"case": id})
	}
	var record relief.Case
	if err == nil {
		err = json.Unmarshal(document, &record)
	}
	var clear []byte
	if err == nil {
		clear, err = a.Persons.OpenFacts(sealed, record.Head(), record.Programme)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, jsonContent, clear)
}

// caseDuties names who did each step of a case, or whose duty it is.
func (a *API) caseDuties(ctx context.Context, c *gin.Context) (any, error) {
	id, err := caseID(c)
	if err != nil {
		return nil, err
	}
	document, err := a.Index.Record(ctx, relief.KindCase, string(id))
	if err != nil {
		return nil, err
	}
	var record relief.Case
	if err := json.Unmarshal(document, &record); err != nil {
		return nil, err
	}
	registry, err := a.Index.Registry(ctx)
	return map[string][]relief.Step{"steps": relief.StepsOf(relief.CaseSteps, record.Acts, registry.Duties)}, err
}
