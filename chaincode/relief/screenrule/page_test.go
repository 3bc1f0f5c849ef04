package screenrule

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the page anew")

const page = "../../../docs/screening.md"

// The tables of docs/screening.md are made from the catalogue: they stand behind the line that says so.
func TestScreeningPage(t *testing.T) {
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	const made = "<!-- made from the catalogue -->\n"
	words, _, found := strings.Cut(string(b), made)
	require.True(t, found)
	want := words + made + tables()
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o600))
		return
	}
	require.Equal(t, want, string(b), "go test ./chaincode/relief/screenrule -run Page -update")
}

func tables() string {
	var b strings.Builder
	b.WriteString("\n## Rules that are carried out\n\n| rule | | asks whether | limits | severity | step at fault, who answers | source |\n|---|---|---|---|---|---|---|\n")
	for i := range Catalogue {
		if r := &Catalogue[i]; r.Missing == "" {
			fmt.Fprintf(&b, "| %s v%d | %s · %s | %s | %s | %s%s | `%s`, %s %s | %s |\n",
				r.ID, r.Version, r.Zh, r.En, r.Asks, limitsOf(r), r.Severity, notes(r), r.Step, r.Answers.Kind, r.Answers.Role, r.Source)
		}
	}
	b.WriteString("\n## Rules that wait for data\n\n| rule | | what is missing | source |\n|---|---|---|---|\n")
	for i := range Catalogue {
		if r := &Catalogue[i]; r.Missing != "" {
			fmt.Fprintf(&b, "| %s | %s · %s | %s | %s |\n", r.ID, r.Zh, r.En, r.Missing, r.Source)
		}
	}
	return b.String()
}

func limitsOf(r *Rule) string {
	list := make([]string, len(r.Limits))
	for i, l := range r.Limits {
		list[i] = fmt.Sprintf("`%s` %d %s", l.Name, l.Default, l.Unit)
	}
	return strings.Join(list, ", ")
}

func notes(r *Rule) string {
	var n string
	if r.Folds {
		n += ", folds"
	}
	if r.Private {
		n += ", off until assessed"
	}
	return n
}
