package stored

import (
	"bytes"

	"relieftrail/chaincode/relief"
)

func claim(k relief.Key, value []byte) error {
	if len(k.Attrs) != 2 || !programmeID(k.Attrs[0]) || !subject(k.Attrs[1]) {
		return errKey
	}
	if !bytes.Equal(value, []byte{1}) {
		return errIncomplete
	}
	return nil
}

// accounting says that a batch is of an accounting period: the key says all.
func accounting(k relief.Key, value []byte) error {
	if len(k.Attrs) != 4 {
		return errKey
	}
	county, errCounty := relief.ParseRegion(k.Attrs[1])
	period, errPeriod := relief.ParsePeriod(k.Attrs[2])
	_, errBatch := relief.ParseBatchID(k.Attrs[3])
	if !programmeID(k.Attrs[0]) || errCounty != nil || county.County() != county || errPeriod != nil || errBatch != nil ||
		relief.AccountingKey(relief.ProgrammeID(k.Attrs[0]), county, period, relief.BatchID(k.Attrs[3])).String() != k.String() {
		return errKey
	}
	if !bytes.Equal(value, []byte{1}) {
		return errIncomplete
	}
	return nil
}
