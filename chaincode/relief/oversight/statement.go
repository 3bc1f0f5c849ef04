package oversight

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
)

// StatementSchema names the form of statements.
const StatementSchema = "relieftrail/statement/v1"

// MonthStatement is what the public log says of a version of a closed month; the log's leaf is the RFC 6962 hash of it as canonical
// JSON. It names no official, and of the villages it has their root alone: whoever has their lines works the root out.
type MonthStatement struct {
	At        time.Time          `json:"at"` // of the close
	Kind      string             `json:"kind"`
	Schema    string             `json:"schema"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	Version   int                `json:"version"`
	Rules     int                `json:"programme_version"`
	PayBy     relief.Day         `json:"pay_by"`
	Facts
	Classes  []ClassFacts `json:"classes"`
	Villages VillageTree  `json:"villages"`
}

// VillageTree is the RFC 6962 tree of the lines of a month's villages, in the order of their codes.
type VillageTree struct {
	Count int    `json:"count"`
	Root  string `json:"root"` // 64 hexadecimal digits
}

// Statement is the month's last version as the public log has it.
func (m *Month) Statement() ([]byte, error) {
	return Canonical(MonthStatement{
		At: m.Acts[len(m.Acts)-1].At, Kind: relief.KindMonth, Schema: StatementSchema, Programme: m.Programme, County: m.County, Period: m.Period,
		Version: m.Version, Rules: m.ProgrammeVersion, PayBy: m.PayBy, Facts: m.Facts, Classes: m.Classes,
		Villages: TreeOf(m.VillageLines()),
	})
}

// TreeOf is the tree of the lines of a month's villages.
func TreeOf(lines []VillageLine) VillageTree {
	var t tree
	for i := range lines {
		t.add(lines[i].Hash())
	}
	return VillageTree{len(lines), hexOf(t.root())}
}

// Canonical writes a value as canonical JSON (RFC 8785): the members in the order of their names, without white space. Its numbers are
// whole, and its names and texts have no character above ASCII.
func Canonical(v any) ([]byte, error) {
	document, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var members map[string]any // which are written in the order of their names
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(members)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// FewHouseholds is the number of households below which a region's figures are not published: whoever knows the village would
// know the household.
const FewHouseholds = 5

// The forms of the line of a village.
const (
	VillageSchema = "relieftrail/village/v1"
	CountsSchema  = "relieftrail/village-counts/v1"
)

// VillageLine is what a month's statement says of a village. Of a small one it has the counts alone, and the root blinded: its rows
// could be found by trying otherwise.
type VillageLine struct {
	Village
	Counts bool // no persons and sums are said, and Root is the blinded one
}

// VillageLines are the lines of a month's villages, in the order of their codes. When the small ones have fewer than FewHouseholds
// together, the smallest of the others are counts alone, too: their sum is the county's less what is shown.
func (m *Month) VillageLines() []VillageLine {
	lines := make([]VillageLine, len(m.Villages))
	bySize := make([]int, len(lines))
	for i := range m.Villages {
		lines[i].Village, bySize[i] = m.Villages[i], i
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(m.Villages[a].Households, m.Villages[b].Households) })
	hidden := 0
	for _, i := range bySize {
		households := m.Villages[i].Households
		if households >= FewHouseholds && (hidden == 0 || hidden >= FewHouseholds) {
			break
		}
		lines[i].Counts = true
		lines[i].Root = m.blindedRoot(&m.Villages[i])
		hidden += households
	}
	return lines
}

// Blind is the secret that turns a village's root into the one of a line of counts. It rests on the id of the transaction that closed the
// month, which has 192 random bits and which only the agencies know.
func (m *Month) Blind(village relief.Region) [32]byte {
	return sha256.Sum256([]byte("relieftrail/village-blind/v1\x00" + m.Acts[len(m.Acts)-1].Tx + "\x00" + string(village)))
}

func (m *Month) blindedRoot(v *Village) string {
	blind := m.Blind(v.Code)
	return hexOf(sha256.Sum256(append(blind[:], v.Root...)))
}

// AppendJSON appends the line as canonical JSON.
func (l *VillageLine) AppendJSON(b []byte) []byte {
	b = append(b, `{"code":"`...)
	b = append(b, l.Code...)
	if !l.Counts {
		b = append(b, `","deducted":"`...)
		b = append(b, l.Deducted.String()...)
	}
	b = append(b, `","households":`...)
	b = strconv.AppendInt(b, int64(l.Households), 10)
	if !l.Counts {
		b = append(b, `,"persons":`...)
		b = strconv.AppendInt(b, int64(l.Persons), 10)
	}
	b = append(b, `,"root":"`...)
	b = append(b, l.Root...)
	b = append(b, `","rows":`...)
	b = strconv.AppendInt(b, int64(l.Rows), 10)
	if l.Counts {
		return append(b, `,"schema":"`+CountsSchema+`"}`...)
	}
	b = append(b, `,"schema":"`+VillageSchema+`","sum":"`...)
	b = append(b, l.Sum.String()...)
	return append(b, `"}`...)
}

// Hash is the leaf hash of RFC 6962.
func (l *VillageLine) Hash() [32]byte {
	return sha256.Sum256(l.AppendJSON(append(make([]byte, 0, 256), 0)))
}
