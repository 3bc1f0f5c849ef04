package operator

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"filippo.io/age"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// maxEpochs is the largest number of keys of one kind that a gateway takes.
const maxEpochs = 8

// keyFiles are the files of the first keys that the gateways of a development network share.
func (o *Operator) keyFiles() []string {
	return []string{o.Topology.SubjectKey(), o.Topology.PersonsKey(), o.Topology.TagKey(), o.Topology.ReceiptKey()}
}

// epochs is how many epochs of keys there are; at least one.
func (o *Operator) epochs() int {
	n := 1
	for n < maxEpochs {
		if _, err := os.Stat(topology.KeyOfEpoch(o.Topology.ReceiptKey(), n+1)); err != nil { // it is made last
			return n
		}
		n++
	}
	return n
}

// epochInUse is the epoch whose keys seal and make tags.
func (o *Operator) epochInUse() (int, error) { return o.epochIn(o.Topology.EpochInUse()) }

// personsSince is the first epoch whose key of private details the gateways still have.
func (o *Operator) personsSince() (int, error) { return o.epochIn(o.Topology.PersonsSince()) }

// epochIn reads the epoch in a file, 1 for no file.
func (o *Operator) epochIn(file string) (int, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || n < 1 || n > o.epochs() {
		return 0, fmt.Errorf("%s must hold the epoch of a key that is there", file)
	}
	return n, nil
}

func writeEpoch(file string, epoch int) error {
	return process.WriteFile(file, []byte(strconv.Itoa(epoch)+"\n"))
}

// AddKeys makes the keys of another epoch. With the next up all gateways open what they seal, and seal nothing with them yet. It gives
// the epoch.
func (o *Operator) AddKeys() (int, error) {
	inUse, err := o.epochInUse()
	if err != nil {
		return 0, err
	}
	next := o.epochs() + 1
	switch {
	case inUse < next-1:
		return 0, fmt.Errorf("the keys of epoch %d are not in use yet: reliefnet keys use", next-1)
	case next > maxEpochs:
		return 0, fmt.Errorf("a gateway takes at most %d keys of a kind", maxEpochs)
	}
	for _, file := range o.keyFiles() {
		if _, err := ca.Secret(topology.KeyOfEpoch(file, next)); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// UseKeys has the latest keys seal and make tags, from the next up on, and each agency's kept files encrypted with a new key. It gives
// the change of the registry to which the agencies agree, so that references of new people are made with the latest key.
func (o *Operator) UseKeys() (change []byte, err error) {
	inUse, err := o.epochInUse()
	if err != nil {
		return nil, err
	}
	latest := o.epochs()
	if inUse < latest {
		for _, org := range o.Topology.Organisations {
			if err := turnObjectsKey(org.ObjectsKey()); err != nil {
				return nil, err
			}
		}
		if err := writeEpoch(o.Topology.EpochInUse(), latest); err != nil {
			return nil, err
		}
	}
	secret, err := ca.Secret(topology.KeyOfEpoch(o.Topology.SubjectKey(), latest))
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(secret)
	if err != nil {
		return nil, fmt.Errorf("the key of references of epoch %d: %w", latest, err)
	}
	return json.Marshal(registry.Change{
		ReferenceKey: &registry.ReferenceKey{Epoch: uint8(latest), Check: relief.CheckOfKey(key)}, //nolint:gosec // at most maxEpochs
	})
}

// turnObjectsKey puts a new key on top of those of an agency's kept files.
func turnObjectsKey(path string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	text := "# public key: " + key.Recipient().String() + "\n" + key.String() + "\n"
	return process.WriteFile(path, append([]byte(text), before...))
}

// RetireKeys takes the keys of private details of the epochs before the one in use out of the gateways' settings, from the next up on.
// The files stay. It gives the epoch in use.
func (o *Operator) RetireKeys() (int, error) {
	inUse, err := o.epochInUse()
	if err != nil {
		return 0, err
	}
	return inUse, writeEpoch(o.Topology.PersonsSince(), inUse)
}

// sharedKey is a setting of a gateway: the key of the epoch in use first, beside it the others from an epoch on.
func (o *Operator) sharedKey(file string, inUse, since int) *gatewaySharedKey {
	k := &gatewaySharedKey{gatewayEpochKey: gatewayEpochKey{Epoch: inUse, File: topology.KeyOfEpoch(file, inUse)}}
	for epoch := o.epochs(); epoch >= since; epoch-- {
		if epoch != inUse {
			k.Also = append(k.Also, gatewayEpochKey{Epoch: epoch, File: topology.KeyOfEpoch(file, epoch)})
		}
	}
	return k
}
