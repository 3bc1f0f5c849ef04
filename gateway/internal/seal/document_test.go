package seal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

var inventedPerson = Person{
	Name: "孟华", IDNumber: "530181196401209708", Account: "6230599083016613184", Bank: "农村信用社", Phone: "18063469421", HouseholdNo: "5301810000001",
}

func samplePersonsKey(t testing.TB) *Key {
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{9}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := NewKey(1, bytes.Repeat([]byte{7}, 32), tags)
	require.NoError(t, err)
	return key
}

func TestBadEnvelopes(t *testing.T) {
	key, ref := samplePersonsKey(t), relief.SubjectRef{1}
	good, err := key.same().Seal(&inventedPerson, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, "\x83\x02\x01\x58\x76", string(good[:5]))
	box := string(good[5:])
	for name, document := range map[string]string{
		"nothing":              "",
		"JSON of version 1":    `{"v":1,"epoch":1,"sealed":"AAAAAAAAAAAAAAAAAAAA"}`,
		"version 1":            "\x83\x01\x01\x58\x76" + box,
		"a later version":      "\x83\x03\x01\x58\x76" + box,
		"cut short":            string(good[:len(good)-1]),
		"more behind it":       string(good) + "\x00",
		"two elements":         "\x82\x02\x01",
		"four elements":        "\x84\x02\x01\x58\x76" + box + "\x00",
		"no end given":         "\x9f\x02\x01\x58\x76" + box + "\xff",
		"pieces without end":   "\x83\x02\x01\x5f\x58\x76" + box + "\xff",
		"a map":                "\xa3\x61V\x02\x65Epoch\x01\x66Sealed\x58\x76" + box,
		"a map's key twice":    "\xa3\x61V\x02\x61V\x02\x66Sealed\x58\x76" + box,
		"a tag":                "\xd9\xd9\xf7" + string(good),
		"a tag inside":         "\x83\x02\x01\xc2\x58\x76" + box,
		"text for bytes":       "\x83\x02\x01\x78\x76" + strings.Repeat("a", 118),
		"numbers for bytes":    "\x83\x02\x01\x83\x01\x02\x03",
		"no bytes":             "\x83\x02\x01\xf6",
		"no version":           "\x83\xf6\x01\x58\x76" + box,
		"version of two bytes": "\x83\x18\x02\x01\x58\x76" + box,
		"length of two bytes":  "\x83\x02\x01\x59\x00\x76" + box,
		"epoch of no byte":     "\x83\x02\x19\x01\x01\x58\x76" + box,
		"a float":              "\x83\xf9\x40\x00\x01\x58\x76" + box,
		"a negative number":    "\x83\x02\x20\x58\x76" + box,
		"endless by its word":  "\x83\x02\x01\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
		"deep":                 strings.Repeat("\x81", 5000) + "\x00",
		"long":                 "\x83\x02\x01\x59\x40\x00" + strings.Repeat("a", 16<<10),
	} {
		_, err := key.Opener().Person([]byte(document), ref, "dibao")
		require.EqualError(t, err, "not a sealed document of a known version", name)
		_, err = key.Opener().Facts([]byte(document), ref, "dibao")
		require.EqualError(t, err, "not a sealed document of a known version", name)
	}
}

// Whoever has the key and seals something else than a person gets the same error for all of it.
func TestBadPersonsInsideAGoodSeal(t *testing.T) {
	key, ref := samplePersonsKey(t), relief.SubjectRef{1}
	texts := strings.Repeat("\x61x", 6)
	for name, clear := range map[string]string{
		"nothing":              "",
		"JSON of version 1":    `{"v":1,"name":"x"}`,
		"version 1":            "\x87\x01" + texts,
		"a later version":      "\x87\x03" + texts,
		"a text too few":       "\x86\x02" + texts[2:],
		"a text too many":      "\x88\x02" + texts + "\x61x",
		"more behind it":       "\x87\x02" + texts + "\xf6",
		"null for a text":      "\x87\x02\xf6" + texts[2:],
		"bytes for a text":     "\x87\x02\x41x" + texts[2:],
		"not UTF-8":            "\x87\x02\x61\xff" + texts[2:],
		"a longer length":      "\x87\x02\x78\x01x" + texts[2:],
		"a text without end":   "\x87\x02\x7f\x61x\xff" + texts[2:],
		"a tagged text":        "\x87\x02\xc0\x61x" + texts[2:],
		"an array without end": "\x9f\x02" + texts + "\xff",
	} {
		document, err := key.seal([]byte(clear), bound(ref, "dibao"))
		require.NoError(t, err)
		_, err = key.Opener().Person(document, ref, "dibao")
		require.EqualError(t, err, "not a person of a known version", name)
	}
	document, err := key.seal([]byte("\x87\x02"+texts), bound(ref, "dibao"))
	require.NoError(t, err)
	person, err := key.Opener().Person(document, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, Person{"x", "x", "x", "x", "x", "x"}, person)
}

// FuzzOpen opens whatever it is given, as an envelope and as what is inside of one: it is refused by one of three errors, which
// repeat nothing, or it is what Seal writes of the person that was read.
func FuzzOpen(f *testing.F) {
	key, ref := samplePersonsKey(f).same(), relief.SubjectRef{1}
	good, err := key.Seal(&inventedPerson, ref, "dibao")
	require.NoError(f, err)
	clear, err := key.Opener().open(good, bound(ref, "dibao"))
	require.NoError(f, err)
	for _, seed := range [][]byte{good, clear, good[:20], clear[:20], []byte("\x9f\xff"), []byte("\xa1\xc0\xf6"), []byte(`{"v":1}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		inside, err := key.seal(b, bound(ref, "dibao"))
		require.NoError(t, err)
		for _, document := range [][]byte{b, inside} {
			person, err := key.Opener().Person(document, ref, "dibao")
			if err != nil {
				if s := err.Error(); s != "not a sealed document of a known version" && s != "not a person of a known version" &&
					s != "the seal is broken, or belongs to another person" && !strings.HasPrefix(s, "sealed under the key of epoch ") {
					t.Fatalf("another error: %q", s)
				}
				continue
			}
			again, err := key.Seal(&person, ref, "dibao")
			require.NoError(t, err)
			back, err := key.Opener().Person(again, ref, "dibao")
			require.NoError(t, err)
			require.Equal(t, person, back)
			require.Len(t, again, len(document))
		}
	})
}
