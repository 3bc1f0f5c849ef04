package rollimport

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
)

// Kind says what an import does with a line, or why the official who confirms should look at it.
type Kind string

// The kinds of lines. A doubtful line is also new, changed, unchanged or refused.
const (
	KindNew      Kind = "new"      // enters the roll, or enters it again
	KindChanged  Kind = "changed"  // is on the roll with other content
	KindMissing  Kind = "missing"  // on the roll by an import and in force, and not in the file
	KindRefused  Kind = "refused"  // is not imported
	KindDoubtful Kind = "doubtful" // should be compared with the originals
)

// Kinds are all kinds, in the order in which they are shown.
var Kinds = []Kind{KindNew, KindChanged, KindMissing, KindRefused, KindDoubtful}

// Row is one line of the file, or one entry of the roll that the file lacks, as it is kept for the official who
// confirms. Names and accounts are in the sealed details only.
type Row struct {
	Line    int               `json:"line,omitempty"`   // of the file; 0 for an entry that the file lacks
	Number  *uint32           `json:"number,omitempty"` // on the roll; nil for a person who was never on it
	Subject relief.SubjectRef `json:"subject,omitzero"`
	Source                    // where the person was taken from; empty for a line of a file
	Terms
	Changes []Change `json:"changes,omitempty"`
	Doubts  []Doubt  `json:"doubts,omitempty"`
	Refusal
	Details *Span `json:"details,omitempty"` // of the file's line; nil for a line that could not be read, and for an entry
}

// Source is a number on the roll of another programme, from which a person is taken.
type Source struct {
	FromProgramme relief.ProgrammeID `json:"from_programme,omitempty"`
	FromNumber    *uint32            `json:"from_number,omitempty"`
}

// Terms are what a line says of an entitlement.
type Terms struct {
	Region  relief.Region `json:"region,omitempty"`
	Persons uint8         `json:"persons,omitempty"`
	Class   string        `json:"class,omitempty"`
	Amount  relief.Fen    `json:"amount,omitzero"`
	// Residence is where the household lives, as far as the line says it, or the roll of an entry that the file lacks.
	Residence relief.Residence `json:"residence,omitempty"`
}

// Refusal says why a line is not imported; all empty for a line that is.
type Refusal struct {
	Field string          `json:"field,omitempty"`
	Code  relief.LineCode `json:"code,omitempty"`
	Note  string          `json:"note,omitempty"` // in both languages, or the id of a record
}

// Column is a column in which a line can differ from the roll.
type Column string

// The columns.
const (
	ColumnName    Column = "name"
	ColumnAccount Column = "account"
	ColumnPersons Column = "persons"
	ColumnClass   Column = "class"
	ColumnAmount  Column = "amount"
	ColumnMembers Column = "members" // how many there are beside the head
	// ColumnResidence is where the household lives: the old value is missing where the roll says none.
	ColumnResidence Column = "residence"
)

// Change is a column in which a line differs from the roll. Names and accounts have no values here: they are read from
// the sealed details.
type Change struct {
	Column Column `json:"column"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// DoubtCode says why a line should be compared with the originals.
type DoubtCode string

// The doubts.
const (
	DoubtCheckDigit  DoubtCode = "check-digit"
	DoubtRounded     DoubtCode = "rounded"
	DoubtShared      DoubtCode = "shared-account"
	DoubtSameName    DoubtCode = "same-name"
	DoubtNumberTwice DoubtCode = "number-twice"
)

var doubtTexts = map[DoubtCode]bilingual.Text{
	DoubtCheckDigit:  {Zh: "像银行卡号但校验位不符，请与原件核对", En: "looks like a card number with a wrong check digit"},
	DoubtRounded:     {Zh: "第16位起全为零，可能已被电子表格舍入", En: "has only zeros after 15 digits, as rounding leaves it"},
	DoubtShared:      {Zh: "与他人使用同一银行账号，且未登记为共用账户", En: "shares its account with others, and nobody declared it as shared"},
	DoubtSameName:    {Zh: "同一地区有同名而身份证号不同的人", En: "somebody in the same region has the same name and another identity number"},
	DoubtNumberTwice: {Zh: "身份证号在文件中出现多次", En: "the identity number is in the file more than once"},
}

// Text is the doubt in words.
func (c DoubtCode) Text() bilingual.Text { return doubtTexts[c] }

// maxOthers bounds the others that a doubt or a refusal names.
const maxOthers = 10

// Doubt is a reason to look at a line, and whom it concerns beside the line itself: at most maxOthers of them.
type Doubt struct {
	Code    DoubtCode `json:"code"`
	Lines   []int     `json:"lines,omitempty"`   // of the file
	Numbers []uint32  `json:"numbers,omitempty"` // on the roll
}

// Total is a number of lines and the sum of their monthly amounts.
type Total struct {
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

func (t *Total) add(amount relief.Fen) {
	t.Count++
	t.Sum += amount // a file's lines, each at most relief.MaxFen: some 10^12 of 10^18
}

// Township is what the file's lines that are right come to in a township.
type Township struct {
	Region relief.Region `json:"region"`
	Total
}

// DoubtCount is how many lines have a doubt.
type DoubtCount struct {
	Code  DoubtCode `json:"code"`
	Count int       `json:"count"`
}

// Summary counts the lines of an import. It says nothing about a person.
type Summary struct {
	New       Total        `json:"new"`
	Changed   Total        `json:"changed"`
	Unchanged Total        `json:"unchanged"`
	Missing   Total        `json:"missing"`
	Refused   Total        `json:"refused"` // without the sums of lines that could not be read
	Townships []Township   `json:"townships"`
	Doubts    []DoubtCount `json:"doubts"`
}
