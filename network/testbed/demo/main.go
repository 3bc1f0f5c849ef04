package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"relieftrail/network/testbed/restclient"
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
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := &story{out: &printer{w: stdout, began: time.Now()}, data: *data}
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
	} {
		c, err := clients.New(p.base, filepath.Join(*tokens, p.name+".token"))
		if err != nil {
			return fmt.Errorf("%s: %w (is the network up? scripts/up)", p.name, err)
		}
		*p.client = c
	}
	return s.tell(ctx)
}
