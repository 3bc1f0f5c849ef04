package app

import (
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger/fabric"
)

// serviceIdentity names the gateway's own identity. No principal has this name.
const serviceIdentity = "(the gateway itself)"

// Connect makes the client of the agency's own peer. The peer need not be reachable yet.
func Connect(cfg *config.Config) (*fabric.Ledger, error) {
	identities := map[string]fabric.Identity{
		serviceIdentity: {MSPID: cfg.Organisation, CertFile: cfg.Service.CertFile, KeyFile: cfg.Service.KeyFile},
	}
	for _, p := range cfg.Principals {
		identities[p.Name] = fabric.Identity{MSPID: p.MSPID, CertFile: p.CertFile, KeyFile: p.KeyFile}
	}
	return fabric.Connect(fabric.Config{
		Endpoint: cfg.Ledger.Endpoint, TLSCAFile: cfg.Ledger.TLSCAFile, ServerName: cfg.Ledger.ServerName,
		TLSCertFile: cfg.Ledger.TLSCertFile, TLSKeyFile: cfg.Ledger.TLSKeyFile,
		Channel: cfg.Ledger.Channel, Chaincode: cfg.Ledger.Chaincode, EndorsingOrganisations: cfg.Ledger.Endorsers,
		Identities: identities, Service: serviceIdentity,
		Endorse: cfg.Timeouts.Endorse, Submit: cfg.Timeouts.Submit,
	})
}
