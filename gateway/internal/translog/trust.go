package translog

import (
	"crypto/sha256"
	"reflect"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/receipt"
)

// Trust says whose signatures a receipt needs, according to the ledger.
type Trust struct {
	Origin string `json:"origin"`
	// Policy is a policy file (C2SP tlog-policy).
	Policy   string        `json:"policy"`
	Agencies []TrustAgency `json:"agencies"`

	parsed *receipt.Policy
	// verified are checkpoints that were verified with this policy: many receipts share one.
	verified *lru.Cache[[32]byte, verifiedCheckpoint]
}

// TrustAgency is an agency with its keys, in the form of C2SP signed-note.
type TrustAgency struct {
	MSPID         string   `json:"msp_id"`
	Name          string   `json:"name"`
	NameEn        string   `json:"name_en"`
	LogKeys       []string `json:"log_keys"`
	CosigningKeys []string `json:"cosigning_keys"`
}

// verifiedCheckpoint is a verified checkpoint.
type verifiedCheckpoint struct {
	checkpoint receipt.Checkpoint
	signers    []receipt.Signature
}

// pagesKept bounds the verified checkpoints in memory.
const verifiedKept = 1024

// setAgencies takes over the agencies and keys, if they have changed.
func (l *Log) setAgencies(agencies []Agency) error {
	l.mu.RLock()
	same := reflect.DeepEqual(agencies, l.agencies)
	l.mu.RUnlock()
	if same {
		return nil
	}
	trust, err := newTrust(l.Origin, agencies)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.agencies, l.trusted = agencies, trust
	return nil
}

// newTrust returns nil until every agency has its keys on the ledger.
func newTrust(origin string, agencies []Agency) (*Trust, error) {
	text, err := Policy(origin, agencies)
	if err != nil || text == "" {
		return nil, err
	}
	t := &Trust{Origin: origin, Policy: text}
	if t.parsed, err = receipt.ParsePolicy([]byte(text)); err != nil {
		return nil, err
	}
	t.verified, _ = lru.New[[32]byte, verifiedCheckpoint](verifiedKept) // fails for a size of 0 only
	for _, a := range agencies {
		named := TrustAgency{MSPID: a.MSPID, Name: a.Name, NameEn: a.NameEn}
		for _, public := range a.LogKeys {
			if key, err := receipt.LogKey(origin, public); err == nil {
				named.LogKeys = append(named.LogKeys, key.String())
			}
		}
		for _, public := range a.Keys {
			if key, err := receipt.CosignerKey(CosignerName(origin, a.MSPID), public); err == nil {
				named.CosigningKeys = append(named.CosigningKeys, key.String())
			}
		}
		t.Agencies = append(t.Agencies, named)
	}
	return t, nil
}

// Trust says whose signatures a receipt needs. ok is false until every agency has its keys on the ledger.
func (l *Log) Trust() (t Trust, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.trusted == nil {
		return Trust{}, false
	}
	return *l.trusted, true
}

// Verify checks a receipt. It checks the path of each receipt, but the signatures of a checkpoint only once.
func (l *Log) Verify(r *receipt.Receipt) (*receipt.Result, error) {
	t, ok := l.Trust()
	if !ok {
		return nil, errNotCheckpoint
	}
	return r.VerifyOpened(func(signed []byte) (receipt.Checkpoint, []receipt.Signature, error) {
		id := sha256.Sum256(signed)
		if p, ok := t.verified.Get(id); ok {
			return p.checkpoint, p.signers, nil
		}
		checkpoint, signers, err := receipt.OpenCheckpoint(signed, t.parsed)
		if err != nil {
			return checkpoint, signers, err
		}
		t.verified.Add(id, verifiedCheckpoint{checkpoint, signers})
		return checkpoint, signers, nil
	})
}
