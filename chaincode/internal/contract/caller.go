// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Context is what a method knows of its transaction: who calls, when, and at whose peer.
type Context struct {
	contractapi.TransactionContext
	actor   relief.Actor // without the staff number, which the caller's entry has: see work.identify
	serial  string       // of the caller's certificate
	peerMSP func(shim.ChaincodeStubInterface) string
}

// resolve runs before every function. contractapi drops the error of a certificate that it cannot read and leaves an
// identity that is a nil pointer and panics when it is asked: that is refused here. A call by another name or with another
// number of arguments is refused, too: contractapi takes ping for Ping.
func (ctx *Context) resolve(o *options) error {
	id, ok := ctx.GetClientIdentity().(*cid.ClientID)
	if !ok || id == nil {
		return relief.Errorf(relief.CodeForbidden, "the caller's certificate cannot be read")
	}
	function, params := ctx.GetStub().GetFunctionAndParameters()
	row, ok := api.Lookup(function)
	if !ok {
		return errNoFunction
	}
	if len(params) != row.Arguments() {
		return relief.Errorf(relief.CodeInvalid, "the function takes %d arguments, not %d", row.Arguments(), len(params))
	}
	if row == api.RegistryPing.Row() {
		return nil
	}
	by, serial, err := official(id)
	if err != nil {
		return err
	}
	at, err := ctx.GetStub().GetTxTimestamp()
	if err != nil {
		return fmt.Errorf("the transaction's time: %w", err)
	}
	if o.now != nil && at.AsTime().Sub(o.now()).Abs() > relief.MaxBackdating {
		return relief.Errorf(relief.CodeInvalid, "the transaction's time is not within %s of this peer's clock", relief.MaxBackdating)
	}
	ctx.actor = relief.Actor{By: by, At: at.AsTime(), Tx: ctx.GetStub().GetTxID()}
	ctx.serial, ctx.peerMSP = serial, o.peerMSP
	return nil
}

// official reads the caller's certificate and its serial number: the agency is its MSP, the name its common name; role and
// region are attributes that the agency's certificate authority vouches for.
func official(id cid.ClientIdentity) (p relief.Official, serial string, err error) {
	refuse := func(why string) (relief.Official, string, error) {
		return relief.Official{}, "", relief.Errorf(relief.CodeForbidden, "%s", why)
	}
	if p.Agency, err = id.GetMSPID(); err != nil || p.Agency == "" {
		return refuse("the caller's agency cannot be read")
	}
	cert, err := id.GetX509Certificate()
	if err != nil || cert == nil {
		return refuse("the caller has no X.509 certificate")
	}
	if p.Name, err = relief.FoldOfficialName(cert.Subject.CommonName); err != nil {
		return refuse("the name in the caller's certificate is not one that an official can have")
	}
	if p.Role = attribute(id, "role"); p.Role == "" {
		return refuse("the caller's certificate has no attribute role")
	}
	if p.Region, err = relief.ParseRegion(attribute(id, "region")); err != nil {
		return refuse("the caller's certificate has no valid attribute region")
	}
	return p, cert.SerialNumber.Text(16), nil
}

func attribute(id cid.ClientIdentity, name string) string {
	value, found, err := id.GetAttributeValue(name)
	if err != nil || !found {
		return ""
	}
	return value
}
