package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones on machines that have none

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger/fabric"
)

const usage = `Usage:
  gateway --config FILE                 runs the gateway until it is interrupted
  gateway check-config --config FILE    checks the configuration and the files that it names
  gateway index check --config FILE     compares the index with the ledger and prints the first difference: block,
                                        transaction, record, field; exits with 1 if there is one. The gateway may run.
  gateway index rebuild --config FILE   deletes the index and builds it again from the blocks of the agency's own
                                        peer, with the same content. Stop the gateway first.
  gateway readings check --config FILE  follows the record of who read personal data and holds it against the heads on the
                                        ledger; exits with 1 if it was changed. Stop the gateway first.
  gateway index unreadable --config FILE  lists the values on the ledger that cannot be read, each as the draft of a
                                        repair that all agencies agree to. The gateway may run.
  gateway objects reseal --config FILE  encrypts the files that are kept, in a folder or a bucket, again with the first
                                        key of objects.key_file; then the others can be taken out. Stop the gateway first.
  gateway keys --config FILE            counts what is on the ledger under the key of each epoch, and says which keys are
                                        still needed. The gateway may run.
  gateway screen check --config FILE --region CODE [--block N] [--json]
                                        carries out the rules of screening in a county, prefecture or province, as of a
                                        block or the last one, and writes the alerts. The gateway may run.
  gateway screen explain ALERT --config FILE --region CODE [--block N] [--json]
                                        works one alert out again, by its id or the beginning of it: what it asks, of whom,
                                        by which limits. The gateway may run.
  gateway --version

The environment overrides every setting that is not part of a list: GATEWAY_LIMITS_IN_FLIGHT=64.
`

// commands are the commands besides running the gateway.
var commands = map[string]func(ctx context.Context, cfg *config.Config, stdout io.Writer) error{
	"check-config":     checkConfig,
	"index check":      app.CheckIndex,
	"index rebuild":    app.RebuildIndex,
	"index unreadable": app.ListUnreadable,
	"readings check":   app.CheckReadings,
	"objects reseal":   app.ResealObjects,
	"keys":             app.CountEpochs,
}

// screenings are the commands that screen a region; they have flags of their own.
var screenings = map[string]func(ctx context.Context, cfg *config.Config, s *app.Screening, stdout io.Writer) error{
	"screen check":   app.CheckScreening,
	"screen explain": app.ExplainAlert,
}

// explained takes the alert out of the words that name a command.
func explained(name string) (command, alert string) {
	const explain = "screen explain"
	if alert, ok := strings.CutPrefix(name, explain+" "); ok && !strings.Contains(alert, " ") {
		return explain, alert
	}
	return name, ""
}

func checkConfig(_ context.Context, cfg *config.Config, stdout io.Writer) error {
	if err := app.Check(cfg); err != nil {
		return err
	}
	_, err := fmt.Fprintln(stdout, "the configuration is valid")
	return err
}

// command returns the words before the flags, which name a command, and the rest.
func command(args []string) (name string, rest []string) {
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = strings.TrimSpace(name+" "+args[0]), args[1:]
	}
	return name, args
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name, args := command(args)
	name, alert := explained(name)
	do, known := commands[name]
	look, screens := screenings[name]
	screening := app.Screening{Alert: alert}
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	file := flags.String("config", "", "configuration `file`")
	version := flags.Bool("version", false, "print the version")
	if screens {
		flags.StringVar(&screening.Region, "region", "", "county, prefecture or province `code`")
		flags.Int64Var(&screening.Block, "block", -1, "the block as of which is screened; without it the last one")
		flags.BoolVar(&screening.JSON, "json", false, "write JSON")
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *version {
		_, err := fmt.Fprintln(stdout, "gateway", buildVersion())
		return err
	}
	if name != "" && !known && !screens {
		flags.Usage()
		return fmt.Errorf("unknown command %q", name)
	}
	if flags.NArg() > 0 || *file == "" {
		flags.Usage()
		return errors.New("name the configuration with --config FILE")
	}
	if screens {
		if err := screening.Check(); err != nil {
			return err
		}
	}
	cfg, err := config.Load(*file)
	if err != nil {
		return err
	}
	switch {
	case known:
		return do(ctx, cfg, stdout)
	case screens:
		return look(ctx, cfg, &screening, stdout)
	}
	fabric.UseTieredBuffers()
	a, err := app.New(cfg, app.NewLogger(stderr, cfg.Log), buildVersion())
	if err != nil {
		return err
	}
	return errors.Join(a.Run(ctx), a.Close())
}

// buildVersion is the version or revision that the compiler has recorded.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && version == "(devel)" {
			version = s.Value
		}
	}
	return version
}
