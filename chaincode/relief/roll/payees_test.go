package roll

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// goldenPayees are those of three people: the second one's details were given twice, the third one's are erased.
func goldenPayees(t testing.TB) (p Payees) {
	t.Helper()
	for i, n := range []byte{1, 2, 3} {
		require.True(t, p.set(i, payeeOf(n)))
	}
	require.True(t, p.set(1, payeeOf(4)))
	return p.Erased(2)
}

// The packed value must never change under its version.
func TestGoldenPayees(t *testing.T) {
	text, err := os.ReadFile("testdata/payees-v1.hex")
	require.NoError(t, err)
	p := goldenPayees(t)
	require.Equal(t, strings.TrimSpace(string(text)), hex.EncodeToString(p.Bytes()))
	back, err := ParsePayees(p.Bytes())
	require.NoError(t, err)
	require.Equal(t, []uint16{1, 2, 1, 0}, []uint16{back.Version(0), back.Version(1), back.Version(2), back.Version(3)})
	require.Equal(t, []Payee{payeeOf(1), payeeOf(4), {}, {}}, []Payee{back.Payee(0), back.Payee(1), back.Payee(2), back.Payee(3)})
	require.Nil(t, back.Packed(3))
}

func TestPayeesAreCopiedBeforeTheyChange(t *testing.T) {
	before := goldenPayees(t)
	bytesBefore := hex.EncodeToString(before.Bytes())
	after := before.withRoom(1)
	require.True(t, after.set(3, payeeOf(9)))
	require.Equal(t, Payee{}, before.Erased(0).Payee(0))
	require.Equal(t, bytesBefore, hex.EncodeToString(before.Bytes()))
	require.Equal(t, before.Bytes(), before.Erased(7).Bytes(), "nobody has this slot")
}

func TestVersionsOfDetailsEnd(t *testing.T) {
	p := goldenPayees(t)
	p.slot(0)[0], p.slot(0)[1] = math.MaxUint8, math.MaxUint8
	require.False(t, p.set(0, payeeOf(9)))
	require.Equal(t, payeeOf(1), p.Payee(0))
}

func TestPayeesThatNoActCanWriteAreRefused(t *testing.T) {
	good := goldenPayees(t).Bytes()
	change := func(at int, to byte) []byte {
		b := bytes.Clone(good)
		b[at] = to
		return b
	}
	for name, b := range map[string][]byte{
		"another kind":               change(0, 'r'),
		"another version":            change(1, 2),
		"entries that are not there": change(3, 4),
		"no entries":                 {payeesKind, payeesVersion, 0, 0},
		"cut short":                  good[:len(good)-1],
		"a byte too many":            append(bytes.Clone(good), 0),
		"details never given":        change(5, 0),
		"a name without an account":  change(payeesHeader+payeesAccount, 0),
		"an account without a name":  change(payeesHeader+payeesName, 0),
		"a tag of no epoch":          change(payeesHeader+2*payeesSlotWidth+payeesName+1, 1),
		"a header alone":             good[:3],
	} {
		_, err := ParsePayees(b)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
	for n := 1; n < len(good); n++ {
		_, err := ParsePayees(good[:n])
		require.Error(t, err)
	}
}

// A segment and its payees belong together.
func TestPartsAreWhole(t *testing.T) {
	seg := goldenRoll()
	p, err := ParsePart(testPlace, seg.Bytes(), payeesOf(t, seg).Bytes())
	require.NoError(t, err)
	require.Equal(t, 3, p.Segment.Len())
	_, err = ParsePart(testPlace, seg.Bytes(), goldenPayees(t).Bytes())
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, "another payee than the roll's")
	gone := p.WithoutPayee(1)
	require.NoError(t, gone.Check())
	require.Equal(t, PayeeCheck{}, gone.Segment.PayeeCheck(1))
	require.Equal(t, payeesOf(t, seg), p.Payees, "the part stays as it was")
	require.Equal(t, p, p.WithoutPayee(7), "nobody has this slot")
	_, err = ParsePart(testPlace, seg.Bytes(), nil)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
	empty, err := ParsePart(testPlace, nil, nil)
	require.NoError(t, err)
	require.Zero(t, empty.Payees.Len())
}

// A check says which column differs; a missing tag differs from every other, and is told from a tag that begins with zeros.
func TestPayeeCheck(t *testing.T) {
	check := func(p Payee) PayeeCheck { return p.Check() }
	whom := payeeOf(1)
	require.Empty(t, check(whom).Differs(check(whom)))
	require.Equal(t, relief.LineNameDiffers, check(whom).Differs(check(payeeOf(2))))
	require.Equal(t, relief.LineAccountDiffers, check(whom).Differs(check(Payee{Name: whom.Name, Account: payeeOf(2).Account})))
	require.Equal(t, relief.LineNameDiffers, check(Payee{}).Differs(check(Payee{})))
	require.Equal(t, relief.LineAccountDiffers, check(Payee{Name: whom.Name}).Differs(check(Payee{Name: whom.Name})))
	zeros := Payee{Name: relief.Tag{1, 0, 0, 0, 0, 9}, Account: relief.Tag{1}}
	require.Empty(t, check(zeros).Differs(check(zeros)))
}

func FuzzPayees(f *testing.F) {
	f.Add(goldenPayees(f).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePayees(b)
		if err != nil || len(b) == 0 {
			return
		}
		require.Equal(t, b, p.Bytes())
		for i := range p.Len() {
			payee := p.Payee(i)
			require.Equal(t, payee.Valid(), payee != Payee{})
		}
	})
}
