package app

import (
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// keys are the secret keys that several parts use.
type keys struct {
	subject []byte    // makes subject references
	receipt []byte    // salts the leaves of receipts; nil where the bank's answers are not recorded
	details *seal.Key // seals private details and makes the tags of payees; nil at an agency that keeps none
}

func (a *App) openKeys() (l lifetime, err error) {
	if a.keys.subject, err = a.cfg.SubjectKey.Read(); err != nil {
		return l, err
	}
	if a.keys.receipt, err = a.cfg.ReceiptKey(); err != nil {
		return l, err
	}
	a.keys.details, err = detailsKey(a.cfg)
	return l, err
}

// detailsKey is nil at an agency that keeps no private details.
func detailsKey(cfg *config.Config) (*seal.Key, error) {
	if cfg.PersonsKey.File == "" {
		return nil, nil
	}
	secret, err := cfg.TagKey.Read()
	if err != nil {
		return nil, err
	}
	tags, err := payee.NewKey(cfg.TagKey.Epoch, secret)
	if err != nil {
		return nil, err
	}
	if secret, err = cfg.PersonsKey.Read(); err != nil {
		return nil, err
	}
	return seal.NewKey(cfg.PersonsKey.Epoch, secret, tags)
}
