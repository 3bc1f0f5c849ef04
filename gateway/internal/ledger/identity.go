package ledger

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"

	"relieftrail/chaincode/relief"
)

// attributes is the certificate extension of the Fabric CA: {"attrs": {"role": …, "region": …}}.
var attributes = asn1.ObjectIdentifier{1, 2, 3, 4, 5, 6, 7, 8, 1}

// IdentityOf reads the identity in a certificate (PEM) of an organisation. Parts that cannot be read stay empty.
func IdentityOf(mspID string, certificatePEM []byte) Identity {
	id := Identity{MSPID: mspID}
	block, _ := pem.Decode(certificatePEM)
	if block == nil {
		return id
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return id
	}
	id.Name = certificate.Subject.CommonName
	if folded, err := relief.FoldOfficialName(id.Name); err == nil { // any other name is no official's
		id.Name = folded
	}
	for _, e := range certificate.Extensions {
		var text struct {
			Attrs map[string]string `json:"attrs"`
		}
		if e.Id.Equal(attributes) && json.Unmarshal(e.Value, &text) == nil {
			id.Role, id.Region = text.Attrs["role"], text.Attrs["region"]
		}
	}
	return id
}

// Official is the official whom the identity names.
func (i Identity) Official() relief.Official {
	return relief.Official{Agency: i.MSPID, Name: i.Name, Role: i.Role, Region: relief.Region(i.Region)}
}
