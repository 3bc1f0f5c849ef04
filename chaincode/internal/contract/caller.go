// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"strings"

	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Context is what a method knows of its transaction: the ledger, and who calls.
type Context struct {
	contractapi.TransactionContext
}

// resolve runs before every function. contractapi drops the error of a certificate that it cannot read and leaves the
// identity nil, so that is refused here, as is a call by another name or with more than one argument.
func resolve(ctx *Context) error {
	function, params := ctx.GetStub().GetFunctionAndParameters()
	if ctx.GetClientIdentity() == nil {
		return relief.Errorf(relief.CodeForbidden, "the caller's certificate cannot be read")
	}
	return checkCall(function, params)
}

// checkCall holds calls to one spelling (contractapi takes ping for Ping) and to the number of arguments.
func checkCall(function string, params []string) error {
	want := 1
	switch function {
	case "registry:Ping", "registry:Get":
		want = 0
	}
	name := function[strings.LastIndexByte(function, ':')+1:]
	switch {
	case name == "" || name[0] < 'A' || name[0] > 'Z':
		return relief.Errorf(relief.CodeNotFound, "no such function")
	case len(params) != want:
		return relief.Errorf(relief.CodeInvalid, "the function takes %d arguments, not %d", want, len(params))
	}
	return nil
}
