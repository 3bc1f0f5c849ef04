// Command probe tests a network with Fabric's own code. It reads from standard input what the network is and has, in JSON,
// and does one of two things:
//
//	probe policies   evaluates every policy of the channel with every kind of identity and prints tables in Markdown
//	probe attempts   tries with keys of every kind what their holders must not do, and prints how each attempt ended, in JSON
//
// It has no key but those that it is given, and changes nothing that the network does not let it change.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hyperledger/fabric-lib-go/common/flogging"
)

// spec is a network as the probe is told of it.
type spec struct {
	Channel     string `json:"channel"`
	Chaincode   string `json:"chaincode"`
	Endorsement string `json:"endorsement"` // the chaincode's policy
	Block       string `json:"block"`       // file of a configuration block
	Collections string `json:"collections"` // file of the private data collections
	// Agencies are the organisations in the network's order.
	Agencies   []agency   `json:"agencies"`
	Identities []identity `json:"identities"`
	// Certificates are those for TLS, by whose they are: "finance/peer".
	Certificates map[string]pair `json:"certificates"`
}

// agency is an organisation and where its nodes serve.
type agency struct {
	Name    string `json:"name"`
	MSPID   string `json:"msp_id"`
	Peer    string `json:"peer"`
	Orderer string `json:"orderer"`
}

// identity is a certificate of an organisation's authority for identities, and its key.
type identity struct {
	Kind   string `json:"kind"` // official, gateway, peer, orderer or admin
	Name   string `json:"name"`
	Agency string `json:"agency"`
	pair
}

type pair struct {
	Cert string `json:"cert"`
	Key  string `json:"key"`
}

func main() {
	flogging.ActivateSpec("fatal") // what went wrong is in the errors
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	var s spec
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return fmt.Errorf("what the network is: %w", err)
	}
	switch {
	case len(args) == 1 && args[0] == "policies":
		return policies(&s, out)
	case len(args) == 1 && args[0] == "attempts":
		return attempts(&s, out)
	}
	return fmt.Errorf("say policies or attempts, not %q", args)
}

// mspOf is the id on the ledger of an organisation.
func (s *spec) mspOf(name string) string {
	for _, a := range s.Agencies {
		if a.Name == name {
			return a.MSPID
		}
	}
	return ""
}
