package config

import (
	"net/url"
	"slices"

	"relieftrail/gateway/bankfile"
)

// Objects says where files are kept encrypted: in a folder, or in a bucket when s3.endpoint is set. Without a key none are.
type Objects struct {
	Dir     string    `mapstructure:"dir"`      // data_dir/objects when empty; with a bucket, where what is being sent waits
	KeyFile string    `mapstructure:"key_file"` // an age identity, as age-keygen writes it
	S3      ObjectsS3 `mapstructure:"s3"`
}

// ObjectsS3 is a bucket of an S3-compatible server, which sees ciphertext only.
type ObjectsS3 struct {
	Endpoint      string `mapstructure:"endpoint"` // https://host:port; http on a loopback address only
	Region        string `mapstructure:"region"`
	Bucket        string `mapstructure:"bucket"` // must be there
	Prefix        string `mapstructure:"prefix"` // of the names of objects
	AccessKeyFile string `mapstructure:"access_key_file"`
	SecretKeyFile string `mapstructure:"secret_key_file"`
}

func (c *Config) validateObjects(faults *faults) {
	s := &c.Objects.S3
	if s.Endpoint == "" {
		return
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Host)) {
		faults.add("objects.s3.endpoint: https://host:port; http for a loopback address only")
	}
	faults.required("objects.key_file", c.Objects.KeyFile)
	faults.required("objects.s3.bucket", s.Bucket)
	faults.required("objects.s3.access_key_file", s.AccessKeyFile)
	faults.required("objects.s3.secret_key_file", s.SecretKeyFile)
}

// Bank is what the paying bank wants to see and how its answers are read.
type Bank struct {
	Enabled         bool               `mapstructure:"enabled"`          // whether the gateway has a desk for the bank at all
	Message         string             `mapstructure:"message"`          // pain.001.001.09, pain.001.001.10, csv; empty: no payment files are made
	MaxTransactions int                `mapstructure:"max_transactions"` // of one file; 0 is one file a batch
	InitiatingParty BankParty          `mapstructure:"initiating_party"`
	Debtor          BankDebtor         `mapstructure:"debtor"`
	Credited        []string           `mapstructure:"credited"` // statuses of pain.002 that mean that the payee has the money
	Entries         int                `mapstructure:"entries"`  // of one file from the bank, at most
	List            bankfile.Profile   `mapstructure:"list"`     // of the payment list, with message: csv
	Answers         []bankfile.Profile `mapstructure:"answers"`  // of the bank's lists, by their names
}

// BankParty is a name and a number such as a unified social credit code.
type BankParty struct {
	Name string `mapstructure:"name"`
	ID   string `mapstructure:"id"`
}

// BankDebtor is whose account pays. An empty account is the dedicated account of the batch's tranche.
type BankDebtor struct {
	BankParty  `mapstructure:",squash"`
	Account    string `mapstructure:"account"`
	AgentBIC   string `mapstructure:"agent_bic"`
	AgentCNAPS string `mapstructure:"agent_cnaps"` // 12 digits
}

func (c *Config) validateBank(faults *faults) {
	b := &c.Bank
	faults.oneOf("bank.message", b.Message, append([]string{"", "csv"}, bankfile.PaymentVersions...)...)
	faults.between("bank.max_transactions", int64(b.MaxTransactions), 0, 1_000_000)
	faults.between("bank.entries", int64(b.Entries), 1, 1_000_000)
	if b.Enabled {
		faults.required("objects.key_file", c.Objects.KeyFile)
	}
	if b.Message != "" {
		if !b.Enabled {
			faults.add("bank.message: payment files are made where bank.enabled is true")
		}
		faults.required("persons_key.file", c.PersonsKey.File)
	}
	if slices.Contains(bankfile.PaymentVersions, b.Message) {
		faults.required("bank.initiating_party.name", b.InitiatingParty.Name)
		faults.required("bank.debtor.name", b.Debtor.Name)
	}
	if b.Message == "csv" {
		if err := b.List.CheckList(); err != nil {
			faults.add("bank.list: %w", err)
		}
	}
	if n := len(b.Debtor.AgentCNAPS); n != 0 && n != 12 {
		faults.add("bank.debtor.agent_cnaps: has 12 digits")
	}
	names := map[string]bool{}
	for i := range b.Answers {
		if err := b.Answers[i].CheckAnswer(); err != nil {
			faults.add("bank.answers[%d]: %w", i, err)
		}
		if names[b.Answers[i].Name] {
			faults.add("bank.answers[%d].name: is there twice", i)
		}
		names[b.Answers[i].Name] = true
	}
}
