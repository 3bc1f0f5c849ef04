package year

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/reckoning"
)

// bank is the paying bank's side of one dedicated account.
type bank struct {
	account    string
	balance    relief.Fen
	statements int
}

// bankOf is the bank's side of an account, which it opens with 2,000,000.00.
func (c *County) bankOf(account string) *bank {
	if c.banks[account] == nil {
		c.banks[account] = &bank{account: account, balance: 200_000_000}
	}
	return c.banks[account]
}

// statement begins the account's next statement.
func (b *bank) statement() *paybank.Statement {
	b.statements++
	return paybank.New(fmt.Sprint("YEAR-", b.account, "-", b.statements), b.statements, b.account, paybank.Today(), b.balance)
}

// book sends a statement to finance's gateway. It gives how many of its entries became exceptions.
func (c *County) book(ctx context.Context, s *paybank.Statement) (exceptions int, err error) {
	client, err := c.client("finance-preparer")
	if err != nil {
		return 0, err
	}
	got, err := client.SendBankFile(ctx, "/v1/statements", c.key(), s.Document())
	if err != nil {
		return 0, err
	}
	c.bankOf(s.Account).balance = s.Closing
	return got.Counts.Exceptions, nil
}

// paidBy is whom a transfer pays: the number in a payment's id, such as dibao-530181-0000298-202611-1, leads to the
// household. A number that was never seen belongs to the household whose card the transfer goes to.
func (c *County) paidBy(programme string, transfer paybank.Payment) (reckoning.Who, error) {
	parts := strings.Split(transfer.EndToEndID, "-")
	if len(parts) < 3 {
		return "", fmt.Errorf("%s is no payment's id", transfer.EndToEndID)
	}
	number, err := strconv.ParseUint(parts[2], 10, 32)
	if err != nil {
		return "", fmt.Errorf("%s is no payment's id: %w", transfer.EndToEndID, err)
	}
	seen := rollNumber{programme, uint32(number)}
	if who, known := c.numbers[seen]; known {
		return who, nil
	}
	for _, who := range c.rolls[programme] {
		if c.people[who].account == transfer.Account {
			c.numbers[seen] = who
			return who, nil
		}
	}
	return "", fmt.Errorf("%s pays a card that nobody on the roll of %s has", transfer.EndToEndID, programme)
}
