package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/testbed/year"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "\n✗ 演示中断 · the demonstration stopped:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	civil := flags.String("civil", "http://127.0.0.1:8401", "civil affairs' gateway")
	finance := flags.String("finance", "http://127.0.0.1:8402", "finance's gateway")
	audit := flags.String("audit", "http://127.0.0.1:8403", "audit's gateway")
	tokens := flags.String("tokens", ".relieftrail/dev/tokens", "the folder of the principals' tokens")
	data := flags.String("data", "scripts/demo-data", "the folder of roll.csv and payments-2026-11.csv")
	work := flags.Bool("work", false, "leave every list of the workplace with something to do")
	aYear := flags.Bool("year", false, "tell a county's year instead of one month")
	if err := flags.Parse(args); err != nil {
		return err
	}
	gateways := map[string]string{"civil": *civil, "finance": *finance, "audit": *audit}
	if *aYear {
		return tellYear(ctx, printer.New(stdout), gateways, *tokens)
	}
	s := &story{out: printer.New(stdout), data: *data, tokens: *tokens}
	var clients restclient.Network
	for _, p := range []struct {
		name, base string
		client     **restclient.Client
	}{
		{"civil-preparer", *civil, &s.civilPreparer},
		{"civil-approver", *civil, &s.civilApprover},
		{"civil-second-approver", *civil, &s.civilSecondApprover},
		{"civil-township", *civil, &s.civilTownship},
		{"civil-village", *civil, &s.civilVillage},
		{"finance-preparer", *finance, &s.financePreparer},
		{"finance-approver", *finance, &s.financeApprover},
		{"audit-reader", *audit, &s.auditReader},
		{"civil-registrar", *civil, &s.civilRegistrar},
		{"finance-registrar", *finance, &s.financeRegistrar},
		{"audit-registrar", *audit, &s.auditRegistrar},
	} {
		c, err := clients.New(p.base, filepath.Join(*tokens, p.name+".token"))
		if err != nil {
			return fmt.Errorf("%s: %w (is the network up? scripts/up)", p.name, err)
		}
		*p.client = c
	}
	if err := s.tell(ctx); err != nil {
		return err
	}
	if *work {
		if err := s.leaveWork(ctx); err != nil {
			return err
		}
	}
	s.invite()
	s.out.End("演示完成", "the month is told")
	return nil
}

// tellYear has a county live a year.
func tellYear(ctx context.Context, out *printer.Printer, gateways map[string]string, tokens string) error {
	var clients restclient.Network
	officials := map[string]*restclient.Client{}
	for _, name := range year.Officials {
		agency, _, _ := strings.Cut(name, "-")
		client, err := clients.New(gateways[agency], filepath.Join(tokens, name+".token"))
		if err != nil {
			return fmt.Errorf("%s: %w (is the network up? scripts/up)", name, err)
		}
		officials[name] = client
	}
	if err := year.New(out, officials).Live(ctx, true); err != nil {
		return err
	}
	out.End("一年演示完成", "the year is told")
	return nil
}
