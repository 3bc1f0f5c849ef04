package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"filippo.io/age"
	"go.yaml.in/yaml/v3"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/host/webget"
	"relieftrail/network/topology"
)

// The keys of gateway.yaml.
type (
	gatewayConfig struct {
		Organisation string             `yaml:"organisation"`
		Listen       string             `yaml:"listen"`
		DataDir      string             `yaml:"data_dir"`
		Timezone     string             `yaml:"timezone"`
		Profile      string             `yaml:"profile,omitempty"`
		Log          gatewayLog         `yaml:"log"`
		Ledger       gatewayLedger      `yaml:"ledger"`
		Transparency gatewayLogKeeping  `yaml:"transparency"`
		Readings     gatewayReadings    `yaml:"readings"`
		Public       gatewayPublic      `yaml:"public"`
		SubjectKey   *gatewaySharedKey  `yaml:"subject_key"`
		PersonsKey   *gatewaySharedKey  `yaml:"persons_key,omitempty"`
		TagKey       *gatewaySharedKey  `yaml:"tag_key,omitempty"`
		ReceiptKey   string             `yaml:"receipt_key_file,omitempty"`
		ReceiptKeys  []string           `yaml:"earlier_receipt_key_files,omitempty"`
		Verifier     string             `yaml:"verifier_dir,omitempty"`
		Workplace    string             `yaml:"workplace_dir,omitempty"`
		Objects      gatewayObjects     `yaml:"objects"`
		Bank         map[string]any     `yaml:"bank,omitempty"`
		Matching     map[string]any     `yaml:"matching,omitempty"`
		OIDC         map[string]any     `yaml:"oidc,omitempty"`
		Sessions     map[string]any     `yaml:"sessions,omitempty"`
		Enrolment    *gatewayEnrolment  `yaml:"enrolment,omitempty"`
		Service      gatewayIdentity    `yaml:"service"`
		Principals   []gatewayPrincipal `yaml:"principals"`
	}
	gatewayLog struct {
		Level  string `yaml:"level"`
		Format string `yaml:"format"`
	}
	gatewayLedger struct {
		Channel    string   `yaml:"channel"`
		Chaincode  string   `yaml:"chaincode"`
		Endpoint   string   `yaml:"endpoint"`
		TLSCAFile  string   `yaml:"tls_ca_file"`
		TLSCert    string   `yaml:"tls_cert_file"`
		TLSKey     string   `yaml:"tls_key_file"`
		ServerName string   `yaml:"server_name"`
		Endorsing  []string `yaml:"endorsing_organisations"`
	}
	gatewayLogKeeping struct {
		Origin       string           `yaml:"origin"`
		LogKey       string           `yaml:"log_key_file"`
		CosigningKey string           `yaml:"cosigning_key_file"`
		Peers        []gatewayLogPeer `yaml:"peers"`
		Witnesses    []map[string]any `yaml:"witnesses,omitempty"`
	}
	gatewayLogPeer struct {
		Agency string `yaml:"agency"`
		URL    string `yaml:"url"`
	}
	gatewayReadings struct {
		As   string `yaml:"as"`
		Copy bool   `yaml:"copy"`
	}
	gatewayPublic struct {
		URL       string  `yaml:"url"`
		Rate      float64 `yaml:"rate,omitempty"`
		NoticesAs string  `yaml:"notices_as,omitempty"`
	}
	gatewayObjects struct {
		KeyFile string `yaml:"key_file"`
	}
	gatewaySharedKey struct {
		gatewayEpochKey `yaml:",inline"`
		Also            []gatewayEpochKey `yaml:"also,omitempty"`
	}
	gatewayEpochKey struct {
		Epoch int    `yaml:"epoch"`
		File  string `yaml:"file"`
	}
	gatewayEnrolment struct {
		URL     string `yaml:"url"`
		KeyFile string `yaml:"key_file"`
	}
	gatewayIdentity struct {
		CertFile string `yaml:"cert_file"`
		KeyFile  string `yaml:"key_file"`
	}
	gatewayPrincipal struct {
		Name            string `yaml:"name"`
		TokenFile       string `yaml:"token_file"`
		MSPID           string `yaml:"msp_id"`
		gatewayIdentity `yaml:",inline"`
	}
)

// gateway writes the configuration of a gateway and describes the process that runs it.
func (o *Operator) gateway(n *topology.Node) (process.Process, error) {
	org := n.Organisation
	inUse, err := o.epochInUse()
	if err != nil {
		return process.Process{}, err
	}
	since, err := o.personsSince()
	if err != nil {
		return process.Process{}, err
	}
	c := gatewayConfig{
		Organisation: org.MSPID,
		Listen:       n.Address(),
		DataDir:      n.Data(),
		Timezone:     o.Topology.Gateway.Timezone,
		Profile:      o.Topology.ProfileAddress(n),
		Log:          gatewayLog{Level: "info", Format: "json"},
		Ledger: gatewayLedger{
			Channel: o.Topology.Channel.Name, Chaincode: o.Topology.Chaincode.Name,
			Endpoint: org.Node(topology.KindPeer).Address(), TLSCAFile: org.TLSRoot(), TLSCert: n.TLS().Cert, TLSKey: n.TLS().Key,
			Endorsing: o.Topology.MSPIDs(),
		},
		Transparency: gatewayLogKeeping{Origin: o.Topology.LogOrigin(), LogKey: org.LogKey(), CosigningKey: org.CosigningKey(), Witnesses: org.Witnesses},
		// The agency without private details is audit, which looks after the others' records.
		Readings:   gatewayReadings{As: org.Registrar, Copy: !org.KeepsPersons},
		Public:     gatewayPublic{URL: n.URL(), Rate: o.Topology.Gateway.PublicRate, NoticesAs: org.NoticesAs},
		SubjectKey: o.sharedKey(o.Topology.SubjectKey(), 1, 1), // the registry says which epoch is in use
		Service:    identity(org.User(topology.GatewayUser)),
	}
	if org.KeepsPersons {
		c.PersonsKey, c.TagKey = o.sharedKey(o.Topology.PersonsKey(), inUse, since), o.sharedKey(o.Topology.TagKey(), inUse, 1)
	}
	c.Verifier, c.Workplace = o.programs.Verifier, o.programs.Workplace
	c.Objects.KeyFile, c.Bank = org.ObjectsKey(), org.Bank
	c.Matching, c.OIDC, c.Sessions = org.Matching, org.OIDC, org.Sessions
	if door := org.Node(topology.KindRA); door != nil && len(org.OIDC) > 0 {
		c.Enrolment = &gatewayEnrolment{"https://" + door.Address(), org.OfficialsKey()}
	}
	if org.MakesReceipts {
		c.ReceiptKey = topology.KeyOfEpoch(o.Topology.ReceiptKey(), inUse)
		for epoch := inUse - 1; epoch > 0; epoch-- {
			c.ReceiptKeys = append(c.ReceiptKeys, topology.KeyOfEpoch(o.Topology.ReceiptKey(), epoch))
		}
	}
	for _, other := range o.Topology.NodesOf(topology.KindGateway) {
		if other.Organisation != org {
			c.Transparency.Peers = append(c.Transparency.Peers, gatewayLogPeer{other.Organisation.MSPID, other.URL()})
		}
	}
	for _, p := range org.Principals {
		c.Principals = append(c.Principals, gatewayPrincipal{
			Name: p.Name, TokenFile: o.Topology.Token(p.Name), MSPID: org.MSPID, gatewayIdentity: identity(org.User(p.Name)),
		})
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		return process.Process{}, err
	}
	file := n.Config("gateway.yaml")
	if err := process.WriteFile(file, text); err != nil {
		return process.Process{}, err
	}
	return process.Process{
		Name: n.Name, Exe: o.programs.Gateway, Args: []string{"--config", file},
		Dir: n.Dir(), Log: n.LogFile(),
		Files:   []string{file, n.TLS().Cert},
		Env:     o.memory(n.Kind),
		Listens: []process.Listen{{Use: "gateway", Address: n.Address()}},
	}, nil
}

func identity(pair topology.KeyPair) gatewayIdentity {
	return gatewayIdentity{CertFile: pair.Cert, KeyFile: pair.Key}
}

// gatewayReady is nil when a gateway serves and its answers rest on at least so many blocks.
func gatewayReady(ctx context.Context, n *topology.Node, blocks uint64) error {
	ready, err := askReadiness(ctx, n)
	if err == nil && ready.Indexed < blocks {
		err = fmt.Errorf("%s: %d of %d blocks indexed", n.Name, ready.Indexed, blocks)
	}
	return err
}

// readiness is what a gateway that serves says of itself.
type readiness struct {
	Indexed uint64   `json:"indexed"` // blocks that its answers rest on
	Alerts  []string `json:"alerts"`  // what keeps it from cosigning the transparency log
}

// askReadiness asks a gateway whether it serves; the error of one that does not says why.
func askReadiness(ctx context.Context, n *topology.Node) (ready readiness, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text, err := webget.Get(ctx, n.URL()+"/readyz")
	if err != nil {
		return ready, fmt.Errorf("%s: %w", n.Name, err)
	}
	if err := json.Unmarshal(text, &ready); err != nil {
		return ready, fmt.Errorf("%s: its readiness: %w", n.Name, err)
	}
	return ready, nil
}

// secrets makes the keys that the gateways of a development network share, the tokens of their callers and each agency's key of
// kept files, unless they are there.
func (o *Operator) secrets() error {
	paths := o.keyFiles()
	for _, org := range o.Topology.Organisations {
		for _, p := range org.Principals {
			if !ca.Revoked(org, p.Name) {
				paths = append(paths, o.Topology.Token(p.Name))
			}
		}
	}
	for _, path := range paths {
		if _, err := ca.Secret(path); err != nil {
			return err
		}
	}
	for _, org := range o.Topology.Organisations {
		if err := ageKey(org.ObjectsKey()); err != nil {
			return err
		}
		if org.Node(topology.KindRA) == nil {
			continue
		}
		if err := ageKey(org.OfficialsKey()); err != nil {
			return err
		}
	}
	return nil
}

// ageKey makes the key with which an agency's gateway encrypts what it keeps, unless it is there. Without the key that cannot be read.
func ageKey(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	text := "# public key: " + key.Recipient().String() + "\n" + key.String() + "\n"
	if err := process.WriteFile(path, []byte(text)); err != nil {
		return fmt.Errorf("a new key of what a gateway keeps: %w", err)
	}
	return nil
}
