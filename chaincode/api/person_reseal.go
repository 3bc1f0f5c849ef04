// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/wire"
)

// The functions by which two officials have sealed documents sealed again, with the key of a later epoch.
var (
	PersonSealedNames = define[SegmentDetailsInput, SealedNames](Row{
		Name: "person:SealedNames", Act: relief.ActReadPerson, Zh: "列出分段加密文件", En: "list the sealed documents of a segment's people", ReadOnly: true,
		Doc: "Of the people of a segment of a roll from number `from` on, at most 500 a page: the names of documents under their own keys, of " +
			"changes and links, and of detail pages, earlier ones too. A name may be of nothing, or of another county. Documents of cases are named " +
			"by the cases: `details/ID`, `facts/ID`, and `facts/ID/ACT` for what a review brought.",
	})
	PersonSealed = define[SealedInput, SealedDocuments](Row{
		Name: "person:Sealed", Act: relief.ActReadPerson, Zh: "读取加密文件", En: "read sealed documents", ReadOnly: true,
		Doc: "At most 200 documents of a county by their names, sealed as they are, with the person and the programme to which each is bound; a page has " +
			"those of its people. Only from the peer of the caller's own agency; the caller's region covers the county. What is not kept, or is of " +
			"another county, is left out.",
	})
	PersonProposeReseal = define[reseal.Terms, reseal.Reseal](Row{
		Name: "person:ProposeReseal", Act: relief.ActPersonProposeReseal, Zh: "提请重新封存", En: "propose to seal documents again",
		Doc: "That documents of a county are sealed with the key of another epoch: each by its name, with the hash of what is kept and of what takes its " +
			"place. CONFLICT for a document that is another one by now. The same proposal has the same id and changes nothing.",
	})
	PersonConfirmReseal = define[ConfirmResealInput, reseal.Reseal](Row{
		Name: "person:ConfirmReseal", Act: relief.ActPersonConfirmReseal, Zh: "确认重新封存", En: "confirm documents that were sealed again",
		Transient: []string{wire.TransientSealed},
		Doc: "`sealed` has the documents of the proposal whose digest is named, in any order. They take the places of the earlier ones, which are purged from " +
			"every peer with their history. A document that was changed or erased meanwhile is left as it is, and counted in `left`; a legal hold keeps " +
			"nothing from being sealed again. Or the proposal is refused with a reason. SAME_PERSON for the proposer.",
	})
	PersonGetReseal = define[ResealInput, reseal.Reseal](Row{
		Name: "person:GetReseal", Act: relief.ActRead, Zh: "查询重新封存", En: "read a resealing", ReadOnly: true,
	})
	PersonListReseals = define[ResealFilter, Page[reseal.Reseal]](Row{
		Name: "person:ListReseals", Act: relief.ActRead, Zh: "重新封存列表", En: "list resealings", ReadOnly: true,
		Doc: "A page has at most 20.",
	})
)

// MaxReseals bounds a page of resealings: each names up to reseal.MaxDocuments documents.
const MaxReseals = 20

// SealedNames are names of sealed documents; Next is the number that the next page begins with, 0 at the end.
type SealedNames struct {
	Names []string `json:"names"`
	Next  uint32   `json:"next,omitempty"`
}

// SealedInput asks for sealed documents of a county by their names.
type SealedInput struct {
	County relief.Region `json:"county"`
	Names  []string      `json:"names"`
}

// SealedDocuments are sealed documents in the order of the question, without those that are not there.
type SealedDocuments struct {
	Items []SealedDocument `json:"items"`
}

// SealedDocument is a sealed document, or a detail page of them. Subject says to whom a document is bound; the people of a page are on
// it.
type SealedDocument struct {
	Name      string             `json:"name"`
	Programme relief.ProgrammeID `json:"programme"`
	Subject   relief.SubjectRef  `json:"subject,omitzero"`
	Document  []byte             `json:"document"`
}

// ConfirmResealInput agrees with a resealing or refuses it.
type ConfirmResealInput struct {
	ID relief.ResealID `json:"id"`
	reseal.Decision
}

// ResealInput names a resealing.
type ResealInput struct {
	ID relief.ResealID `json:"id"`
}

// ResealFilter asks for a page of resealings.
type ResealFilter struct {
	PageInput
	Region relief.Region `json:"region,omitempty"`
	State  reseal.State  `json:"state,omitempty"`
}
