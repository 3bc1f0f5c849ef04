package lifecycle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	sdklifecycle "github.com/hyperledger/fabric-sdk-go/pkg/fab/ccpackager/lifecycle"

	"relieftrail/network/topology"
)

// Package is what is installed on every peer: not the program, which each organisation runs itself, but its name and
// hash. It is the same bytes, and so the same id, for every organisation that runs the same program.
type Package struct {
	// ID is label:hash, by which the chaincode introduces itself to its peer.
	ID string
	// Label is the chaincode's name and the version.
	Label string
	// Version changes with the program, the collections and the endorsement policy.
	Version string
	Bytes   []byte

	policy      *common.SignaturePolicyEnvelope
	collections []*peer.CollectionConfig
}

// NewPackage describes the chaincode program at a path as the topology runs it.
func NewPackage(t *topology.Topology, program string) (Package, error) {
	binary, err := os.ReadFile(program)
	if err != nil {
		return Package{}, fmt.Errorf("the chaincode: %w", err)
	}
	collections, err := readCollections(t)
	if err != nil {
		return Package{}, err
	}
	var p Package
	if p.collections, err = parseCollections(collections); err != nil {
		return Package{}, fmt.Errorf("%s: %w", t.Chaincode.Collections, err)
	}
	if p.policy, err = signaturePolicy(t.Chaincode.Endorsement); err != nil {
		return Package{}, fmt.Errorf("chaincode.endorsement: %w", err)
	}
	about, err := json.Marshal(map[string]string{
		"program_sha256":     hexSum(binary),
		"collections_sha256": hexSum(collections),
		"endorsement":        t.Chaincode.Endorsement,
	})
	if err != nil {
		return Package{}, err
	}
	p.Version = hexSum(about)[:12]
	p.Label = t.Chaincode.Name + "_" + p.Version
	metadata, err := json.Marshal(struct {
		Path  string `json:"path"`
		Type  string `json:"type"`
		Label string `json:"label"`
	}{Type: "ccaas", Label: p.Label})
	if err != nil {
		return Package{}, err
	}
	code, err := archive(file{"chaincode.json", about})
	if err != nil {
		return Package{}, err
	}
	if p.Bytes, err = archive(file{"metadata.json", metadata}, file{"code.tar.gz", code}); err != nil {
		return Package{}, err
	}
	p.ID = sdklifecycle.ComputePackageID(p.Label, p.Bytes)
	return p, nil
}

// readCollections is the collections file, nothing when there is none.
func readCollections(t *topology.Topology) ([]byte, error) {
	if t.Chaincode.Collections == "" {
		return nil, nil
	}
	text, err := os.ReadFile(t.Chaincode.Collections)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

type file struct {
	name string
	text []byte
}

// archive is a tar.gz of files, without times or owners: equal content is equal bytes.
func archive(files ...file) ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	tape := tar.NewWriter(zip)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Size: int64(len(f.text)), Mode: 0o644, Format: tar.FormatUSTAR}
		if err := tape.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := tape.Write(f.text); err != nil {
			return nil, err
		}
	}
	if err := tape.Close(); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func hexSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
