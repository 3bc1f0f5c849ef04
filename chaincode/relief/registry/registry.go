package registry

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/screenrule"
)

// AgencyKind says which part of the work an agency has.
type AgencyKind string

// The kinds; a registry has at least one agency of each.
const (
	KindCivilAffairs AgencyKind = "civil_affairs"
	KindFinance      AgencyKind = "finance"
	KindAudit        AgencyKind = "audit"
)

var agencyKinds = []AgencyKind{KindCivilAffairs, KindFinance, KindAudit}

// Agency is an organisation of the channel.
type Agency struct {
	MSPID  string     `json:"msp_id"`
	Kind   AgencyKind `json:"kind"`
	Name   string     `json:"name"`
	NameEn string     `json:"name_en"`
}

// RegionEntry is a registered region. Codes have dates of validity (GB/T 2260); ValidTo is the last day. Successors are the regions into
// which a region goes when it ends: see Endings.
type RegionEntry struct {
	Code       relief.Region   `json:"code"`
	Name       string          `json:"name"`
	ValidFrom  string          `json:"valid_from"`
	ValidTo    string          `json:"valid_to,omitempty"`
	Successors []relief.Region `json:"successors,omitempty"`
	// Residence says whether households of the region are urban or rural, as the statistical code of villages does (城乡分类). Regions
	// inside it that say nothing are the same.
	Residence relief.Residence `json:"residence,omitempty"`
}

// ResidenceOf is the residence of households of a region: its own, or that of the nearest region around it that says one; "" where none
// does.
func (r *Registry) ResidenceOf(region relief.Region) relief.Residence {
	var nearest *RegionEntry
	for i := range r.Regions {
		e := &r.Regions[i]
		if e.Residence != "" && e.Code.Covers(region) && (nearest == nil || len(e.Code) > len(nearest.Code)) {
			nearest = e
		}
	}
	if nearest == nil {
		return ""
	}
	return nearest.Residence
}

// CosigningKey is the public half of an agency's key for the transparency log: base64 of 32 bytes (Ed25519). An agency
// cosigns with one key and signs as the log with another. Old keys stay in the list; the current ones are last. A retired key
// has a last size: what it signs of a log with more records counts for nobody. A size is on every receipt; a time is the signer's word, and a
// thief writes what suits.
type CosigningKey struct {
	Agency    string `json:"agency"`
	Key       string `json:"key"`
	Use       KeyUse `json:"use,omitempty"`
	UntilSize int64  `json:"until_size,omitempty"` // of the log of payments; 0 for a key in use
	// UntilStatements is the last size of the log of statements; a retired key has both.
	UntilStatements int64 `json:"until_statements,omitempty"`
}

// MaxKeys bounds the cosigning keys, and the keys of the log, retired ones included: a policy file holds no more.
const MaxKeys = 32

// KeyUse says what a key of the transparency log is for.
type KeyUse string

// The uses of a key.
const (
	KeyUseCosign KeyUse = ""
	KeyUseLog    KeyUse = "log"
)

// Change replaces those sections of the registry that it has. A section that is absent stays as it is.
type Change struct {
	Agencies      []Agency              `json:"agencies,omitempty"`
	Regions       []RegionEntry         `json:"regions,omitempty"`
	Duties        []relief.Duty         `json:"duties,omitempty"`
	CosigningKeys []CosigningKey        `json:"cosigning_keys,omitempty"`
	Thresholds    map[string]int64      `json:"thresholds,omitempty"`
	Sources       []Department          `json:"sources,omitempty"`
	Calendar      *relief.Calendar      `json:"calendar,omitempty"`
	ReferenceKey  *ReferenceKey         `json:"reference_key,omitempty"`
	Contacts      []Contact             `json:"contacts,omitempty"`
	Parameters    *programme.Parameters `json:"parameters,omitempty"` // in the founding only
	Officials     []OfficialTerms       `json:"officials,omitempty"`  // in the founding only: at least each agency's registrar
	Repair        []Repair              `json:"repair,omitempty"`     // by itself: values that cannot be read, in place of no section
}

// Registry is the content of all sections: agencies, regions, duties (R46), keys, departments, calendar.
type Registry struct {
	Agencies      []Agency             `json:"agencies"`
	Regions       []RegionEntry        `json:"regions"`
	Duties        []relief.Duty        `json:"duties"`
	CosigningKeys []CosigningKey       `json:"cosigning_keys"`
	Thresholds    map[string]int64     `json:"thresholds"`
	Sources       []Department         `json:"sources"`
	Calendar      relief.Calendar      `json:"calendar"`
	Parameters    programme.Parameters `json:"parameters"`
	Contacts      []Contact            `json:"contacts"`
	ReferenceKey  *ReferenceKey        `json:"reference_key,omitempty"` // absent before the key of references turns for the first time
	Revisions     Revisions            `json:"-"`                       // of the sections; what proposals rest on
}

// Apply is the registry after a change.
func (c *Change) Apply(registry *Registry) Registry {
	var r Registry
	if registry != nil {
		r = *registry
	}
	if c.Agencies != nil {
		r.Agencies = c.Agencies
	}
	if c.Regions != nil {
		r.Regions = c.Regions
	}
	if c.Duties != nil {
		r.Duties = c.Duties
	}
	if c.CosigningKeys != nil {
		r.CosigningKeys = c.CosigningKeys
	}
	if c.Thresholds != nil {
		r.Thresholds = c.Thresholds
	}
	if c.Sources != nil {
		r.Sources = c.Sources
	}
	if c.Calendar != nil {
		r.Calendar = *c.Calendar
	}
	if c.Parameters != nil {
		r.Parameters = *c.Parameters
	}
	if c.ReferenceKey != nil {
		r.ReferenceKey = c.ReferenceKey
	}
	if c.Contacts != nil {
		r.Contacts = c.Contacts
	}
	return r
}

// validate refuses, with INVALID, a change that breaks a rule or whose registry would.
func (c *Change) validate(acts []relief.Act, registry *Registry) error {
	if c.Repair != nil {
		return c.checkRepair(registry)
	}
	if registry == nil && (len(c.Agencies) != 3 || len(c.Regions) == 0 || len(c.Duties) == 0) {
		return relief.FieldErrorf("change", "the founding names three agencies, the regions and the duties")
	}
	if err := c.checkParameters(registry); err != nil {
		return err
	}
	if err := c.checkOfficials(registry); err != nil {
		return err
	}
	after := c.Apply(registry)
	for _, check := range []func() error{
		after.CheckAgencies, after.checkRegions, func() error { return after.checkDuties(acts) }, after.checkKeys,
		func() error { return after.checkRetired(registry) }, after.checkThresholds, after.checkMatching, after.checkContacts,
		func() error { return after.checkReferenceKey(registry) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkParameters refuses parameters that no founding may fix, and any after it.
func (c *Change) checkParameters(registry *Registry) error {
	if c.Parameters == nil {
		return nil
	}
	if registry != nil {
		return relief.FieldErrorf("parameters", "only the founding fixes the parameters: the shortest notice, the longest times of published lists")
	}
	return c.Parameters.AllowFounding() //nolint:wrapcheck // of this module
}

// CheckAgencies refuses a list of agencies that a registry cannot have.
func (r *Registry) CheckAgencies() error {
	seen := map[string]bool{}
	kinds := map[AgencyKind]bool{}
	for _, a := range r.Agencies {
		if len(a.MSPID) < 1 || len(a.MSPID) > 64 || !form.HasOnly(a.MSPID, isMSPByte) || seen[a.MSPID] {
			return relief.FieldErrorf("agencies", "each agency must have an MSP id of its own, of letters, digits, hyphens and dots")
		}
		if !slices.Contains(agencyKinds, a.Kind) {
			return relief.FieldErrorf("agencies", "an agency's kind must be civil_affairs, finance or audit")
		}
		if err := relief.CheckText("agencies", a.Name, 1, 100); err != nil {
			return err
		}
		seen[a.MSPID], kinds[a.Kind] = true, true
	}
	if len(kinds) != len(agencyKinds) || len(r.Agencies) > 20 {
		return relief.FieldErrorf("agencies", "a registry has at least one agency of each kind and at most 20 in all")
	}
	return nil
}

func isMSPByte(c byte) bool {
	return form.IsLowerOrDigit(c) || c >= 'A' && c <= 'Z' || c == '-' || c == '.'
}

func (r *Registry) checkRegions() error {
	seen := map[relief.Region]bool{}
	for i := range r.Regions {
		e := &r.Regions[i]
		if err := r.checkSuccessors(e); err != nil {
			return err
		}
		if e.Residence != "" && e.Residence != relief.Urban && e.Residence != relief.Rural {
			return relief.FieldErrorf("regions", "region %s: the residence is urban or rural, or left out", e.Code)
		}
		if e.Code == "" || seen[e.Code] {
			return relief.FieldErrorf("regions", "each region must have a code of its own")
		}
		seen[e.Code] = true
		if err := relief.CheckText("regions", e.Name, 1, 100); err != nil {
			return err
		}
		from, err := time.Parse(time.DateOnly, e.ValidFrom)
		if err != nil {
			return relief.FieldErrorf("regions", "valid_from of region %s must be a date such as 1995-10-13", e.Code)
		}
		if e.ValidTo == "" {
			continue
		}
		if to, err := time.Parse(time.DateOnly, e.ValidTo); err != nil || to.Before(from) {
			return relief.FieldErrorf("regions", "valid_to of region %s must be a date on or after valid_from", e.Code)
		}
	}
	if len(r.Regions) > 5000 {
		return relief.FieldErrorf("regions", "a registry has at most 5,000 regions: counties and larger ones")
	}
	return nil
}

func (r *Registry) checkDuties(acts []relief.Act) error {
	holders := map[string]bool{}
	for _, d := range r.Duties {
		known := slices.ContainsFunc(r.Agencies, func(a Agency) bool { return a.MSPID == d.Agency })
		if !slices.Contains(acts, d.Act) || !known || len(d.Roles) == 0 {
			return relief.FieldErrorf("duties", "a duty must name an act, an agency of the registry and at least one role")
		}
		for _, role := range d.Roles {
			if role == "" || len(role) > 40 || !form.HasOnly(role, func(c byte) bool { return form.IsLowerOrDigit(c) || c == '-' || c == '_' }) {
				return relief.FieldErrorf("duties", "a role has small letters, digits, hyphens and underscores")
			}
		}
		holders[string(d.Act)+" "+d.Agency] = true
	}
	for _, a := range r.Agencies {
		if !holders[string(relief.ActRegistryPropose)+" "+a.MSPID] || !holders[string(relief.ActRegistryAgree)+" "+a.MSPID] {
			return relief.FieldErrorf("duties", "every agency keeps the duties registry.propose and registry.agree")
		}
	}
	if len(r.Duties) > 500 {
		return relief.FieldErrorf("duties", "a registry has at most 500 duties")
	}
	return nil
}

func (r *Registry) checkKeys() error {
	seen, count := map[string]bool{}, map[KeyUse]int{}
	for _, k := range r.CosigningKeys {
		if count[k.Use]++; k.Use != KeyUseCosign && k.Use != KeyUseLog || seen[k.Key] || count[k.Use] > MaxKeys {
			return relief.FieldErrorf("cosigning_keys",
				"a key's use must be log, or absent for cosigning; each key is listed once, at most %d of each use", MaxKeys)
		}
		seen[k.Key] = true
		if k.UntilSize < 0 || k.UntilStatements < 0 || (k.UntilSize > 0) != (k.UntilStatements > 0) {
			return relief.FieldErrorf("cosigning_keys",
				"until_size and until_statements are the last sizes of the two logs that a retired key signs, each from 1; a key in use has neither")
		}
		raw, err := base64.StdEncoding.DecodeString(k.Key)
		known := slices.ContainsFunc(r.Agencies, func(a Agency) bool { return a.MSPID == k.Agency })
		if err != nil || len(raw) != 32 || !known {
			return relief.FieldErrorf("cosigning_keys", "a cosigning key must be base64 of 32 bytes (Ed25519) and belong to an agency")
		}
	}
	return nil
}

// checkRetired refuses to bring a retired key back, and to retire the key that an agency lists last: it signs with that one. before
// is the registry before a change.
func (r *Registry) checkRetired(before *Registry) error {
	last := map[string]CosigningKey{}
	for _, k := range r.CosigningKeys {
		last[k.Agency+" "+string(k.Use)] = k
	}
	for _, k := range r.CosigningKeys {
		if k.UntilSize > 0 && last[k.Agency+" "+string(k.Use)] == k {
			return relief.FieldErrorf("cosigning_keys", "the last key of an agency and use is in use: list the new key behind the retired one")
		}
		if before == nil {
			continue
		}
		i := slices.IndexFunc(before.CosigningKeys, func(b CosigningKey) bool { return b.Key == k.Key && b.UntilSize > 0 })
		if i < 0 {
			continue
		}
		if was := &before.CosigningKeys[i]; k.UntilSize == 0 || k.UntilSize > was.UntilSize || k.UntilStatements > was.UntilStatements {
			return relief.FieldErrorf("cosigning_keys", "a key that was retired at %d records and %d statements stays retired",
				was.UntilSize, was.UntilStatements)
		}
	}
	return nil
}

func (r *Registry) checkThresholds() error {
	for name := range r.Thresholds { // in any order: one bad name refuses
		if len(name) < 1 || len(name) > 60 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" {
			return relief.FieldErrorf("thresholds", "a threshold's name has 1 to 60 small letters, digits, hyphens, dots and underscores")
		}
	}
	return screenrule.Check(r.Thresholds) //nolint:wrapcheck // of this module
}

func (r *Registry) checkMatching() error {
	if err := checkSources(r.Sources); err != nil {
		return err
	}
	return r.Calendar.Validate()
}

// RegionValid refuses, with INVALID, a region that is neither registered and valid at a time nor inside such a region, and one that has
// ended or lies inside one that has: nothing new begins there.
func RegionValid(entries []RegionEntry, r relief.Region, at time.Time) error {
	if err := RegionBegun(entries, r, at); err != nil {
		return err
	}
	day := at.UTC().Format(time.DateOnly)
	for i := range entries {
		e := &entries[i]
		if e.around(r) && e.ValidTo != "" && day > e.ValidTo {
			return (&EndedRegion{e.Code, relief.Day(e.ValidTo), e.Successors}).refuse()
		}
	}
	return nil
}

// RegionBegun refuses, with INVALID, a region that is not registered, nor inside a registered one, or not yet valid at a time. What was owed
// in a region that has ended since is still paid.
func RegionBegun(entries []RegionEntry, r relief.Region, at time.Time) error {
	day, known := at.UTC().Format(time.DateOnly), false
	for i := range entries {
		e := &entries[i]
		if !e.around(r) {
			continue
		}
		if known = true; day < e.ValidFrom {
			return relief.FieldErrorf("region", "region %s is valid from %s on (GB/T 2260)", e.Code, e.ValidFrom)
		}
	}
	if !known {
		return relief.FieldErrorf("region", "region %s is not registered, or not valid at this time (GB/T 2260)", r)
	}
	return nil
}

// around reports whether a region is the entry's or lies inside it. Counties and smaller regions stand for what lies inside them.
func (e *RegionEntry) around(r relief.Region) bool {
	return e.Code.Covers(r) && len(e.Code) >= 6 || e.Code == r
}

// RegisteredAncestors lists the codes under which a region may be registered: its own, and those of its township and county.
func RegisteredAncestors(r relief.Region) []relief.Region {
	codes := []relief.Region{r}
	for _, digits := range []int{9, 6} {
		if len(r) > digits {
			codes = append(codes, r[:digits])
		}
	}
	return codes
}
