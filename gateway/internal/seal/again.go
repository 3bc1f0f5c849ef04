package seal

import (
	"relieftrail/chaincode/relief"
)

// PersonAgain seals what a sealed document of a person holds with the key in use. The same document comes out as the same bytes at every
// gateway that has the keys: so another official's gateway sees that nothing else was put in its place. Its errors are Person's.
func (o *Opener) PersonAgain(document []byte, ref relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	if _, err := o.Person(document, ref, programme); err != nil {
		return nil, err
	}
	return o.again(document, bound(ref, programme))
}

// FactsAgain is PersonAgain for the facts of a household. Its errors are those of Facts.
func (o *Opener) FactsAgain(document []byte, head relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	return o.again(document, boundFacts(head, programme))
}

func (o *Opener) again(document, context []byte) ([]byte, error) {
	clear, err := o.open(document, context)
	if err != nil {
		return nil, err
	}
	return o.key.same().seal(clear, context)
}
