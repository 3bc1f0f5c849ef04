package httpapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/seal"
)

// households seal applications; false where no private details are kept.
func (a *API) households() (*seal.Households, error) {
	if a.Persons == nil {
		return nil, kindForbidden.detail("This gateway has no persons key: applications are taken where private details are kept.")
	}
	return &seal.Households{Key: a.SubjectKey, Epoch: a.SubjectEpoch, Persons: a.Persons}, nil
}

// keyed is a hash of something private that only the agencies can compute.
func (a *API) keyed(clear any) []byte {
	b, _ := json.Marshal(clear) // texts only: does not fail
	mac := hmac.New(sha256.New, a.SubjectKey)
	mac.Write([]byte("relieftrail/request/v1\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

// applyForCase takes one application.
func (a *API) applyForCase(_ *gin.Context, b seal.Application) (request, error) {
	households, err := a.households()
	if err != nil {
		return request{}, err
	}
	sealed, err := households.Seal(&b)
	return request{
		argument: sealed.Argument, location: "/v1/cases/" + b.ID, private: a.keyed(b),
		transient: map[string][]byte{
			wire.TransientFacts:   roll.AppendDetails(nil, [][]byte{sealed.Facts}),
			wire.TransientPersons: roll.AppendDetails(nil, [][]byte{sealed.Person}),
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
	households, err := a.households()
	if err != nil {
		return request{}, err
	}
	arguments := make([]seal.ApplicationArgument, len(b.Items))
	var facts, persons [][]byte
	bodies := make([]seal.Application, len(b.Items))
	for i, item := range b.Items {
		var sealed seal.SealedApplication
		if bodies[i], err = seal.ReadApplication(item); err == nil {
			sealed, err = households.Seal(&bodies[i])
		}
		if err != nil {
			p := problemOf(err)
			return request{}, &fault{kind: kindInvalid, field: p.Field, detail: p.Detail, line: i + 1}
		}
		arguments[i] = sealed.Argument
		facts, persons = append(facts, sealed.Facts), append(persons, sealed.Person)
	}
	return request{
		argument: map[string]any{"act": b.Act, "items": arguments}, private: a.keyed(bodies),
		transient: map[string][]byte{
			wire.TransientFacts: roll.AppendDetails(nil, facts), wire.TransientPersons: roll.AppendDetails(nil, persons),
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
		// Facts are what the household tells of itself now: sealed, and its members are those of a change.
		Facts *seal.Facts `json:"facts,omitempty"`
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

// reviewCase prepares a re-check; what the household tells of itself now is turned into references and sealed like an application.
func (a *API) reviewCase(c *gin.Context, b reviewBody) (request, error) {
	facts := b.Facts
	b.Facts = nil
	if facts == nil {
		return onCase(c, b)
	}
	id, err := caseID(c)
	if err != nil {
		return request{}, err
	}
	households, err := a.households()
	if err != nil {
		return request{}, err
	}
	document, err := a.evaluate(c, "case:Get", map[string]relief.CaseID{"case": id})
	if err != nil {
		return request{}, err
	}
	var record casework.Case
	if err := json.Unmarshal(document, &record); err != nil {
		return request{}, err
	}
	sealed, err := households.Seal(&seal.Application{Programme: string(record.Programme), Facts: *facts})
	if err != nil {
		return request{}, err
	}
	switch {
	case b.Members != nil:
		return request{}, &fault{kind: kindInvalid, field: "members", detail: "The members are those of the facts: give one or the other."}
	case sealed.Argument.Members[0] != record.Head():
		return request{}, &fault{kind: kindInvalid, field: "facts.members", detail: "The head of the household stays and comes first."}
	case b.Finding == string(casework.RecheckChange):
		for _, m := range sealed.Argument.Members {
			b.Members = append(b.Members, m.String())
		}
	case !slices.Equal(sealed.Argument.Members, record.Members):
		return request{}, &fault{kind: kindInvalid, field: "facts.members", detail: "Other members are a change of the household: finding is change."}
	}
	r, err := onCase(c, b)
	r.private = a.keyed(facts)
	r.transient = map[string][]byte{wire.TransientFacts: roll.AppendDetails(nil, [][]byte{sealed.Facts})}
	return r, err
}

// decideCase fills in where a grant goes on the roll, unless the caller says it: the segment of the first free number.
func (a *API) decideCase(c *gin.Context, b decisionBody) (request, error) {
	if b.Outcome != string(casework.Granted) || b.Segment != nil {
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
	document, err := a.evaluate(c, "case:Get", map[string]relief.CaseID{"case": id})
	if err != nil {
		return 0, err
	}
	var record casework.Case
	if err := json.Unmarshal(document, &record); err != nil {
		return 0, err
	}
	document, err = a.evaluate(c, "roll:Status", map[string]any{"programme": record.Programme, "county": record.Region.County()})
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
	var document, held []byte
	if err == nil {
		document, err = a.evaluate(c, "case:Get", map[string]relief.CaseID{"case": id})
	}
	if err == nil {
		held, err = a.evaluate(c, "case:Facts", map[string]relief.CaseID{"case": id})
	}
	var record casework.Case
	if err == nil {
		err = json.Unmarshal(document, &record)
	}
	var clear []byte
	if err == nil {
		clear, err = a.Persons.FactsOf(&record, held)
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
	var record casework.Case
	if err := json.Unmarshal(document, &record); err != nil {
		return nil, err
	}
	registry, err := a.Index.Registry(ctx)
	return api.Steps{Steps: api.StepsOf(api.CaseSteps(), record.Acts, registry.Duties)}, err
}
