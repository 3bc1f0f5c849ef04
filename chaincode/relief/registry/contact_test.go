package registry

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestContactsLeadSomewhere(t *testing.T) {
	registry := func(c ...Contact) *Registry {
		return &Registry{Regions: []RegionEntry{{Code: "53"}, {Code: "530181"}}, Contacts: c}
	}
	hotline := Contact{Region: "53", Kind: ContactHotline, Name: "热线", Phone: "12345"}
	for name, c := range map[string][]Contact{
		"none":                       {},
		"a hotline of the province":  {hotline},
		"an office with an address":  {{Region: "530181", Kind: ContactOffice, Name: "窗口", Address: "示例路 1 号"}},
		"an office with a telephone": {{Region: "530181", Kind: ContactOffice, Name: "窗口", Phone: "+86 871-0000 0000"}},
		"a township's letter box":    {{Region: "530181001", Kind: ContactLetterBox, Name: "意见箱", Address: "门外", Hours: "每周五"}},
		"a prefecture above":         {{Region: "5301", Kind: ContactHotline, Name: "热线", Phone: "12345"}},
		"one name in two regions":    {hotline, {Region: "530181", Kind: ContactHotline, Name: "热线", Phone: "12345"}},
	} {
		require.NoError(t, registry(c...).checkContacts(), name)
	}
	for name, c := range map[string]Contact{
		"no name":                       {Region: "53", Kind: ContactHotline, Phone: "12345"},
		"a long name":                   {Region: "53", Kind: ContactHotline, Name: strings.Repeat("热", 101), Phone: "12345"},
		"no kind":                       {Region: "53", Name: "热线", Phone: "12345"},
		"a hotline without a telephone": {Region: "53", Kind: ContactHotline, Name: "热线"},
		"a telephone of two digits":     {Region: "53", Kind: ContactHotline, Name: "热线", Phone: "12"},
		"a telephone with letters":      {Region: "53", Kind: ContactHotline, Name: "热线", Phone: "12345 转 1"},
		"an office nowhere":             {Region: "53", Kind: ContactOffice, Name: "窗口", Hours: "工作日"},
		"a box that nobody opens":       {Region: "53", Kind: ContactLetterBox, Name: "意见箱", Address: "门外"},
		"a village":                     {Region: "530181001001", Kind: ContactHotline, Name: "热线", Phone: "12345"},
		"another province":              {Region: "51", Kind: ContactHotline, Name: "热线", Phone: "12345"},
		"a script in the hours":         {Region: "53", Kind: ContactHotline, Name: "热线", Phone: "12345", Hours: "a\x00b"},
		"a long address":                {Region: "53", Kind: ContactOffice, Name: "窗口", Address: strings.Repeat("路", 201)},
	} {
		refusal, ok := registry(c).checkContacts().(*relief.Error) //nolint:errorlint // rules return them bare
		require.True(t, ok, name)
		require.Equal(t, relief.CodeInvalid, refusal.Code, name)
	}
	require.Error(t, registry(hotline, hotline).checkContacts(), "listed twice")
	require.Error(t, registry(make([]Contact, MaxContacts+1)...).checkContacts())
}

func TestTheNearestContactsComeFirst(t *testing.T) {
	r := Registry{}
	for _, region := range []relief.Region{"53", "530129", "530181003", "5301", "530181", "530181001"} {
		r.Contacts = append(r.Contacts, Contact{Region: region, Name: string(region)})
	}
	for region, want := range map[relief.Region][]string{
		"530181001001": {"530181001", "530181", "5301", "53"},
		"530181":       {"530181", "5301", "53", "530181003", "530181001"},
		"51":           nil,
	} {
		var got []string
		for _, c := range r.ContactsFor(region) {
			got = append(got, c.Name)
		}
		require.Equal(t, want, got, region)
	}
}
