package topology

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/viper"

	"relieftrail/network/topology/templates"
)

// Options come from the command line; each wins over the environment and the file.
type Options struct {
	// File is a topology file; empty means the development network.
	File string
	// State is the folder for everything the network writes.
	State string
	// PortOffset is added to every port; nil leaves it to the file.
	PortOffset *int
}

// Load reads a topology, applies RELIEFNET_* from the environment and then opts, and checks the result.
func Load(opts Options) (*Topology, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	where, text := "the built-in dev topology", []byte(nil)
	if opts.File == "" {
		text, err = templates.DevTopology()
	} else {
		where = opts.File
		text, err = os.ReadFile(opts.File)
	}
	if err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	t, err := parse(text, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	t.anchor(root)
	return t, nil
}

func parse(text []byte, opts Options) (*Topology, error) {
	v := viper.New()
	v.SetConfigType("yaml")
	v.SetEnvPrefix("RELIEFNET")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AllowEmptyEnv(true)
	v.AutomaticEnv()
	v.SetDefault("state", ".relieftrail")
	v.SetDefault("port_offset", 0)
	v.SetDefault("test", false)
	v.SetDefault("nodes.dir", "")
	v.SetDefault("nodes.cache", ".relieftrail/bin")
	for _, kind := range Kinds {
		v.SetDefault("nodes.gogc."+kind, 100)
	}
	v.SetDefault("nodes.profile_offset", 0)
	v.SetDefault("nodes.time_window", "15m")
	v.SetDefault("gateway.package", "")
	v.SetDefault("gateway.timezone", "Asia/Shanghai")
	v.SetDefault("gateway.log_origin", "")
	v.SetDefault("gateway.public_rate", 0)
	v.SetDefault("chaincode.registry", "")
	v.SetDefault("certificates.officials", "4320h")
	v.SetDefault("certificates.nodes", "8760h")
	v.SetDefault("certificates.authorities", "87600h")
	v.SetDefault("certificates.warn", "720h")
	if err := v.ReadConfig(bytes.NewReader(text)); err != nil {
		return nil, err
	}
	if opts.State != "" {
		v.Set("state", opts.State)
	}
	if opts.PortOffset != nil {
		v.Set("port_offset", *opts.PortOffset)
	}
	var f file
	if err := v.UnmarshalExact(&f); err != nil {
		return nil, oneLine(err)
	}
	t := f.topology()
	return t, t.validate()
}

// anchor makes every path absolute.
func (t *Topology) anchor(root string) {
	t.Root = root
	for _, path := range []*string{&t.State, &t.NodeSettings.Dir, &t.NodeSettings.Cache, &t.Chaincode.Collections, &t.Chaincode.Registry} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(root, *path)
		}
	}
	for _, o := range t.Organisations {
		o.dir = filepath.Join(t.State, "orgs", o.Name)
	}
}

// findRoot is the nearest folder upwards that has the product's go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module relieftrail\n")) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside a relieftrail checkout: go to one, there is no go.mod of module relieftrail in this folder or above")
		}
		dir = parent
	}
}

// oneLine flattens viper's many-line errors.
func oneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}
