package uploads

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/internal/table"
)

// ActMember is a member of an act in a file of acts.
type ActMember struct {
	Name     string         `json:"name"`
	Title    bilingual.Text `json:"title"`
	Required bool           `json:"required"`
	Example  any            `json:"example,omitempty"` // of those that go together with the others
}

// actTemplate says how a file of an act is written, and is one: File is the body of POST /v1/cases/files.
type actTemplate struct {
	Act     relief.Act     `json:"act"`
	Title   bilingual.Text `json:"title"`
	Members []ActMember    `json:"members"`
	File    actFile        `json:"file"`
}

type actFile struct {
	Act   relief.Act       `json:"act"`
	Items []map[string]any `json:"items"`
}

// ActTemplate answers with the template of a file of an act: as JSON what each member holds and a file of one act that is sent whole,
// as NDJSON a line of a file of any length. The people in them are invented.
func (h *Handlers) ActTemplate(_ context.Context, c *gin.Context) error {
	o, err := h.core.TableOptions(c, table.JSON, table.NDJSON)
	if err != nil {
		return err
	}
	act := relief.Act(c.Param("act"))
	t := actTemplate{Act: act, Members: ActMembers(act), File: actFile{Act: act, Items: []map[string]any{{}}}}
	if t.Members == nil {
		return problem.NotFound.Because("没有这种操作的文件；操作名称形如 case.apply。", "There are no files of this act; the acts are named like case.apply.")
	}
	t.Title.Zh, t.Title.En = api.ActWords(act)
	for _, m := range t.Members {
		if m.Example != nil {
			t.File.Items[0][m.Name] = m.Example
		}
	}
	if o.Format == table.JSON {
		return rest.JSON(c, t)
	}
	line, err := json.Marshal(t.File.Items[0])
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+string(act)+`.`+o.Format.Extension()+`"`)
	c.Data(http.StatusOK, o.Format.ContentType(), append(line, '\n'))
	return nil
}

// ActMembers are the members of an act in a file, in their order; nil for an act of which no files are taken.
func ActMembers(act relief.Act) []ActMember {
	for _, r := range api.Rows() {
		if !r.Fileable || r.Act != act {
			continue
		}
		argument := r.Argument
		switch act { // what is sealed before it leaves the gateway is sent in clear to it
		case relief.ActCaseApply:
			argument = reflect.TypeFor[seal.Application]()
		case relief.ActRollChangePayee:
			argument = reflect.TypeFor[seal.PayeeChange]()
		}
		return membersOf(argument, act)
	}
	return nil
}

func membersOf(t reflect.Type, act relief.Act) (members []ActMember) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			members = append(members, membersOf(f.Type, act)...)
		case name != "" && name != "-":
			title := bilingual.Text{Zh: bilingual.FieldWord(name), En: strings.ReplaceAll(name, "_", " ")}
			members = append(members, ActMember{name, title, !strings.Contains(options, "omit"), example(act, name)})
		}
	}
	return members
}

// example is a value that a member of an act may have.
func example(act relief.Act, name string) any {
	if v, own := examplesOf[act][name]; own {
		return v
	}
	return examples[name]
}

var (
	somebody = relief.SubjectRef{1, 7}.String() // a form of a reference, and nobody's
	hash     = strings.Repeat("ab", 32)
	terms    = map[string]any{"class": "B", "persons": 2, "amount": "960.00"}
)

// examples are values of members that mean the same in every act. The household is invented.
var examples = map[string]any{
	"programme": "dibao", "subject": somebody, "subjects": []string{somebody}, "case": "c-2026-0001", "region": "530181003214", "county": "530181",
	"change": "dibao-530181-0000001-c1", "need": "n-2026-0001", "id": "c-2026-0001", "sha256": hash, "evidence_sha256": hash, "agree": true,
	"class": "B", "persons": 2, "amount": "960.00", "from": "2027-01", "last_period": "2026-12", "document": "安民发〔2026〕12号", "reason": "样例",
	"name": "孟华", "account": "6230599083016613184", "bank": "农村信用社", "phone": "13900000000", "household_no": "5301810000001", "renew": false,
	"to_county": "530129", "to_programme": "dibao", "settlement": "rural", "address": "样例村一组", "income": "1200.00", "property": "无",
	"members": []any{map[string]any{"name": "孟华", "id_number": "530181196401209708"}, map[string]any{"name": "孟小华", "id_number": "530181200903075796", "relation": "child"}},
	"kind":    "home-visit", "taken_at": "2026-11-20T09:30:00+08:00", "media_type": "image/jpeg", "source": "civil-registry", "match": 0,
	"statement": map[string]any{
		"source": "civil-registry", "subject": somebody, "queried_at": "2026-11-20T09:30:00+08:00", "code": "registered", "adverse": false,
		"result_sha256": hash, "signature": strings.Repeat("A", 86) + "==",
	},
	"channel": "hotline", "objection": 0, "founded": false, "upheld": false, "segment": 0, "terms": terms,
}

// examplesOf are values that an act has of its own.
var examplesOf = map[relief.Act]map[string]any{
	relief.ActRollExit:             {"reason": "death", "died_on": "2026-11-18"},
	relief.ActRollSetTerms:         {"reason": "standard"},
	relief.ActRollSetResidence:     {"residence": "rural", "reason": nil},
	relief.ActRollMoveOut:          {"reason": "搬迁"},
	relief.ActCaseApply:            {"need": nil, "amount": nil, "bill": nil},
	relief.ActCaseAnswerMatch:      {"outcome": "cleared"},
	relief.ActCaseDecide:           {"outcome": "granted", "amount": nil, "reason": "", "how_to_appeal": ""},
	relief.ActCaseDecideTownship:   {"outcome": "granted", "amount": nil, "reason": "", "how_to_appeal": ""},
	relief.ActCaseReview:           {"finding": "keep", "members": []string{somebody}, "from": nil, "from_reason": nil, "document": nil, "reason": "", "name_tag": nil, "account_tag": nil},
	relief.ActNeedFind:             {"id": "n-2026-0001"},
	relief.ActNeedDismiss:          {"reason": "样例"},
	relief.ActPersonProposeErasure: {"reason": "request"},
}
