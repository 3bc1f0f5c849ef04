package translog

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/receipt"
)

// Policy is the policy file for verifying receipts (C2SP tlog-policy). It asks for the log's signature by any of the agencies
// and for a cosignature of every agency by any of its keys. With the MSP id of one agency it names the keys of that one alone as the log's: some verifiers
// want every log of a policy to have signed. It is empty until every agency has its keys on the ledger.
func Policy(origin string, agencies []Agency, log string) (string, error) {
	var logs, witnesses, groups, retired strings.Builder
	all := ""
	for _, a := range agencies {
		if len(a.Keys) == 0 || len(a.LogKeys) == 0 {
			return "", nil
		}
		for _, k := range logKeysOf(&a, log) {
			key, err := receipt.LogKey(origin, k.Public)
			if err != nil {
				return "", err
			}
			logs.WriteString("log " + key.String() + "\n")
			retire(&retired, key, k.Until)
		}
		member, err := witness(&witnesses, &groups, &retired, origin, &a)
		if err != nil {
			return "", err
		}
		all += " " + member
	}
	if len(agencies) == 0 {
		return "", nil
	}
	quorum := "group agencies all" + all + "\nquorum agencies\n"
	return "# " + origin + "\n" + logs.String() + witnesses.String() + retired.String() + groups.String() + quorum, nil
}

// logKeysOf are the keys by which an agency signs as the log, none when the policy is that of another agency's log.
func logKeysOf(a *Agency, log string) []Key {
	if log != "" && log != a.MSPID {
		return nil
	}
	return a.LogKeys
}

// witness writes an agency's cosigning keys and returns the name that means any of them. The current key, which is the last,
// has the agency's plain name.
func witness(witnesses, groups, retired *strings.Builder, origin string, a *Agency) (member string, err error) {
	plain := receipt.AgencyName(a.Name, a.NameEn)
	names := ""
	for i, k := range a.Keys {
		var key receipt.Key
		if key, err = receipt.CosignerKey(CosignerName(origin, a.MSPID), k.Public); err != nil {
			return "", err
		}
		name := plain
		if earlier := len(a.Keys) - 1 - i; earlier > 0 {
			name += fmt.Sprintf("_(%d)", earlier)
		}
		witnesses.WriteString("witness " + name + " " + key.String() + "\n")
		names += " " + name
		retire(retired, key, k.Until)
	}
	if len(a.Keys) == 1 {
		return plain, nil
	}
	groups.WriteString("group " + a.MSPID + " any" + names + "\n")
	return a.MSPID, nil
}

// retire writes the line that says how far a retired key signs.
func retire(lines *strings.Builder, key receipt.Key, until int64) {
	if until > 0 {
		lines.WriteString(receipt.Until(key, uint64(until)))
	}
}

// hasKey reports whether one of the public keys belongs to the private key and signs the log at a size.
func hasKey(keys []Key, key ed25519.PrivateKey, size int64) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return k.Public.Equal(key.Public()) && k.signs(size) })
}
