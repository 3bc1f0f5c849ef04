package httpapi

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/uploads"
	"relieftrail/gateway/internal/intake"
)

// actsOfFiles says for each act of which files are taken what a line of such a file holds; what may be left out has a question mark.
func actsOfFiles() (acts []relief.Act, members map[relief.Act][]string) {
	members = map[relief.Act][]string{}
	for _, act := range api.FileableActs() {
		for _, m := range uploads.ActMembers(act) {
			if !m.Required {
				m.Name += "?"
			}
			members[act] = append(members[act], m.Name)
		}
	}
	return api.FileableActs(), members
}

// The document says which acts come in files, and what a line of each holds.
func TestTheDocumentNamesTheMembersOfActs(t *testing.T) {
	doc := readDocument(t)
	acts, members := actsOfFiles()
	var names []any
	var lines []string
	for _, act := range acts {
		names = append(names, string(act))
		lines = append(lines, fmt.Sprintf("%s: %s", act, strings.Join(members[act], ", ")))
	}
	require.Equal(t, names, at(t, doc, "components", "parameters", "ActInPath", "schema")["enum"])
	body := at(t, doc, "paths", "/v1/cases/files/{act}", "post", "requestBody", "content", "application/x-ndjson", "schema")
	require.Equal(t, "An act a line. Members by the act, those with a question mark may be left out:\n"+strings.Join(lines, ";\n")+".\n", body["description"])
}

const (
	integratorsPage  = "../../../docs/guides/integrators.md"
	integratorsBegin = "<!-- The files: go test ./gateway/internal/httpapi -run IntegratorsPage -update -->\n"
)

var filePaths = map[intake.Kind]string{
	intake.KindRoll: "The roll: `POST /v1/programmes/{id}/roll`", intake.KindLines: "The lines of a batch: `PUT /v1/batches/{id}/lines`",
	intake.KindSettlements: "The bank's answers: `POST /v1/batches/{id}/settlements`",
}

// The guide ends with the columns of the files that are sent, and with the members of acts.
func TestIntegratorsPage(t *testing.T) {
	page, err := os.ReadFile(integratorsPage)
	require.NoError(t, err)
	text, _, there := strings.Cut(string(page), integratorsBegin)
	require.True(t, there)
	var want strings.Builder
	want.WriteString(text + integratorsBegin)
	for _, kind := range intake.Kinds {
		fmt.Fprintf(&want, "\n### %s\n\n| column | 中文 | needed | what |\n|---|---|---|---|\n", filePaths[kind])
		for _, c := range intake.Columns(kind) {
			needed := "yes"
			switch {
			case !c.Required:
				needed = "the column may be missing"
			case c.MayBeEmpty:
				needed = "the column; a line may leave it blank"
			}
			what := c.What.String()
			if c.Values != nil {
				what += ": " + strings.Join(c.Values, ", ")
			}
			fmt.Fprintf(&want, "| `%s` | %s | %s | %s, `%s` |\n", c.Name, c.Zh, needed, what, c.Example)
		}
	}
	want.WriteString("\n### Acts: `POST /v1/cases/files/{act}`\n\n| act | 中文 · English | members |\n|---|---|---|\n")
	acts, members := actsOfFiles()
	for _, act := range acts {
		zh, en := api.ActWords(act)
		fmt.Fprintf(&want, "| `%s` | %s · %s | `%s` |\n", act, zh, en, strings.Join(members[act], "`, `"))
	}
	if *update {
		require.NoError(t, os.WriteFile(integratorsPage, []byte(want.String()), 0o644))
		return
	}
	require.Equal(t, want.String(), string(page), "go test ./gateway/internal/httpapi -run IntegratorsPage -update")
}
