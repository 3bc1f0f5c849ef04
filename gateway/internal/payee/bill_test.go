package payee_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/payee"
)

func TestABillHasOneForm(t *testing.T) {
	k := testKey(t, 1, 7).Tagger()
	tag := func(hospital, number string) payee.Tag {
		b, err := payee.ParseBill(hospital, number)
		require.NoError(t, err)
		return k.BillTag(b)
	}
	one := tag("安宁市人民医院（总院）", "YN-2026 0012345a")
	for _, same := range [][2]string{
		{"安宁市人民医院(总院)", "yn20260012345A"}, {" 安宁市人民医院 总院 ", "ＹＮ２０２６００１２３４５Ａ"},
		{"安宁市人民医院（总院）", "YN–2026/0012345.a"},
	} {
		require.True(t, one.Equal(tag(same[0], same[1])), "%q", same)
	}
	for _, other := range [][2]string{
		{"安宁市中医医院", "YN-2026 0012345a"}, {"安宁市人民医院（总院）", "YN-2026 0012345b"}, {"安宁市人民医院（总院）", "YN-2026 012345a"},
		{"安宁市人民医院（总院）YN", "2026 0012345a"},
	} {
		require.False(t, one.Equal(tag(other[0], other[1])), "%q", other)
	}
	require.False(t, one.Equal(testKey(t, 2, 7).Tagger().BillTag(payee.Bill{})))
	require.True(t, k.BillTag(payee.Bill{}).IsZero())
}

func TestBillsThatCannotBe(t *testing.T) {
	long := make([]rune, 61)
	for i := range long {
		long[i] = '院'
	}
	for _, c := range []struct{ hospital, number, field string }{
		{"", "1", "bill.hospital"}, {"市医院", " ", "bill.number"}, {"市医院", "--", "bill.number"}, {"市\u200b医院", "1", "bill.hospital"},
		{string(long), "1", "bill.hospital"}, {"市医院", string(long), "bill.number"},
	} {
		_, err := payee.ParseBill(c.hospital, c.number)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, "%q", c)
		require.Equal(t, c.field, refused.Field)
	}
}
