package receipts

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/naming"
)

// Words are the codes of a receipt in words. They are this gateway's registry's: the receipt proves the codes.
type Words struct {
	Programme bilingual.Text `json:"programme"`
	Region    bilingual.Text `json:"region"` // from the province down
}

// names are what the receipts of a programme take their words from.
type names struct {
	programme bilingual.Text
	regions   []registry.RegionEntry
}

// Words finds the words for a leaf's codes.
func (m *Maker) Words(ctx context.Context, leaf *relief.Leaf) (Words, error) {
	n, err := m.namesOf(ctx, leaf.Payment.Programme)
	return n.words(leaf), err
}

func (m *Maker) namesOf(ctx context.Context, id relief.ProgrammeID) (n names, err error) {
	document, err := m.Records.Record(ctx, relief.KindProgramme, string(id))
	if err != nil {
		return n, err
	}
	var p programme.Programme
	if err := json.Unmarshal(document, &p); err != nil {
		return n, err
	}
	agreed, err := m.Records.Registry(ctx)
	if err != nil {
		return n, err
	}
	name := naming.Of(&p)
	if name.NameEn == "" {
		name.NameEn = name.Name
	}
	return names{bilingual.Text{Zh: name.Name, En: name.NameEn}, agreed.Regions}, nil
}

func (n *names) words(leaf *relief.Leaf) Words {
	place := naming.Place(n.regions, leaf.Region, naming.Province)
	return Words{n.programme, bilingual.Text{Zh: place, En: place}}
}

// Beside puts the words before the codes in what a receipt proves.
func (w *Words) Beside(facts []receipt.Fact) []receipt.Fact {
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
