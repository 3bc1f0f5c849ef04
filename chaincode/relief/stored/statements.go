package stored

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
)

// statements say of each kind of record that the public log has what it says of a version.
var statements = map[string]func(value []byte) ([]byte, error){
	relief.KindMonth:       statementOf[oversight.Month],
	relief.KindPublication: statementOf[oversight.Publication],
	relief.KindPlan:        statementOf[draw.Plan],
}

// MaxStatement bounds a statement, in bytes: bundles of entries write a length in 16 bits (C2SP tlog-tiles).
const MaxStatement = 1<<16 - 1

// Statement is what the public log says of a version of a record, as canonical JSON; nil of a kind that it does not have.
func Statement(kind string, value []byte) ([]byte, error) {
	of := statements[kind]
	if of == nil {
		return nil, nil
	}
	text, err := of(value)
	if err == nil && len(text) > MaxStatement {
		return nil, fmt.Errorf("a statement of %d bytes is longer than %d", len(text), MaxStatement)
	}
	return text, err
}

func statementOf[T any, P interface {
	*T
	Statement() ([]byte, error)
}](value []byte) ([]byte, error) {
	record, err := Read[T](value)
	if err != nil {
		return nil, err
	}
	return P(record).Statement()
}
