package public

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/rest"
)

// programmeName is a programme with the name that it has now, or had last.
type programmeName struct {
	ID     relief.ProgrammeID `json:"id"`
	Name   string             `json:"name"`
	NameEn string             `json:"name_en,omitempty"`
}

type regionName struct {
	Code relief.Region `json:"code"`
	Name string        `json:"name"`
}

// publicNames are the names of all programmes and regions. The page that checks receipts takes all of them, so that the
// gateway does not learn whose receipt is checked.
type publicNames struct {
	Programmes []programmeName `json:"programmes"`
	Regions    []regionName    `json:"regions"`
}

// programmesAtOnce is how many programmes are read at a time.
const programmesAtOnce = 100

// Names lists what the codes of programmes and regions stand for.
func (h *Handlers) Names(c *gin.Context) error {
	if err := h.core.IndexFault(); err != nil {
		return err
	}
	content, err := h.allNames.get(c.Request.Context(), "", func(ctx context.Context) ([]byte, error) {
		names, err := h.names(ctx)
		if err != nil {
			return nil, err
		}
		return json.Marshal(names)
	})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=60")
	if unchanged(c, content) {
		return nil
	}
	return rest.JSON(c, json.RawMessage(content))
}

func (h *Handlers) names(ctx context.Context) (names publicNames, err error) {
	names = publicNames{Programmes: []programmeName{}, Regions: []regionName{}}
	for cursor := ""; ; {
		page, err := h.Index.Records(ctx, relief.KindProgramme, cursor, programmesAtOnce, nil)
		if err != nil {
			return names, err
		}
		for _, document := range page.Items {
			var p programme.Programme
			if err := json.Unmarshal(document, &p); err != nil {
				return names, err
			}
			names.Programmes = append(names.Programmes, nameOf(&p))
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	agreed, err := h.Index.Registry(ctx)
	if err != nil {
		return names, err
	}
	for i := range agreed.Regions {
		names.Regions = append(names.Regions, regionName{agreed.Regions[i].Code, agreed.Regions[i].Name})
	}
	return names, nil
}

// nameOf is the name in the version in force, or else in the last one.
func nameOf(p *programme.Programme) programmeName {
	name := programmeName{ID: p.ID}
	for i := range p.Versions {
		v := &p.Versions[i]
		if name.Name, name.NameEn = v.Name, v.NameEn; v.Version.Version == p.InForce {
			break
		}
	}
	return name
}

// receiptWords are the codes of a receipt in words. They are this gateway's registry's: the receipt proves the codes.
type receiptWords struct {
	Programme bilingual.Text `json:"programme"`
	Region    bilingual.Text `json:"region"` // from the province down
}

// wordsFor finds the words for a leaf's codes.
func (h *Handlers) wordsFor(ctx context.Context, leaf *relief.Leaf) (w receiptWords, err error) {
	var p programme.Programme
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(leaf.Payment.Programme), &p); err != nil {
		return w, err
	}
	agreed, err := h.Index.Registry(ctx)
	if err != nil {
		return w, err
	}
	name, place := nameOf(&p), placeFrom(agreed.Regions, leaf.Region, province)
	w.Programme = bilingual.Text{Zh: name.Name, En: name.NameEn}
	if w.Programme.En == "" {
		w.Programme.En = name.Name
	}
	w.Region = bilingual.Text{Zh: place, En: place}
	return w, nil
}

// beside puts the words before the codes in what a receipt proves.
func (w *receiptWords) beside(facts []receipt.Fact) []receipt.Fact {
	words := map[string]bilingual.Text{"programme": w.Programme, "region": w.Region}
	out := make([]receipt.Fact, len(facts))
	for i, f := range facts {
		if word := words[f.Name]; word.Zh != "" {
			f.Value, f.ValueEn = word.Zh+"（"+f.Value+"）", word.En+" ("+f.ValueEn+")"
		}
		out[i] = f
	}
	return out
}

// The levels of regions, by the digits of their codes (GB/T 2260).
const (
	province = 2
	county   = 6
	township = 9
)

// placeFrom names a region by the register, from a level down to the village.
func placeFrom(regions []registry.RegionEntry, at relief.Region, level int) string {
	var names []string
	for _, digits := range []int{province, 4, county, 9, 12} {
		for i := len(regions) - 1; i >= 0 && digits >= level; i-- {
			if r := &regions[i]; len(r.Code) == digits && r.Code.Covers(at) {
				names = append(names, r.Name)
				break
			}
		}
	}
	return strings.Join(names, "")
}
