package translog

import (
	"crypto/sha256"
	"reflect"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/receipt"
)

// Trust is what a receipt is verified by, as the ledger has it.
type Trust struct {
	Origin string `json:"origin"`
	// Policy is a policy file (C2SP tlog-policy).
	Policy   string        `json:"policy"`
	Agencies []TrustAgency `json:"agencies"`

	parsed *receipt.Policy
	// pages are the checkpoints that were verified by this policy: many receipts share one.
	pages *lru.Cache[[32]byte, page]
}

// TrustAgency is an agency with its keys in the form of C2SP signed-note.
type TrustAgency struct {
	MSPID         string   `json:"msp_id"`
	Name          string   `json:"name"`
	NameEn        string   `json:"name_en"`
	LogKeys       []string `json:"log_keys"`
	CosigningKeys []string `json:"cosigning_keys"`
}

// page is a verified checkpoint.
type page struct {
	checkpoint receipt.Checkpoint
	signers    []receipt.Signature
}

// pagesKept bounds the verified checkpoints in memory.
const pagesKept = 1024

// know takes in who cosigns.
func (l *Log) know(agencies []Agency) error {
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

// newTrust is nil before every agency has its keys on the ledger.
func newTrust(origin string, agencies []Agency) (*Trust, error) {
	text, err := Policy(origin, agencies)
	if err != nil || text == "" {
		return nil, err
	}
	t := &Trust{Origin: origin, Policy: text}
	if t.parsed, err = receipt.ParsePolicy([]byte(text)); err != nil {
		return nil, err
	}
	t.pages, _ = lru.New[[32]byte, page](pagesKept) // fails for a size of 0 only
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

// Trust is by what receipts are verified; ok is false before every agency has its keys on the ledger.
func (l *Log) Trust() (t Trust, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.trusted == nil {
		return Trust{}, false
	}
	return *l.trusted, true
}

// Verify checks a receipt. Its signatures are checked once for each checkpoint; its path always.
func (l *Log) Verify(r *receipt.Receipt) (*receipt.Result, error) {
	t, ok := l.Trust()
	if !ok {
		return nil, errBody
	}
	return r.VerifyOpened(func(signed []byte) (receipt.Checkpoint, []receipt.Signature, error) {
		id := sha256.Sum256(signed)
		if p, ok := t.pages.Get(id); ok {
			return p.checkpoint, p.signers, nil
		}
		checkpoint, signers, err := receipt.OpenCheckpoint(signed, t.parsed)
		if err == nil {
			t.pages.Add(id, page{checkpoint, signers})
		}
		return checkpoint, signers, err
	})
}
