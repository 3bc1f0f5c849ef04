package channel

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
)

// Groups and the value of a channel's configuration that hold an organisation's membership.
const (
	groupApplication = "Application"
	groupOrderer     = "Orderer"
	valueMSP         = "MSP"
)

// Revoke makes the update of a channel's configuration that puts an organisation's list of revoked certificates (PEM) in the
// place of the one before. It is nil when the channel knows all of them. The organisation is a member and keeps an orderer;
// Fabric wants the same list in both parts. The administrators of the organisation alone sign such an update.
func Revoke(config *common.Config, channel, mspID string, list []byte) (update []byte, err error) {
	fail := func(err error) ([]byte, error) {
		return nil, fmt.Errorf("the list of revoked certificates of %s: %w", mspID, err)
	}
	change := configtx.New(config)
	changed := false
	for _, level := range []string{groupApplication, groupOrderer} {
		organisation := change.UpdatedConfig().GetChannelGroup().GetGroups()[level].GetGroups()[mspID]
		if organisation == nil {
			return fail(fmt.Errorf("the channel's %s group has no such organisation", level))
		}
		replaced, err := replaceList(organisation.GetValues()[valueMSP], list)
		if err != nil {
			return fail(err)
		}
		changed = changed || replaced
	}
	if !changed {
		return nil, nil
	}
	if update, err = change.ComputeMarshaledUpdate(channel); err != nil {
		return fail(err)
	}
	return update, nil
}

// replaceList puts a list into a membership, unless that has one with the same certificates or more.
func replaceList(value *common.ConfigValue, list []byte) (changed bool, err error) {
	outer, inner := &msp.MSPConfig{}, &msp.FabricMSPConfig{}
	if err := proto.Unmarshal(value.GetValue(), outer); err != nil {
		return false, err
	}
	if err := proto.Unmarshal(outer.GetConfig(), inner); err != nil {
		return false, err
	}
	known := map[string]bool{}
	for _, text := range inner.GetRevocationList() {
		if err := addSerials(known, text); err != nil {
			return false, err
		}
	}
	wanted := map[string]bool{}
	if err := addSerials(wanted, list); err != nil {
		return false, err
	}
	for serial := range wanted {
		changed = changed || !known[serial]
	}
	if !changed {
		return false, nil
	}
	inner.RevocationList = [][]byte{list}
	if outer.Config, err = proto.Marshal(inner); err != nil {
		return false, err
	}
	value.Value, err = proto.Marshal(outer)
	return true, err
}

func addSerials(to map[string]bool, list []byte) error {
	block, _ := pem.Decode(list)
	if block == nil {
		return fmt.Errorf("a list of revoked certificates must be PEM")
	}
	parsed, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		return err
	}
	for _, entry := range parsed.RevokedCertificateEntries {
		to[entry.SerialNumber.Text(16)] = true
	}
	return nil
}
