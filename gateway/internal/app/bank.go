package app

import (
	"path/filepath"

	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/config"
)

// openBank opens finance's desk for the bank.
func (a *App) openBank() error {
	if !a.cfg.Bank.Enabled {
		return nil
	}
	persons, err := personsKey(a.cfg)
	if err != nil {
		return err
	}
	a.bank, err = bankdesk.Open(bankdesk.Options{
		Settings: bankSettings(a.cfg), Ledger: a.ledger, Jobs: a.jobs, Objects: a.objects, Persons: persons,
		Path: filepath.Join(a.cfg.DataDir, "bank.db"), Dir: filepath.Join(a.cfg.DataDir, "bank"), Log: a.log,
	})
	if err == nil {
		a.closers = append(a.closers, a.bank.Close)
	}
	return err
}

func bankSettings(cfg *config.Config) bankdesk.Settings {
	b := &cfg.Bank
	return bankdesk.Settings{
		Message: b.Message, MaxTransactions: b.MaxTransactions,
		Initiator: bankfile.Party{Name: b.InitiatingParty.Name, ID: b.InitiatingParty.ID},
		Debtor:    bankfile.Party{Name: b.Debtor.Name, ID: b.Debtor.ID}, DebtorAccount: b.Debtor.Account,
		AgentBIC: b.Debtor.AgentBIC, AgentCNAPS: b.Debtor.AgentCNAPS, Credited: b.Credited, List: b.List, Answers: b.Answers,
		Location: cfg.Location(), Limits: bankfile.Limits{Bytes: cfg.Limits.UploadExpandedBytes, Entries: b.Entries},
	}
}
