package walls

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deps lists what a package links, the standard library left out.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg)
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	require.NoError(t, err, pkg)
	return strings.Fields(string(out))
}

// Two registrations of Fabric's protocol messages in one process panic at start.
func TestNoProgramLinksBothGenerationsOfFabricProtos(t *testing.T) {
	for _, program := range []string{"./chaincode", "./gateway/cmd/gateway", "./network/cmd/reliefnet", "./network/testbed/demo", "./network/testbed/bench", "./chaincode/testnet/bench"} {
		old, newer := false, false
		for _, d := range deps(t, program) {
			old = old || strings.HasPrefix(d, "github.com/hyperledger/fabric-protos-go/")
			newer = newer || strings.HasPrefix(d, "github.com/hyperledger/fabric-protos-go-apiv2/")
		}
		require.False(t, old && newer, "%s links fabric-protos-go and fabric-protos-go-apiv2", program)
	}
}

// domainLinks says which packages of the domain each of them may link. The standard library aside, there are no others:
// the domain is a DAG in which payment, casework and overpayment do not know each other, and stored, which reads the values of all, is used by none. All of them may link relief and the checks
// of form.
var domainLinks = map[string][]string{
	"/internal/form":   nil,
	"/internal/packed": nil,
	"":                 nil,
	"/wire":            nil,
	"/programme":       nil,
	"/screenrule":      nil,
	"/registry":        {"/programme", "/screenrule"},
	"/fund":            {"/programme"},
	"/roll":            {"/programme", "/wire"},
	"/payment":         {"/programme", "/wire", "/fund", "/roll"},
	"/overpayment":     {"/programme", "/wire", "/roll"},
	"/casework":        {"/programme", "/wire", "/registry", "/roll", "/screenrule", "/internal/packed"},
	"/oversight":       {"/programme", "/wire", "/fund", "/roll", "/payment", "/internal/packed"},
	"/draw":            {"/programme", "/wire", "/fund", "/roll", "/payment", "/oversight", "/internal/packed"},
	"/reversal":        nil,
	"/reseal":          nil,
	"/statement":       {"/programme", "/fund"},
	"/stored": {
		"/programme", "/wire", "/registry", "/fund", "/roll", "/payment", "/overpayment", "/casework", "/statement", "/reversal", "/reseal",
		"/oversight", "/draw", "/screenrule", "/internal/packed",
	},
	"/indicator": {
		"/programme", "/wire", "/registry", "/fund", "/roll", "/payment", "/overpayment", "/casework", "/statement", "/reversal", "/reseal",
		"/oversight", "/draw", "/screenrule", "/stored", "/internal/packed",
	},
	"/screen": {
		"/programme", "/wire", "/registry", "/fund", "/roll", "/payment", "/overpayment", "/casework", "/statement", "/reversal", "/reseal",
		"/oversight", "/draw", "/screenrule", "/stored", "/internal/packed",
	},
}

func TestDomainIsADAGOnTheStandardLibrary(t *testing.T) {
	const domain = "relieftrail/chaincode/relief"
	for _, d := range deps(t, "./chaincode/relief/...") {
		rest, ok := strings.CutPrefix(d, domain)
		require.True(t, ok, "the domain must not link %s", d)
		require.Contains(t, domainLinks, rest, "%s has no place in the domain's order yet", d)
	}
	for pkg, may := range domainLinks {
		want := []string{domain + pkg, domain + "/internal/form"}
		if pkg != "/internal/form" {
			want = append(want, domain)
		}
		for _, m := range may {
			want = append(want, domain+m)
		}
		require.Subset(t, want, deps(t, "./chaincode/relief"+pkg), "%s links what it must not", pkg)
	}
}

// Bank files are bytes in and values out: nothing of the ledger, of SQL or of HTTP is linked.
func TestBankFilesLinkTheDomainAndTextOnly(t *testing.T) {
	for _, d := range deps(t, "./gateway/bankfile") {
		require.True(t, strings.HasPrefix(d, "relieftrail/gateway/bankfile") || strings.HasPrefix(d, "relieftrail/chaincode/relief") ||
			strings.HasPrefix(d, "golang.org/x/text/"), "./gateway/bankfile must not link %s", d)
	}
}

// The gateway's settings know no part of the gateway: the parts are opened with settings, not the other way round. Who may read a
// file, and what a key is, is asked by both.
func TestSettingsLinkNoPartOfTheGateway(t *testing.T) {
	const values = "relieftrail/chaincode/relief"
	for _, d := range deps(t, "./gateway/internal/config") {
		if strings.HasPrefix(d, "relieftrail/") {
			require.Contains(t, []string{
				"relieftrail/gateway/internal/config", "relieftrail/gateway/internal/keyfile", values, values + "/internal/form", "relieftrail/chaincode/receipt",
			}, d)
		}
	}
}

// What verifies receipts is small and reviewed whole: it runs in the browser and offline.
func TestReceiptsLinkLittle(t *testing.T) {
	little := []string{
		"relieftrail/chaincode/receipt", "relieftrail/chaincode/relief", "relieftrail/chaincode/relief/internal/form",
		"github.com/transparency-dev/formats/proof", "github.com/transparency-dev/merkle", "github.com/transparency-dev/merkle/compact",
		"github.com/transparency-dev/merkle/proof", "github.com/transparency-dev/merkle/rfc6962", "golang.org/x/mod/sumdb/note",
	}
	require.ElementsMatch(t, little, deps(t, "./chaincode/receipt"))
	require.ElementsMatch(t, append(little, "relieftrail/gateway/cmd/receipt-verify"), deps(t, "./gateway/cmd/receipt-verify"))
}

// The gateway depends on the contracts' vocabulary, never on their code; the ledger's types stay behind the port.
func TestWhoMayImportWhom(t *testing.T) {
	for program, forbidden := range map[string][]string{
		"./gateway/cmd/gateway":           {"relieftrail/chaincode/internal", "relieftrail/chaincode/fakeledger", "github.com/hyperledger/fabric-sdk-go"},
		"./gateway/internal/httpapi":      {"github.com/hyperledger", "github.com/spf13/viper"},
		"./gateway/internal/jobs":         {"github.com/hyperledger"},
		"./gateway/internal/boltstore":    {"relieftrail/chaincode", "relieftrail/gateway/internal/ledger"},
		"./gateway/internal/bankdesk":     {"github.com/hyperledger", "github.com/gin-gonic"},
		"./gateway/internal/matching":     {"github.com/hyperledger", "github.com/gin-gonic", "github.com/spf13/viper"},
		"./gateway/internal/outbox":       {"github.com/hyperledger"},
		"./gateway/internal/index":        {"github.com/hyperledger"},
		"./gateway/internal/provjson":     {"github.com/hyperledger", "github.com/gin-gonic"},
		"./gateway/internal/evidence":     {"github.com/hyperledger", "github.com/gin-gonic"},
		"./gateway/internal/translog":     {"github.com/hyperledger", "relieftrail/gateway/internal/ledger", "relieftrail/gateway/internal/index"},
		"./gateway/internal/receiptprint": {"github.com/hyperledger", "relieftrail/gateway/internal/ledger", "relieftrail/gateway/internal/index"},
		"./gateway/internal/intake":       {"github.com/hyperledger", "relieftrail/gateway/internal/ledger"},
		"./network/testbed/demo":          {"github.com/hyperledger", "relieftrail/gateway"},
		"./network/testbed/year":          {"github.com/hyperledger", "relieftrail/gateway"},
		"./network/testbed/bench":         {"github.com/hyperledger/fabric-sdk-go", "relieftrail/chaincode/internal"},
		"./network/cmd/reliefnet":         {"github.com/hyperledger/fabric-gateway", "relieftrail/gateway", "relieftrail/chaincode/internal"},
		"./network/audit/crosscheck":      {"github.com/hyperledger/fabric-sdk-go", "github.com/spf13/viper", "relieftrail/gateway", "relieftrail/network/fabric/admin", "relieftrail/network/topology"},
		"./chaincode":                     {"relieftrail/gateway", "relieftrail/network", "relieftrail/chaincode/fakeledger"},
	} {
		for _, d := range deps(t, program) {
			for _, f := range forbidden {
				require.False(t, strings.HasPrefix(d, f), "%s must not link %s", program, d)
			}
		}
	}
}

// The second reckoning of the books is worth something only while it shares no code with the first.
func TestTheReckoningSharesNoCodeWithTheProduct(t *testing.T) {
	require.Equal(t, []string{"relieftrail/network/testbed/reckoning"}, deps(t, "./network/testbed/reckoning"))
}
