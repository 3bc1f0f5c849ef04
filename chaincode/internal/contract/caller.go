// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"strings"
	"time"

	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

const pingFunction = "registry:Ping"

// Context is what a method knows of its transaction: the ledger, and who calls when.
type Context struct {
	contractapi.TransactionContext
	stamp relief.Actor
}

// resolve runs before every function. contractapi drops the error of a certificate that it cannot read and leaves an
// identity that is a nil pointer and panics when it is asked: that is refused here. A call by another name or with another
// number of arguments is refused, too.
func resolve(ctx *Context, now func() time.Time) error {
	id, ok := ctx.GetClientIdentity().(*cid.ClientID)
	if !ok || id == nil {
		return relief.Errorf(relief.CodeForbidden, "the caller's certificate cannot be read")
	}
	function, params := ctx.GetStub().GetFunctionAndParameters()
	if err := checkCall(function, params); err != nil || function == pingFunction {
		return err
	}
	by, err := official(id)
	if err != nil {
		return err
	}
	at, err := ctx.GetStub().GetTxTimestamp()
	if err != nil {
		return fmt.Errorf("the transaction's time: %w", err)
	}
	if now != nil && at.AsTime().Sub(now()).Abs() > relief.MaxBackdating {
		return relief.Errorf(relief.CodeInvalid, "the transaction's time is not within %s of this peer's clock", relief.MaxBackdating)
	}
	ctx.stamp = relief.Actor{By: by, At: at.AsTime(), Tx: ctx.GetStub().GetTxID()}
	return nil
}

// checkCall holds calls to one spelling (contractapi takes ping for Ping) and to the number of arguments.
func checkCall(function string, params []string) error {
	want := 1
	if function == pingFunction || function == "registry:Get" {
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

// official reads the caller's certificate: the agency is its MSP, the name its common name; role and region are
// attributes that the agency's certificate authority vouches for.
func official(id cid.ClientIdentity) (relief.Official, error) {
	agency, err := id.GetMSPID()
	if err != nil {
		return relief.Official{}, relief.Errorf(relief.CodeForbidden, "the caller's agency cannot be read")
	}
	cert, err := id.GetX509Certificate()
	if err != nil || cert == nil {
		return relief.Official{}, relief.Errorf(relief.CodeForbidden, "the caller has no X.509 certificate")
	}
	p := relief.Official{Agency: agency, Name: cert.Subject.CommonName, Role: attribute(id, "role")}
	if p.Name == "" {
		p.Name = attribute(id, "hf.EnrollmentID")
	}
	if p.Agency == "" || p.Name == "" {
		return relief.Official{}, relief.Errorf(relief.CodeForbidden, "the caller's certificate has no name")
	}
	if p.Role == "" {
		return relief.Official{}, relief.Errorf(relief.CodeForbidden, "the caller's certificate has no attribute role")
	}
	if p.Region, err = relief.ParseRegion(attribute(id, "region")); err != nil {
		return relief.Official{}, relief.Errorf(relief.CodeForbidden, "the caller's certificate has no valid attribute region")
	}
	return p, nil
}

func attribute(id cid.ClientIdentity, name string) string {
	value, found, err := id.GetAttributeValue(name)
	if err != nil || !found {
		return ""
	}
	return value
}

// authorise refuses a caller who has no duty for the act. Regions are the domain's matter: it knows the record's.
func (ctx *Context) authorise(act relief.Act) error {
	b, err := ctx.get(relief.DutyKey(string(act)))
	if err != nil {
		return err
	}
	return ctx.authoriseBy(b, act)
}

// authoriseBy is authorise with the value of the duty's key.
func (ctx *Context) authoriseBy(value []byte, act relief.Act) error {
	var duties []relief.Duty
	if value != nil {
		d, err := parseRecord[[]relief.Duty](relief.KindDuty, value)
		if err != nil {
			return err
		}
		duties = *d
	}
	return relief.Allowed(duties, act, ctx.stamp.By)
}

// begin decodes an input for a caller who may do the act.
func begin[T any](ctx *Context, act relief.Act, input string) (T, error) {
	var zero T
	in, err := decode[T](input)
	if err != nil {
		return zero, err
	}
	if err := ctx.authorise(act); err != nil {
		return zero, err
	}
	return in, nil
}
