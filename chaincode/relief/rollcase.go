package relief

import (
	"fmt"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief/internal/form"
)

// NewRollCaseID is the id of the case of an imported household: the household's roll number, and the first period of its entry, for
// somebody who comes back gets another case: dibao-530181-0000298-2026-01. The contract makes it.
func NewRollCaseID(p ProgrammeID, county Region, number uint32, from Period) CaseID {
	return CaseID(fmt.Sprintf("%s-%s-%07d-%s", p, county, number, strings.ToLower(from.String())))
}

// OfRoll reports whether the case was made from an entry of a roll: its id has the form that NewRollCaseID writes, which no
// application may take. Such a case never brought private details of its head: those of the roll hold.
func (id CaseID) OfRoll() bool {
	parts := strings.SplitN(string(id), "-", 4)
	if len(parts) != 4 || len(parts[1]) != 6 || len(parts[2]) != 7 || !form.IsDigits(parts[2]) {
		return false
	}
	number, err := strconv.ParseUint(parts[2], 10, 32)
	if err != nil {
		return false
	}
	from, err := ParsePeriod(strings.ToUpper(parts[3]))
	return err == nil && NewRollCaseID(ProgrammeID(parts[0]), Region(parts[1]), uint32(number), from) == id
}
