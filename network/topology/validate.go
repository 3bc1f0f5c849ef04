package topology

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

var (
	nameForm   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	mspForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,62}$`)
	memoryForm = regexp.MustCompile(`^([1-9][0-9]*(MiB|GiB))?$`)
	staffForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)
	regionForm = regexp.MustCompile(`^[0-9]{2,12}$`)
)

// AbsoluteBytesMax leaves room for a block within OrdererMessageBytes.
const AbsoluteBytesMax = 15 << 20

func (t *Topology) validate() error {
	checks := []error{
		wellFormed("name", t.Name, nameForm),
		wellFormed("channel.name", t.Channel.Name, nameForm),
		wellFormed("chaincode.name", t.Chaincode.Name, nameForm),
		present("state", t.State),
		present("chaincode.package", t.Chaincode.Package),
		present("chaincode.endorsement", t.Chaincode.Endorsement),
		present("chaincode.ping", t.Chaincode.Ping),
		t.Channel.validate(),
		t.Certificates.validate(),
	}
	if t.NodeSettings.Dir == "" {
		checks = append(checks, present("nodes.cache", t.NodeSettings.Cache))
	}
	for kind, percent := range t.NodeSettings.GOGC {
		if !slices.Contains(Kinds, kind) {
			checks = append(checks, fmt.Errorf("nodes.gogc: must be one of %v, not %q", Kinds, kind))
		}
		if percent < 10 {
			checks = append(checks, fmt.Errorf("nodes.gogc.%s: must be 10 or more, not %d: below that a node does little but collect garbage", kind, percent))
		}
	}
	for kind, limit := range t.NodeSettings.Memory {
		if !slices.Contains(Kinds, kind) {
			checks = append(checks, fmt.Errorf("nodes.memory: must be one of %v, not %q", Kinds, kind))
		}
		checks = append(checks, wellFormed("nodes.memory."+kind, limit, memoryForm))
	}
	if _, err := time.LoadLocation(t.Gateway.Timezone); err != nil {
		checks = append(checks, fmt.Errorf("gateway.timezone: %w", err))
	}
	if t.Gateway.Package != "" {
		checks = append(checks, wellFormed("gateway.region", t.Gateway.Region, regionForm))
	}
	if len(t.Organisations) == 0 {
		checks = append(checks, errors.New("organisations: a network needs at least one"))
	}
	for _, o := range t.Organisations {
		checks = append(checks, o.validate(t))
	}
	checks = append(checks, t.distinct())
	// The first only: one line, and the rest often follows from it.
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c Channel) validate() error {
	switch {
	case c.BatchTimeout < time.Millisecond:
		return fmt.Errorf("channel.batch_timeout: must be 1ms or more, not %s", c.BatchTimeout)
	case c.MaxMessages == 0:
		return errors.New("channel.max_messages: must be 1 or more, not 0")
	case c.PreferredBytes == 0 || c.PreferredBytes > c.AbsoluteBytes:
		return fmt.Errorf("channel.preferred_bytes: must be between 1 and absolute_bytes (%d), not %d", c.AbsoluteBytes, c.PreferredBytes)
	case c.AbsoluteBytes > AbsoluteBytesMax:
		return fmt.Errorf("channel.absolute_bytes: must be at most %d, which nodes can send each other, not %d", AbsoluteBytesMax, c.AbsoluteBytes)
	}
	return nil
}

func (o *Organisation) validate(t *Topology) error {
	checks := []error{
		wellFormed("organisations: name", o.Name, nameForm),
		wellFormed(o.Name+": msp_id", o.MSPID, mspForm),
	}
	for _, n := range o.Nodes {
		checks = append(checks, present(o.Name+": host", n.Host))
		for _, port := range n.ports() {
			if port.number-t.PortOffset < 1 || port.number < 1 || port.number > 65535 {
				checks = append(checks, fmt.Errorf("%s: %s: with port_offset %d it is %d, which is not a port", o.Name, port.key, t.PortOffset, port.number))
			}
		}
	}
	registrar := false
	for _, p := range o.Principals {
		registrar = registrar || p.Name == o.Registrar
		checks = append(checks, p.Validate())
		if t.Chaincode.Registry != "" {
			checks = append(checks, wellFormed(p.Name+": id", p.ID, staffForm))
		}
	}
	if t.Chaincode.Registry != "" && !registrar {
		checks = append(checks, fmt.Errorf("%s: registrar: must be one of its principals, not %q", o.Name, o.Registrar))
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// Validate finds what is wrong with a principal before a certificate authority is asked to register it.
func (p Principal) Validate() error {
	for _, err := range []error{
		wellFormed("principal: name", p.Name, nameForm),
		wellFormed(p.Name+": role", p.Role, nameForm),
		wellFormed(p.Name+": region", p.Region, regionForm),
	} {
		if err != nil {
			return err
		}
	}
	if slices.Contains(ReservedNames, p.Name) {
		return fmt.Errorf("principal: %q is one of the organisation's own identities: choose another name", p.Name)
	}
	return nil
}

// distinct checks that nothing is used twice: a name or an id in the network, a port on a host.
func (t *Topology) distinct() error {
	seen := map[string]string{}
	take := func(kind, value, by string) error {
		if other, taken := seen[kind+value]; taken {
			return fmt.Errorf("%s %s is used twice: by %s and by %s", kind, value, other, by)
		}
		seen[kind+value] = by
		return nil
	}
	for _, o := range t.Organisations {
		if err := errors.Join(take("organisation", o.Name, o.Name), take("msp_id", o.MSPID, o.Name)); err != nil {
			return err
		}
		for _, n := range o.Nodes {
			for _, port := range n.ports() {
				if err := take("port", n.address(port.number), o.Name+" "+port.key); err != nil {
					return err
				}
			}
		}
		for _, p := range o.Principals {
			// The tokens of all organisations are in one folder.
			if err := take("principal", p.Name, o.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func present(key, value string) error {
	if value == "" {
		return fmt.Errorf("%s: must not be empty", key)
	}
	return nil
}

func wellFormed(key, value string, form *regexp.Regexp) error {
	if !form.MatchString(value) {
		return fmt.Errorf("%s: must be of the form %s, not %q", key, form, value)
	}
	return nil
}
