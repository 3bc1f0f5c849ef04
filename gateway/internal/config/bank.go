package config

import (
	"time"
	"unicode/utf8"
)

// Bank says what the paying bank wants to receive and how its messages are read.
type Bank struct {
	Enabled         bool       `mapstructure:"enabled"`          // whether the gateway has a bank desk at all
	Message         string     `mapstructure:"message"`          // a version of pain.001, or csv; empty: no payment files are made
	MaxTransactions int        `mapstructure:"max_transactions"` // in one file; 0: one file a batch
	InitiatingParty BankParty  `mapstructure:"initiating_party"`
	Debtor          BankDebtor `mapstructure:"debtor"`
	Credited        []string   `mapstructure:"credited"` // statuses of pain.002 that mean that the payee has the money
	// ReturnedWords are the bank's words for a credit that is a payment that came back.
	ReturnedWords []string `mapstructure:"returned_words"`
	Entries       int      `mapstructure:"entries"` // in one file from the bank, at most
	// KeepFiles is how long payment files, and what the bank writes of people, are kept after their batch has ended. 0: for ever.
	KeepFiles time.Duration `mapstructure:"keep_files"`
	// Remittance is the language of the text that a transfer carries: zh, or ascii for a bank that takes no Chinese there.
	Remittance string `mapstructure:"remittance"`

	List    BankProfile   `mapstructure:"list"`    // of the payment list, with message: csv
	Answers []BankProfile `mapstructure:"answers"` // of the bank's lists, by their names
	Rules   BankRules     `mapstructure:"rules"`   // that say what entries of statements are that are no payments
}

// BankRules are rules with their version, which the ledger has of what they classify.
type BankRules struct {
	Version string     `mapstructure:"version"`
	List    []BankRule `mapstructure:"list"`
}

// BankRule classifies the entries that all of its conditions hold for; the first rule that holds says what an entry is.
type BankRule struct {
	Name         string `mapstructure:"name"`
	Kind         string `mapstructure:"kind"`         // treasury, interest, fee, recovery, mistake, foreign
	Side         string `mapstructure:"side"`         // in or out; empty: either
	Code         string `mapstructure:"code"`         // the bank's transaction code, or how it begins
	Counterparty string `mapstructure:"counterparty"` // whole
	Text         string `mapstructure:"text"`         // a regular expression for the bank's text (RE2)
}

// BankParty is a name and a number such as a unified social credit code.
type BankParty struct {
	Name string `mapstructure:"name"`
	ID   string `mapstructure:"id"`
}

// BankDebtor is the party whose account pays. An empty account is the dedicated account of the batch's tranche.
type BankDebtor struct {
	BankParty  `mapstructure:",squash"`
	Account    string `mapstructure:"account"`
	AgentBIC   string `mapstructure:"agent_bic"`
	AgentCNAPS string `mapstructure:"agent_cnaps"` // 12 digits
}

// BankProfile says how a bank writes its lists.
type BankProfile struct {
	Name      string       `mapstructure:"name"`
	Encoding  string       `mapstructure:"encoding"`  // utf-8, gb18030
	Delimiter string       `mapstructure:"delimiter"` // one character
	Header    bool         `mapstructure:"header"`    // the first line names the columns
	Columns   []BankColumn `mapstructure:"columns"`
	Date      string       `mapstructure:"date"` // YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD
	Results   []BankResult `mapstructure:"results"`
}

// BankColumn is one column of a bank's list.
type BankColumn struct {
	Title string `mapstructure:"title"` // in the header line
	Field string `mapstructure:"field"`
}

// BankResult says what a bank's result code means.
type BankResult struct {
	Code    string `mapstructure:"code"`
	Outcome string `mapstructure:"outcome"` // paid, returned, or none while the payment is under way
	Reason  string `mapstructure:"reason"`  // ISO 20022 return reason of this code, when the list has no column for it
}

// BankList is the setting bank.message of a bank that takes a list (CSV) and no ISO 20022 message.
const BankList = "csv"

func (c *Config) validateBank(faults *faults) {
	b := &c.Bank
	faults.between("bank.max_transactions", int64(b.MaxTransactions), 0, 1_000_000)
	faults.between("bank.entries", int64(b.Entries), 1, 1_000_000)
	for i, word := range b.ReturnedWords {
		if utf8.RuneCountInString(word) < 2 {
			faults.add("bank.returned_words[%d]: must have two characters at least, not %q", i, word)
		}
	}
	if b.KeepFiles < 0 {
		faults.add("bank.keep_files: must be a time such as 87600h, or 0 to keep them for ever, not %s", b.KeepFiles)
	}
	faults.oneOf("bank.remittance", b.Remittance, "zh", "ascii")
	if b.Enabled {
		faults.required("objects.key_file", c.Objects.KeyFile)
	}
	if b.Message != "" {
		if !b.Enabled {
			faults.add("bank.message: needs bank.enabled: true, since the bank desk makes the payment files")
		}
		faults.required("persons_key.file", c.PersonsKey.File)
	}
	if b.Message != "" && b.Message != BankList {
		faults.required("bank.initiating_party.name", b.InitiatingParty.Name)
		faults.required("bank.debtor.name", b.Debtor.Name)
	}
	if n := len(b.Debtor.AgentCNAPS); n != 0 && n != 12 {
		faults.add("bank.debtor.agent_cnaps: must have 12 digits, not %d", n)
	}
	names := map[string]bool{}
	for i, profile := range b.Answers {
		if names[profile.Name] {
			faults.add("bank.answers[%d].name: %q is used twice", i, profile.Name)
		}
		names[profile.Name] = true
	}
}
