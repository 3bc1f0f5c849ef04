package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/config"
)

// openBank opens finance's bank desk.
func (a *App) openBank() (l lifetime, err error) {
	if !a.cfg.Bank.Enabled {
		return l, nil
	}
	settings, err := bankSettings(a.cfg)
	if err != nil {
		return l, err
	}
	a.bank, err = bankdesk.Open(bankdesk.Options{
		Settings: settings, Ledger: a.ledger, Jobs: a.jobs, Objects: a.objects, Persons: a.keys.details, Readings: a.readings,
		Index: a.index, Key: a.keys.subject, ReceiptKey: a.keys.salting(),
		Path: filepath.Join(a.cfg.DataDir, "bank.db"), Dir: filepath.Join(a.cfg.DataDir, "bank"), Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{close: a.bank.Close}, nil
}

// bankSettings are the bank desk's settings; the error names every setting that the bank's files do not allow.
func bankSettings(cfg *config.Config) (bankdesk.Settings, error) {
	b := &cfg.Bank
	var faults []error
	if messages := append([]string{"", config.BankList}, bankfile.PaymentVersions...); !slices.Contains(messages, b.Message) {
		faults = append(faults, fmt.Errorf("bank.message: must be one of %q, not %q", messages, b.Message))
	}
	settings := bankdesk.Settings{
		Message: b.Message, MaxTransactions: b.MaxTransactions,
		Initiator: bankfile.Party{Name: b.InitiatingParty.Name, ID: b.InitiatingParty.ID},
		Debtor:    bankfile.Party{Name: b.Debtor.Name, ID: b.Debtor.ID}, DebtorAccount: b.Debtor.Account,
		AgentBIC: b.Debtor.AgentBIC, AgentCNAPS: b.Debtor.AgentCNAPS, Credited: b.Credited, ReturnedWords: b.ReturnedWords, List: bankProfile(&b.List),
		Remittance: bankdesk.Remittance(b.Remittance), Keep: b.KeepFiles, Location: cfg.Location(), Limits: bankfile.Limits{Bytes: cfg.Limits.UploadExpandedBytes, Entries: b.Entries},
	}
	if b.Message == config.BankList {
		if err := settings.List.CheckList(); err != nil {
			faults = append(faults, fmt.Errorf("bank.list: %w", err))
		}
	}
	for i := range b.Answers {
		profile := bankProfile(&b.Answers[i])
		if err := profile.CheckAnswer(); err != nil {
			faults = append(faults, fmt.Errorf("bank.answers[%d]: %w", i, err))
		}
		settings.Answers = append(settings.Answers, profile)
	}
	var err error
	if settings.Rules, err = bankRules(&b.Rules); err != nil {
		faults = append(faults, fmt.Errorf("bank.rules.%w", err))
	}
	return settings, errors.Join(faults...)
}

func bankRules(r *config.BankRules) (bankdesk.Rules, error) {
	var list []bankdesk.Rule
	for _, rule := range r.List {
		list = append(list, bankdesk.Rule{
			Name: rule.Name, Kind: statement.Kind(rule.Kind), Side: bankdesk.Side(rule.Side), Code: rule.Code,
			Counterparty: rule.Counterparty, Text: rule.Text,
		})
	}
	return bankdesk.NewRules(r.Version, list)
}

func bankProfile(p *config.BankProfile) bankfile.Profile {
	profile := bankfile.Profile{
		Name: p.Name, Encoding: p.Encoding, Delimiter: p.Delimiter, Header: p.Header, Date: p.Date,
	}
	for _, c := range p.Columns {
		profile.Columns = append(profile.Columns, bankfile.Column{Title: c.Title, Field: bankfile.Field(c.Field)})
	}
	for _, r := range p.Results {
		profile.Results = append(profile.Results, bankfile.Result(r))
	}
	return profile
}
