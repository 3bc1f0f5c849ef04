package translog

import (
	"crypto/ed25519"
	"fmt"
	"strings"

	"relieftrail/chaincode/receipt"
)

// Policy is the policy file for verifying receipts (C2SP tlog-policy). It asks for the log's signature by any of the agencies
// and for a cosignature of every agency by any of its keys. It is empty until every agency has its keys on the ledger.
func Policy(origin string, agencies []Agency) (string, error) {
	var logs, witnesses, groups strings.Builder
	all := ""
	for _, a := range agencies {
		if len(a.Keys) == 0 || len(a.LogKeys) == 0 {
			return "", nil
		}
		for _, public := range a.LogKeys {
			key, err := receipt.LogKey(origin, public)
			if err != nil {
				return "", err
			}
			logs.WriteString("log " + key.String() + "\n")
		}
		member, err := witness(&witnesses, &groups, origin, &a)
		if err != nil {
			return "", err
		}
		all += " " + member
	}
	if len(agencies) == 0 {
		return "", nil
	}
	quorum := "group agencies all" + all + "\nquorum agencies\n"
	return "# " + origin + "\n" + logs.String() + witnesses.String() + groups.String() + quorum, nil
}

// witness writes an agency's cosigning keys and returns the name that means any of them. The current key, which is the last,
// has the agency's plain name.
func witness(witnesses, groups *strings.Builder, origin string, a *Agency) (member string, err error) {
	plain := receipt.AgencyName(a.Name, a.NameEn)
	names := ""
	for i, public := range a.Keys {
		var key receipt.Key
		if key, err = receipt.CosignerKey(CosignerName(origin, a.MSPID), public); err != nil {
			return "", err
		}
		name := plain
		if earlier := len(a.Keys) - 1 - i; earlier > 0 {
			name += fmt.Sprintf("_(%d)", earlier)
		}
		witnesses.WriteString("witness " + name + " " + key.String() + "\n")
		names += " " + name
	}
	if len(a.Keys) == 1 {
		return plain, nil
	}
	groups.WriteString("group " + a.MSPID + " any" + names + "\n")
	return a.MSPID, nil
}

// hasKey reports whether one of the public keys belongs to the private key.
func hasKey(publics []ed25519.PublicKey, key ed25519.PrivateKey) bool {
	for _, public := range publics {
		if public.Equal(key.Public()) {
			return true
		}
	}
	return false
}
