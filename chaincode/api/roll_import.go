// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The functions that import a roll.
var (
	RollProposeImport = define[roll.ImportTerms, roll.ImportProposal](Row{
		Name: "roll:ProposeImport", Act: relief.ActRollProposeImport, Zh: "提出导入名册", En: "propose the import of a roll",
		Doc: "Names every chunk by its hash, with its lines, its sum and what is new and changed, and says who is missing. " +
			"The programme's version must have a day `import_until`; or it takes its people from other rolls, and `rate` is the digest of the month's rate.",
	})
	RollConfirmImport = define[ConfirmImportInput, roll.ImportProposal](Row{
		Name: "roll:ConfirmImport", Act: relief.ActRollConfirmImport, Zh: "确认导入名册", En: "confirm the import of a roll",
		Doc: "Agrees or, with a reason, refuses. CONFLICT unless `digest` is the proposal's; SAME_PERSON for the official who proposed.",
	})
	RollImport = define[ImportInput, wire.ChunkResult](Row{
		Name: "roll:Import", Act: relief.ActRollImport, Zh: "导入名册", En: "import a roll",
		Transient: []string{wire.TransientRoll, wire.TransientPersons},
		Doc: "Carries out a chunk of a confirmed import, at most 4,000 people, as it was proposed. A chunk counts once: sent again, its lines are `unchanged`. " +
			"PENDING when new people have no room in the segments that are named; then nothing is written.",
	})
	RollWithdrawImport = define[ImportIDInput, roll.ImportProposal](Row{
		Name: "roll:WithdrawImport", Act: relief.ActRollWithdrawImport, Zh: "撤回导入名册", En: "withdraw the import of a roll",
		Doc: "Chunks that were carried out stay on the roll.",
	})
	RollGetImport = define[ImportIDInput, ImportDetails](Row{
		Name: "roll:GetImport", Act: relief.ActRead, Zh: "查询名册导入", En: "read the import of a roll", ReadOnly: true,
		Doc: "With its chunks. Those that were carried out have their results.",
	})
	RollListImports = define[PageInput, Page[roll.ImportProposal]](Row{
		Name: "roll:ListImports", Act: relief.ActRead, Zh: "查询名册导入列表", En: "list the imports of rolls", ReadOnly: true,
	})
	RollStanding = define[SegmentInput, SegmentStanding](Row{
		Name: "roll:Standing", Act: relief.ActRead, Zh: "查询分段现状", En: "read a segment of a roll as an import compares it", ReadOnly: true,
		Doc: "The packed values of the roll and its payees, and the people whom a decision put on the roll or whose household has members.",
	})
)

// RollTakeSegment works out whom a programme takes from another roll.
var RollTakeSegment = define[TakeSegmentInput, TakenSegment](Row{
	Name: "roll:TakeSegment", Act: relief.ActRead, Zh: "试算从其他名册提取", En: "read whom a programme takes from a segment of another roll", ReadOnly: true,
	Doc: "Who gets how much in the month by its rate, and who is left out and why: suspended, exited, before-entry, on-another-roll, no-payee, " +
		"amount-under-bound or amount-over-bound.",
})

// TakeSegmentInput asks whom a programme takes from a segment of a county's roll of another programme, for a month.
type TakeSegmentInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	Period    relief.Period      `json:"period"`
	From      relief.ProgrammeID `json:"from_programme"`
	County    relief.Region      `json:"county"`
	Segment   uint32             `json:"segment"`
}

// TakenSegment has everybody of a segment, in the order of their numbers.
type TakenSegment struct {
	People []roll.Taken `json:"people"`
}

// ConfirmImportInput is the word of the official who confirms an import.
type ConfirmImportInput struct {
	ID relief.ImportID `json:"id"`
	roll.ImportDecision
}

// ImportIDInput names an import.
type ImportIDInput struct {
	ID relief.ImportID `json:"id"`
}

// ImportInput says which import a chunk belongs to and where its people are to be put on the roll.
type ImportInput struct {
	Import relief.ImportID `json:"import"`
	// Segments are 1 to wire.MaxChunkSegments: those of the chunk's people who are or were on this county's roll, and those
	// that new people fill, in this order.
	Segments []uint32 `json:"segments"`
	// Range asks the ledger once for everybody on the roll from the first to the last of the chunk's people, in the
	// order of SubjectRef.Compare, in place of each of them. Then nobody else may come in between before the transaction
	// commits.
	Range bool `json:"range,omitempty"`
}

// ImportDetails are an import and its chunks, in the order of their hashes.
type ImportDetails struct {
	Import roll.ImportProposal      `json:"import"`
	Chunks []roll.ImportChunkRecord `json:"chunks"`
}

// SegmentStanding is a segment of a roll as an import compares it: roll.ParsePart reads the packed values.
type SegmentStanding struct {
	Size    uint32           `json:"segment_size"`
	Segment []byte           `json:"segment"`
	Payees  []byte           `json:"payees"`
	People  []PersonStanding `json:"people"`
}

// PersonStanding is what an import regards of a person beside the packed values. People without a case and without members
// are left out.
type PersonStanding struct {
	Number  uint32              `json:"number"`
	Case    relief.CaseID       `json:"case,omitempty"` // whose decision put the person on the roll
	Members []relief.SubjectRef `json:"members,omitempty"`
}
