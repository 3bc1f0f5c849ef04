package app

import (
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/seal"
)

// keys are the secret keys that several parts use.
type keys struct {
	references []reference.Key // make subject references
	subject    []byte          // the first of them: makes hashes of what the gateway itself compares
	receipt    [][]byte        // salt the leaves of receipts, the one in use first; nil where the bank's answers are not recorded
	details    *seal.Key       // seals private details and makes the tags of payees; nil at an agency that keeps none
}

// salting is the key that salts the leaves of receipts from now on; nil where the bank's answers are not recorded.
func (k *keys) salting() []byte {
	if len(k.receipt) == 0 {
		return nil
	}
	return k.receipt[0]
}

func (a *App) openKeys() (l lifetime, err error) {
	subject, err := a.cfg.SubjectKey.Read()
	if err != nil {
		return l, err
	}
	a.keys.subject = subject[0].Key
	for _, s := range subject {
		a.keys.references = append(a.keys.references, reference.Key{Epoch: s.Epoch, Secret: s.Key})
	}
	if a.keys.receipt, err = a.cfg.ReceiptKeys(); err != nil {
		return l, err
	}
	a.keys.details, err = detailsKey(a.cfg)
	return l, err
}

// references makes the references of people, as the index knows them.
func (a *App) references() *reference.Keys { return reference.New(a.index, a.keys.references...) }

// detailsKey is nil at an agency that keeps no private details.
func detailsKey(cfg *config.Config) (*seal.Key, error) {
	if cfg.PersonsKey.File == "" {
		return nil, nil
	}
	tags, err := tagKey(cfg)
	if err != nil {
		return nil, err
	}
	secrets, err := cfg.PersonsKey.Read()
	if err != nil {
		return nil, err
	}
	key, err := seal.NewKey(secrets[0].Epoch, secrets[0].Key, tags)
	if err != nil {
		return nil, err
	}
	for _, s := range secrets[1:] {
		if err := key.Also(s.Epoch, s.Key); err != nil {
			return nil, err
		}
	}
	return key, nil
}

// tagKey is the key of the tags of payees, with those of other epochs.
func tagKey(cfg *config.Config) (key payee.Key, err error) {
	secrets, err := cfg.TagKey.Read()
	if err != nil {
		return key, err
	}
	all := make([]payee.Key, len(secrets))
	for i, s := range secrets {
		if all[i], err = payee.NewKey(s.Epoch, s.Key); err != nil {
			return key, err
		}
	}
	return all[0].With(all[1:]...), nil
}
