package intake_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"relieftrail/gateway/internal/intake"
)

// A file of the bank's answers is read line by line. A bad line is refused and the next ones are read.
func ExampleReader() {
	file := `payment_id,amount,result,reason,date,bank_reference
dibao-530181-0000001-202611-1,480.00,credited,,2026-11-10,N-1
dibao-530181-0000002-202611-1,four hundred,credited,,2026-11-10,N-2
dibao-530181-0000003-202611-1,500.00,returned,AC04,2026-11-10,N-3
`
	reader, err := intake.NewReader(strings.NewReader(file), intake.Options{
		Kind: intake.KindSettlements, Today: "2026-11-29",
	})
	if err != nil {
		panic(err)
	}
	for {
		line, refusal, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(err)
		}
		if refusal != nil {
			fmt.Println("line", refusal.FileLine, "refused:", refusal.Field, refusal.Code)
			continue
		}
		fmt.Println("line", line.FileLine, line.Payment, line.Amount)
	}
	// Output:
	// line 2 dibao-530181-0000001-202611-1 480.00
	// line 3 refused: amount amount-syntax
	// line 4 dibao-530181-0000003-202611-1 500.00
}
