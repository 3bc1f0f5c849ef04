package app

import (
	"path/filepath"

	"relieftrail/gateway/bank"
	"relieftrail/gateway/internal/banking"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/objectstore"
)

// openObjects opens the store of encrypted files; there is none without a key.
func (a *App) openObjects() (err error) {
	o := &a.cfg.Objects
	if o.KeyFile == "" {
		return nil
	}
	dir := o.Dir
	if dir == "" {
		dir = filepath.Join(a.cfg.DataDir, "objects")
	}
	if o.S3.Endpoint == "" {
		a.objects, err = objectstore.OpenFolder(dir, o.KeyFile)
		return err
	}
	a.objects, err = objectstore.OpenS3(objectstore.S3Options{
		Endpoint: o.S3.Endpoint, Region: o.S3.Region, Bucket: o.S3.Bucket, Prefix: o.S3.Prefix,
		AccessKeyFile: o.S3.AccessKeyFile, SecretKeyFile: o.S3.SecretKeyFile, KeyFile: o.KeyFile, Dir: dir,
	})
	return err
}

// openBank opens finance's desk for the bank.
func (a *App) openBank() error {
	if !a.cfg.Bank.Enabled {
		return nil
	}
	persons, err := personsKey(a.cfg)
	if err != nil {
		return err
	}
	a.bank, err = banking.Open(banking.Options{
		Settings: bankSettings(a.cfg), Ledger: a.ledger, Jobs: a.jobs, Objects: a.objects, Persons: persons,
		Path: filepath.Join(a.cfg.DataDir, "bank.db"), Dir: filepath.Join(a.cfg.DataDir, "bank"), Log: a.log,
	})
	if err == nil {
		a.closers = append(a.closers, a.bank.Close)
	}
	return err
}

func bankSettings(cfg *config.Config) banking.Settings {
	b := &cfg.Bank
	return banking.Settings{
		Message: b.Message, MaxTransactions: b.MaxTransactions,
		Initiator: bank.Party{Name: b.InitiatingParty.Name, ID: b.InitiatingParty.ID},
		Debtor:    bank.Party{Name: b.Debtor.Name, ID: b.Debtor.ID}, DebtorAccount: b.Debtor.Account,
		AgentBIC: b.Debtor.AgentBIC, AgentCNAPS: b.Debtor.AgentCNAPS, Credited: b.Credited, List: b.List, Answers: b.Answers,
		Location: cfg.Location(), Limits: bank.Limits{Bytes: cfg.Limits.UploadExpandedBytes, Entries: b.Entries},
	}
}
