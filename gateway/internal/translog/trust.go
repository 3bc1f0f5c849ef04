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

	policies map[string]string // of one log each, by the agency that signs as it
	parsed   *receipt.Policy
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
	// Retired are those of the keys that sign no more.
	Retired []RetiredKey `json:"retired,omitempty"`
}

// RetiredKey is a key whose signatures count for checkpoints of at most so many records.
type RetiredKey struct {
	Key       string `json:"key"`
	UntilSize int64  `json:"until_size"`
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
	// Keys may have been retired at a size that the log has passed.
	l.cosigned = map[int64]map[string]string{}
	if l.published.Note != nil && !trust.accepts(l.published.Note) {
		l.log.Warn("the published checkpoint is signed by a key that is retired or gone; the next one takes its place", "size", l.published.Size)
		l.published = Checkpoint{}
	}
	if l.witnessed.Note != nil && !trust.accepts(l.witnessed.Note) {
		l.witnessed = Checkpoint{}
	}
	return nil
}

// accepts reports whether a checkpoint has the signatures that a receipt needs. Without keys on the ledger nobody can tell.
func (t *Trust) accepts(signed []byte) bool {
	if t == nil {
		return true
	}
	_, _, err := receipt.OpenCheckpoint(signed, t.parsed)
	return err == nil
}

// newTrust returns nil until every agency has its keys on the ledger.
func newTrust(origin string, agencies []Agency) (*Trust, error) {
	text, err := Policy(origin, agencies, "")
	if err != nil || text == "" {
		return nil, err
	}
	t := &Trust{Origin: origin, Policy: text, policies: map[string]string{}}
	for _, a := range agencies {
		if t.policies[a.MSPID], err = Policy(origin, agencies, a.MSPID); err != nil {
			return nil, err
		}
	}
	if t.parsed, err = receipt.ParsePolicy([]byte(text)); err != nil {
		return nil, err
	}
	t.verified, _ = lru.New[[32]byte, verifiedCheckpoint](verifiedKept) // fails for a size of 0 only
	for _, a := range agencies {
		named := TrustAgency{MSPID: a.MSPID, Name: a.Name, NameEn: a.NameEn}
		for _, k := range a.LogKeys {
			if key, err := receipt.LogKey(origin, k.Public); err == nil {
				named.LogKeys = append(named.LogKeys, key.String())
				named.retire(key, k.Until)
			}
		}
		for _, k := range a.Keys {
			if key, err := receipt.CosignerKey(CosignerName(origin, a.MSPID), k.Public); err == nil {
				named.CosigningKeys = append(named.CosigningKeys, key.String())
				named.retire(key, k.Until)
			}
		}
		t.Agencies = append(t.Agencies, named)
	}
	return t, nil
}

func (a *TrustAgency) retire(key receipt.Key, until int64) {
	if until > 0 {
		a.Retired = append(a.Retired, RetiredKey{key.String(), until})
	}
}

// PolicyOf is the policy file for what one agency signs as the log; "" for an agency that there is not.
func (t *Trust) PolicyOf(mspID string) string { return t.policies[mspID] }

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
