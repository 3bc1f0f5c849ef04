package bankdesk

import (
	"context"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/fund"
)

// mask keeps the accounts of tranches, which are the agency's, and the last four characters of any other: it may be a
// person's.
func (d *Desk) mask(ctx context.Context, m *Message) error {
	if len(m.Statements) == 0 {
		return nil
	}
	accounts, err := d.accounts(ctx, m.Principal)
	if err != nil {
		return err
	}
	for i := range m.Statements {
		s := &m.Statements[i]
		own := accounts[accountKey(s.Account)]
		switch {
		case own == "":
			s.Account, s.Aside = masked(s.Account), OtherAccount
		case s.Currency != "":
			s.Account, s.Known, s.Aside = own, true, OtherCurrency
		default:
			s.Account, s.Known = own, true
		}
	}
	return nil
}

func masked(account string) string { return "****" + account[max(0, len(account)-4):] }

// accountKey is an account without the spaces and hyphens that banks write between groups.
func accountKey(account string) string { return strings.NewReplacer(" ", "", "-", "").Replace(account) }

// accounts are the dedicated accounts of all tranches, and the debtor's of the settings, by their keys.
func (d *Desk) accounts(ctx context.Context, signer string) (map[string]string, error) {
	accounts := map[string]string{}
	if d.options.DebtorAccount != "" {
		accounts[accountKey(d.options.DebtorAccount)] = d.options.DebtorAccount
	}
	err := d.eachTranche(ctx, signer, func(t *fund.Tranche) { accounts[accountKey(t.Account)] = t.Account })
	return accounts, err
}

// eachTranche visits the tranches that the signer may see.
func (d *Desk) eachTranche(ctx context.Context, signer string, visit func(*fund.Tranche)) error {
	for next := (api.PageInput{Limit: pageLimit}); ; {
		page, err := ask(ctx, d, signer, api.FundList, next)
		if err != nil {
			return err
		}
		for i := range page.Items {
			visit(&page.Items[i])
		}
		if next.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// pageLimit is how many records of a list are read from the ledger at a time.
const pageLimit = 500
