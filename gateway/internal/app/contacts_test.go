package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestContactsAreWhatAllAgenciesAgreedOn: everybody reads the contacts of the founding, then those of a change, in JSON and on a page; the
// nearest to a village first.
func TestContactsAreWhatAllAgenciesAgreedOn(t *testing.T) {
	w := newWorld(t)
	read := func(query string) (names []string) {
		var found struct{ Items []struct{ Name string } }
		answer := w.do("audit-reader", call{method: http.MethodGet, path: "/public/v1/contacts" + query})
		require.Equal(t, http.StatusOK, answer.StatusCode)
		answer.into(t, &found)
		for _, c := range found.Items {
			names = append(names, c.Name)
		}
		return names
	}
	require.Equal(t, []string{"政务服务便民热线", "民政服务热线", "县级民政部门社会救助窗口", "社会救助意见箱"}, read(""))
	require.Equal(t, []string{"政务服务便民热线", "民政服务热线"}, read("?region=530129"))

	w.changeRegistry("contacts", object{"contacts": []object{
		{"region": "53", "kind": "hotline", "name": "政务服务便民热线", "name_en": "Government service line", "phone": "12345"},
		{"region": "530181003", "kind": "letter_box", "name": "意见箱 <b>", "address": "示例路 2 号", "hours": "每周五"},
	}})
	for _, url := range w.gateway {
		w.awaitIndex(url)
	}
	require.Equal(t, []string{"意见箱 <b>", "政务服务便民热线"}, read("?region=530181003214"))
	page := w.do("audit-reader", call{method: http.MethodGet, path: "/contacts?region=530181003214"})
	require.Equal(t, http.StatusOK, page.StatusCode)
	for _, text := range []string{`href="tel:12345"`, "意见箱 &lt;b&gt;", "每周五", "Government service line"} {
		require.Contains(t, string(page.body), text)
	}
	for _, path := range []string{"/contacts?region=x", "/public/v1/contacts?region=x", "/contacts?county=53"} {
		require.Equal(t, http.StatusUnprocessableEntity, w.do("audit-reader", call{method: http.MethodGet, path: path}).StatusCode, path)
	}
}
