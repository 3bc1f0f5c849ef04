package year

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/reckoning"
	"relieftrail/network/testbed/restclient"
)

const region = "530181"

// obj is the body of a request.
type obj map[string]any

// Officials are the names of those who live the year, without those of other counties.
var Officials = []string{
	"civil-preparer", "civil-second-preparer", "civil-approver", "civil-second-approver", "civil-township", "civil-village",
	"civil-other-county", "civil-other-approver", "finance-preparer", "finance-approver", "audit-reader", "civil-registrar",
	"finance-registrar", "audit-registrar", "audit-approver",
}

// County is an invented county in its budget year.
type County struct {
	out       *printer.Printer
	officials map[string]*restclient.Client
	run       int // of this network: each has programmes, people and accounts of its own
	happened  []reckoning.Event
	numbers   map[rollNumber]reckoning.Who
	people    map[reckoning.Who]*household
	rolls     map[string][]reckoning.Who // on each programme's roll, in the order of enrolment
	banks     map[string]*bank
	accounts  map[string]string // of each programme's tranches
	payFrom   map[string]string // the tranche that a programme's batches draw on
	tranches  []string
	quarterly map[string]bool // programmes that pay by the quarter
	touched   map[string]map[reckoning.Month]bool
	month     reckoning.Month // that is lived
	writes    int
	results   map[int]error

	elsewhere    map[string]bool // programmes of the other county
	deductions   map[reckoning.Who]deduction
	sent         map[whoMonth]reckoning.Fen // what the bank was told, by accounting period
	newcomer     reckoning.Who
	movedTo      string // the other county's programme
	noticeDays   int
	mayOfOldCard paybank.Payment // the transfer of May that came back
}

// rollNumber is a number on a programme's roll.
type rollNumber struct {
	programme string
	number    uint32
}

// whoMonth is a household in a month.
type whoMonth struct {
	who   reckoning.Who
	month reckoning.Month
}

// New makes a county that has not lived yet. officials are clients by the names in Officials.
func New(out *printer.Printer, officials map[string]*restclient.Client) *County {
	return &County{
		out: out, officials: officials, numbers: map[rollNumber]reckoning.Who{}, people: map[reckoning.Who]*household{},
		rolls: map[string][]reckoning.Who{}, banks: map[string]*bank{}, accounts: map[string]string{}, payFrom: map[string]string{},
		quarterly: map[string]bool{}, touched: map[string]map[reckoning.Month]bool{}, results: map[int]error{}, elsewhere: map[string]bool{}, deductions: map[reckoning.Who]deduction{}, sent: map[whoMonth]reckoning.Fen{},
	}
}

// findRun finds programme ids that no earlier run on this network has taken. Of a network that has just begun a gateway may not
// know its officials yet: they are refused for a moment.
func (c *County) findRun(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	refused := 0
	for c.run = 1; ; {
		err := c.get(ctx, "audit-reader", "/v1/programmes/"+c.programme("dibao"), &struct{}{})
		var problem *restclient.Problem
		switch {
		case err == nil:
			c.run++
		case errors.As(err, &problem) && problem.Status == http.StatusNotFound:
			return nil
		case errors.As(err, &problem) && problem.Status == http.StatusForbidden && refused < 20:
			refused++
			<-tick.C
		default:
			return err
		}
	}
}

// programme is the id of one of this run's programmes, of at most seven letters.
func (c *County) programme(name string) string { return fmt.Sprintf("%s%d", name, c.run) }

// id is the id of one of this run's batches, tranches and imports.
func (c *County) id(name string) string { return fmt.Sprintf("year%d-%s", c.run, name) }

func (c *County) client(name string) (*restclient.Client, error) {
	client := c.officials[name]
	if client == nil {
		return nil, fmt.Errorf("nobody is called %s", name)
	}
	return client, nil
}

// key is an Idempotency-Key of this run.
func (c *County) key() string {
	c.writes++
	return fmt.Sprintf("year%d-%d", c.run, c.writes)
}

// post sends a write by an official and reads its response into out, which may be nil.
func (c *County) post(ctx context.Context, by, path string, in, out any) error {
	client, err := c.client(by)
	if err != nil {
		return err
	}
	if in == nil {
		in = struct{}{}
	}
	if _, err := client.Post(ctx, path, c.key(), in, out); err != nil {
		return fmt.Errorf("%s by %s: %w", path, by, err)
	}
	return nil
}

// refused sends a write that has to be refused with one of some statuses, and gives the refusal.
func (c *County) refused(ctx context.Context, by, path string, in any, statuses ...int) (*restclient.Problem, error) {
	err := c.post(ctx, by, path, in, nil)
	var problem *restclient.Problem
	switch {
	case err == nil:
		return nil, fmt.Errorf("%s by %s has to be refused", path, by)
	case !errors.As(err, &problem) || !slices.Contains(statuses, problem.Status):
		return nil, fmt.Errorf("%s by %s has to be refused with %v: %w", path, by, statuses, err)
	}
	return problem, nil
}

func (c *County) get(ctx context.Context, by, path string, out any) error {
	client, err := c.client(by)
	if err != nil {
		return err
	}
	if err := client.Get(ctx, path, out); err != nil {
		return fmt.Errorf("%s by %s: %w", path, by, err)
	}
	return nil
}

// enter writes down what happened.
func (c *County) enter(events ...reckoning.Event) { c.happened = append(c.happened, events...) }

// books reckons the books of all that happened so far.
func (c *County) books() (*reckoning.Books, error) { return reckoning.Reckon(c.happened) }

// expect compares a figure of the ledger with the one that has to come out.
func expect[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, expected %v", what, got, want)
	}
	return nil
}

// Part is one of the things that happen in the year.
type Part struct {
	Number           int
	Chinese, English string
	Err              error // nil when it came out as it has to
}

// Parts are the parts of the year that were lived, in the order of their numbers, with what came out.
func (c *County) Parts() (parts []Part) {
	for _, n := range slices.Sorted(maps.Keys(c.results)) {
		parts = append(parts, Part{n, titles[n][0], titles[n][1], c.results[n]})
	}
	return parts
}

// step is something that happens in a month. A part of the year may take several.
type step struct {
	part int
	do   func(context.Context) error
}

// Live lives the year. With stopping it ends with the first part that did not come out right; otherwise it goes on, and Parts
// has what came out of each.
func (c *County) Live(ctx context.Context, stopping bool) error {
	if err := c.findRun(ctx); err != nil {
		return err
	}
	for _, m := range c.calendar() {
		c.month = m.month
		began := time.Now()
		c.out.Chapter(fmt.Sprintf("%d年%d月", m.month/12, m.month%12+1), m.month.String())
		for _, s := range append(m.steps, step{everyMonth, c.compare}) {
			err := s.do(ctx)
			if err != nil {
				err = fmt.Errorf("%s %s · %s: %w", m.month, titles[s.part][0], titles[s.part][1], err)
			}
			if err != nil && stopping {
				return err
			}
			c.results[s.part] = errors.Join(c.results[s.part], err)
		}
		c.out.Say("本月用时 %.1f 秒 · the month took %.1f s", time.Since(began).Seconds(), time.Since(began).Seconds())
	}
	return nil
}
