package receipt_test

import (
	"errors"
	"fmt"
	"os"

	"relieftrail/chaincode/receipt"
)

// A receipt is verified with two files and no network: the receipt, and the policy that says whose signatures count.
func ExampleVerify() {
	policyText, _ := os.ReadFile("testdata/policy.txt")
	policy, err := receipt.ParsePolicy(policyText)
	if err != nil {
		fmt.Println(err)
		return
	}
	good, _ := os.ReadFile("testdata/county.receipt")
	result, err := receipt.Verify(good, policy)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Leaf.Payment, result.Leaf.Amount, "paid on", result.Leaf.PaidAt())
	for _, s := range result.Signers {
		fmt.Println("signed by", s.Agency.En())
	}

	forged, _ := os.ReadFile("testdata/other-amount.receipt")
	_, err = receipt.Verify(forged, policy)
	fmt.Println(errors.Is(err, &receipt.Error{Code: receipt.CodeInclusion}))
	// Output:
	// dibao-530181-0000298-202611-1 620.00 paid on 2026-11-10
	// signed by Civil affairs
	// signed by Finance
	// signed by Audit
	// true
}
