package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"relieftrail/chaincode/receipt"
)

// Exit codes.
const (
	exitValid   = 0
	exitInvalid = 1 // a receipt was read, and is wrong
	exitUsage   = 2 // nothing was checked: wrong arguments, an unusable policy, or a file from which no receipt can be read
)

const usage = `用法 · usage: receipt-verify [--policy FILE] [--json] FILE|-

离线核验回执，或以 - 从标准输入读取。 · Checks a receipt offline: a file, or - for standard input.
退出码 · exit code: 0 有效 valid, 1 无效 not valid, 2 未核验 nothing was checked

`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("receipt-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	policyFile := flags.String("policy", "policy.txt", "信任名单 · whose signatures a receipt must have: a `file`, C2SP tlog-policy")
	asJSON := flags.Bool("json", false, "以 JSON 输出 · write the result as JSON")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitValid
		}
		return exitUsage
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitUsage
	}
	report, err := check(*policyFile, flags.Arg(0), stdin)
	if err != nil {
		fmt.Fprintln(stderr, "receipt-verify:", err)
		return exitUsage
	}
	if err := write(stdout, report, *asJSON); err != nil {
		fmt.Fprintln(stderr, "receipt-verify:", err)
		return exitUsage
	}
	switch {
	case !report.Checked:
		return exitUsage
	case !report.Valid:
		return exitInvalid
	}
	return exitValid
}

// check gives an error when the policy or the file cannot be had; a receipt that is refused is no error.
func check(policyFile, file string, stdin io.Reader) (*receipt.Report, error) {
	text, err := readFile(policyFile, receipt.MaxPolicyBytes)
	if err != nil {
		return nil, fmt.Errorf("信任名单 · policy: %w", err)
	}
	policy, err := receipt.ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", policyFile, err)
	}
	var content []byte
	if file == "-" {
		content, err = readAll(stdin, receipt.MaxBytes)
	} else {
		content, err = readFile(file, receipt.MaxBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("回执 · receipt: %w", err)
	}
	return receipt.Check(content, func(r *receipt.Receipt) (*receipt.Result, error) { return r.Verify(policy) }), nil
}

func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAll(f, limit)
}

// readAll reads a byte more than the limit, so that what is too long is seen to be.
func readAll(r io.Reader, limit int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, limit+1)) }

func write(w io.Writer, report *receipt.Report, asJSON bool) error {
	var out bytes.Buffer
	if asJSON {
		b, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		out.Write(append(b, '\n'))
	} else {
		words(&out, report)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// words writes the report in Chinese, then in English.
func words(out *bytes.Buffer, report *receipt.Report) {
	mark := map[bool]string{true: "✔ ", false: "✘ "}[report.Valid]
	if !report.Checked {
		mark = "? "
	}
	zh, en := []string{mark + report.Zh}, []string{mark + report.En}
	if report.Error != nil {
		zh, en = append(zh, "  "+report.Error.Zh), append(en, "  "+report.Error.En)
	}
	for _, f := range report.Facts {
		zh, en = append(zh, "  "+f.Zh+"："+f.Value), append(en, "  "+f.En+": "+f.ValueEn)
	}
	out.WriteString(strings.Join(zh, "\n") + "\n\n" + strings.Join(en, "\n") + "\n")
}
