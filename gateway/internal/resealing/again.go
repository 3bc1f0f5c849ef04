package resealing

import (
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// isOf reports whether a document is of a kind.
func isOf(d *api.SealedDocument, kind string) bool { return strings.HasPrefix(d.Name, kind+"/") }

// Epochs are the epochs of a sealed document, or of those on a page; 0 for what is no sealed document.
func Epochs(d *api.SealedDocument) []uint8 {
	if !isOf(d, relief.KindDetailPage) {
		return []uint8{seal.SealedEpoch(d.Document)}
	}
	people, err := roll.ParseDetailPage(d.Document)
	if err != nil {
		return []uint8{0}
	}
	epochs := make([]uint8, len(people))
	for i := range people {
		epochs[i] = seal.SealedEpoch(people[i].Details)
	}
	return epochs
}

// People are those whose data documents hold.
func People(documents []api.SealedDocument) (refs []relief.SubjectRef) {
	for i := range documents {
		d := &documents[i]
		if !isOf(d, relief.KindDetailPage) {
			refs = append(refs, d.Subject)
			continue
		}
		people, err := roll.ParseDetailPage(d.Document)
		if err != nil {
			continue // Again says so
		}
		for j := range people {
			refs = append(refs, people[j].Ref)
		}
	}
	return refs
}

// Again seals a document with the key in use, or each document of a page. The same document comes out as the same bytes at every
// gateway that has the keys. Its error repeats nothing of the document.
func Again(opened *reading.Opened, d *api.SealedDocument) ([]byte, error) {
	switch {
	case isOf(d, relief.KindFacts):
		return opened.FactsAgain(d.Document, d.Subject, d.Programme)
	case !isOf(d, relief.KindDetailPage):
		return opened.PersonAgain(d.Document, d.Subject, d.Programme)
	}
	people, err := roll.ParseDetailPage(d.Document)
	if err != nil {
		return nil, err
	}
	for i := range people {
		if people[i].Details, err = opened.PersonAgain(people[i].Details, people[i].Ref, d.Programme); err != nil {
			return nil, err
		}
	}
	return roll.AppendDetailPage(nil, people), nil
}
