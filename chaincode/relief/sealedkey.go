package relief

import (
	"strconv"
	"strings"
)

// maxSealedName bounds the name of a sealed value, in bytes.
const maxSealedName = 120

// ParseSealedKey reads the Name of the key of a value in the collection of private details: of facts, of a case's details, of
// details under a person's own key, of a change's or a link's, or of a detail page without its generation. It refuses any other
// spelling.
func ParseSealedKey(name string) (Key, error) {
	bad := FieldErrorf("documents", "this names no sealed document")
	if len(name) > maxSealedName {
		return Key{}, bad
	}
	kind, rest, _ := strings.Cut(name, "/")
	attrs := strings.Split(rest, "/")
	k, err := sealedKey(kind, attrs)
	if err != nil || k.Kind == "" || k.Name() != name {
		return Key{}, bad
	}
	return k, nil
}

// sealedKey is the key of a kind with attributes; a key of no kind where there is none such.
func sealedKey(kind string, attrs []string) (Key, error) {
	switch {
	case kind == KindFacts && len(attrs) == 1:
		id, err := ParseCaseID(attrs[0])
		return FactsKey(id, 0), err
	case kind == KindFacts && len(attrs) == 2:
		id, err := ParseCaseID(attrs[0])
		if err != nil {
			return Key{}, err
		}
		act, err := strconv.Atoi(attrs[1])
		return FactsKey(id, act), err
	case kind == KindCaseDetails && len(attrs) == 1:
		id, err := ParseCaseID(attrs[0])
		return CaseDetailsKey(id), err
	case kind == KindChange && len(attrs) == 1:
		id, err := ParseChangeID(attrs[0])
		return ChangeKey(id), err
	case kind == KindLink && len(attrs) == 2:
		from, err := ParseSubjectRef(attrs[0])
		return LinkDetailsKey(from, ProgrammeID(attrs[1])), err
	case kind == KindRollIndex && len(attrs) == 2:
		ref, err := ParseSubjectRef(attrs[1])
		return RollIndexKey(ref, ProgrammeID(attrs[0])), err
	case kind == KindDetailPage && len(attrs) == 2:
		id, err := ParseDetailPageID(attrs[1])
		return DetailPageKey(ProgrammeID(attrs[0]), id), err
	}
	return Key{}, nil
}

// Resealed is the key under which a value of the collection is kept once it was sealed again so often; the key itself for 0. Values
// that were sealed again have a key of their own, so that the one before is purged with its history.
func (k Key) Resealed(times uint32) Key {
	if times == 0 {
		return k
	}
	attrs := make([]string, 0, len(k.Attrs)+1)
	return Key{k.Kind, append(append(attrs, k.Attrs...), "sealed-"+strconv.FormatUint(uint64(times), 10))}
}
