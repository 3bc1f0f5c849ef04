package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/agekeys"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/enrolment"
	"relieftrail/gateway/internal/httpclient"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/standing"
)

// enroller is a ledger's client that takes identities while it runs.
type enroller interface {
	Enrol(name, mspID string, cert, key []byte) error
}

// openEnrolment opens the kept keys of officials who enrolled at this gateway, and signs for them: before the outbox, which may have
// acts of theirs.
func (a *App) openEnrolment() (l lifetime, err error) {
	if !a.cfg.Enrolment.Enabled() {
		return l, nil
	}
	keys, door, err := enrolmentSettings(a.cfg)
	if err != nil {
		return l, err
	}
	a.enrolment, err = enrolment.Open(filepath.Join(a.cfg.DataDir, "officials.db"), keys, door)
	if err != nil {
		return l, err
	}
	enrolled, err := a.enrolment.Identities()
	for i := range enrolled {
		err = errors.Join(err, a.signFor(&enrolled[i]))
	}
	if err != nil {
		return l, errors.Join(err, a.enrolment.Close())
	}
	return lifetime{close: a.enrolment.Close}, nil
}

func enrolmentSettings(cfg *config.Config) (keys agekeys.Keys, door *enrolment.Door, err error) {
	e := &cfg.Enrolment
	if keys, err = agekeys.Read("officials' keys", e.KeyFile); err != nil {
		return nil, nil, err
	}
	ca := e.CAFile
	if ca == "" {
		ca = cfg.Ledger.TLSCAFile
	}
	client, err := httpclient.New(httpclient.Options{CAFile: ca, CertFile: cfg.Ledger.TLSCertFile, KeyFile: cfg.Ledger.TLSKeyFile})
	if err != nil {
		return nil, nil, fmt.Errorf("enrolment: %w", err)
	}
	return keys, &enrolment.Door{URL: e.URL, Client: client}, nil
}

// signFor has the ledger's client sign with an official's key from now on.
func (a *App) signFor(id *enrolment.Identity) error {
	client, ok := a.ledger.(enroller)
	if !ok {
		return errors.New("this ledger takes no identities while it runs")
	}
	return client.Enrol(id.Name, a.cfg.Organisation, id.Cert, id.Key)
}

// holdEnrolled has the standing of those who enrolled followed.
func (a *App) holdEnrolled() error {
	if a.enrolment == nil {
		return nil
	}
	enrolled, err := a.enrolment.Identities()
	for i := range enrolled {
		err = errors.Join(err, a.standing.Hold(enrolled[i].Name, enrolled[i].Cert))
	}
	return err
}

// enrolled has an official of the ledger certified who has no certificate at this gateway, or whose certificate has ended, was
// revoked or ends soon. It is an error when they cannot come in.
func (a *App) enrolled(ctx context.Context, name string, person *provider.Person) error {
	if err := a.registered(name, person); err != nil {
		return err
	}
	_, has := a.ledger.Identity(name)
	if has && !a.standing.Ending(name) && a.standing.Check(name) == nil {
		return nil
	}
	id, err := a.enrolment.Enrol(ctx, name)
	if err == nil {
		err = errors.Join(a.signFor(&id), a.standing.Hold(id.Name, id.Cert))
	}
	switch {
	case err == nil:
		a.log.Info("an official has enrolled", "principal", name)
	case has && a.standing.Check(name) == nil: // there is time yet
		return nil
	case has && errors.Is(err, enrolment.ErrNotInvited):
		return a.standing.Check(name)
	}
	return err
}

// registered is an error unless the ledger has an active entry of an official, with the staff number that the provider gives.
func (a *App) registered(name string, person *provider.Person) error {
	entry, known := a.standing.Official(name)
	switch {
	case !known:
		return errNoOfficial
	case entry.State == registry.OfficialRetired:
		return standing.ErrRetired
	case person.Number == "":
		return nil
	}
	if number, err := relief.FoldStaffNumber(person.Number); err != nil || number != entry.ID {
		return fmt.Errorf("%w: the provider gives another staff number than the ledger has", provider.ErrRefused)
	}
	return nil
}

// takeOfficials takes over what the ledger says of the agency's officials. The kept keys of those who are retired are deleted.
func (a *App) takeOfficials(entries []registry.OfficialEntry) {
	a.standing.Take(entries)
	if a.enrolment == nil {
		return
	}
	for i := range entries {
		if entries[i].State != registry.OfficialRetired {
			continue
		}
		switch had, err := a.enrolment.Forget(entries[i].Name); {
		case err != nil:
			a.log.Error("the key of a retired official cannot be deleted", "principal", entries[i].Name, "error", err)
		case had:
			a.log.Info("the key of a retired official was deleted", "principal", entries[i].Name)
		}
	}
}
