package app

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/matching"
)

// openMatching opens the desk that asks other departments, unless no department is configured.
func (a *App) openMatching() (l lifetime, err error) {
	m := &a.cfg.Matching
	if len(m.Sources) == 0 {
		return l, nil
	}
	sources, err := matchingSources(m)
	if err != nil {
		return l, err
	}
	a.matching, err = matching.NewDesk(matching.Options{
		Sources: sources, Ledger: a.ledger, Sender: a.outbox, Index: a.index,
		References: a.references(), Readings: a.readings,
		As: m.As, Patience: m.Patience, Fresh: m.Fresh, Poll: m.Poll, Rate: m.Rate, Keep: m.KeepQuestions, Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{run: a.matching.Run}, nil
}

func matchingSources(m *config.Matching) (sources []matching.Source, err error) {
	for i := range m.Sources {
		s := &m.Sources[i]
		source := matching.Source{Every: s.Every, Needs: matching.NeedRule{
			Codes: s.Needs.Codes, Programme: relief.ProgrammeID(s.Needs.Programme), Region: relief.Region(s.Needs.Region),
		}}
		if source.Connector, err = connector(s); err != nil {
			return nil, fmt.Errorf("matching: %w", err)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func connector(s *config.MatchingSource) (matching.Connector, error) {
	id := relief.DepartmentID(s.ID)
	if s.Folder != nil {
		return matching.NewFolder(matching.FolderOptions{
			Source: id, Dir: s.Folder.Dir, Encoding: s.Folder.Encoding, Mapping: matching.Mapping(s.Mapping),
		})
	}
	token, err := s.REST.Token()
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", id, err)
	}
	constants := map[string]string{}
	for _, c := range s.REST.Constants {
		constants[c.Name] = c.Value
	}
	return matching.NewPull(matching.PullOptions{
		Source: id, URL: s.REST.URL, CAFile: s.REST.CAFile, CertFile: s.REST.CertFile, KeyFile: s.REST.KeyFile, Token: token,
		Fields: matching.Fields(s.REST.Fields), Constants: constants, Mapping: matching.Mapping(s.Mapping),
		Patience: s.REST.Patience, AtOnce: s.REST.AtOnce,
	})
}
