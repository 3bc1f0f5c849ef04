package yearexport

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// list is a list of an archive: the name of its file without the ending, and the path and query that give it.
type list struct{ name, path string }

// peopleList begins the names of the files that name people.
const peopleList = "people-"

func namesPeople(file string) bool { return strings.HasPrefix(file, peopleList) }

// contents are the lists of an archive: first those of the county, then those of each programme. What moved money is of the batches of
// the year's accounting periods and of the year's tranches; records without a year are there as they are.
func contents(q *Request) []list {
	county := url.Values{"region": {string(q.County)}}
	first, last := fmt.Sprintf("%d-01", q.Year), fmt.Sprintf("%d-12", q.Year)
	days := with(county, "from", first+"-01", "to", last+"-31")
	lists := []list{
		{"programmes", "/v1/programmes"},
		{"tranches", ask("/v1/tranches", with(county, "fiscal_year", fmt.Sprint(q.Year)))},
		{"year-ends", ask("/v1/year-ends", county)},
		{"account-statements", ask("/v1/account-statements", days)},
		{"accounts", ask("/v1/accounts", county)},
		{"reversals", ask("/v1/reversals", county)},
		{"acts", ask("/v1/transactions", days)},
	}
	for _, programme := range q.Programmes {
		of := with(county, "programme", string(programme))
		accounting := with(of, "from_accounting_period", first, "to_accounting_period", last)
		roll := "/v1/rolls/" + string(programme) + "/" + string(q.County)
		entered := url.Values{"to_entered": {last}}
		lists = append(lists, []list{
			{"rates-", "/v1/programmes/" + string(programme) + "/rates"},
			{"roll-", ask(roll+"/entries", entered)},
			{"imports-", ask("/v1/imports", of)},
			{"rerates-", ask("/v1/rerates", of)},
			{"cases-", ask("/v1/cases", of)},
			{"changes-", ask("/v1/changes", of)},
			{"batches-", ask("/v1/batches", with(of, "from_period", first, "to_period", last))},
			{"payments-", ask("/v1/payments", accounting)},
			{"payments-after-death-", ask("/v1/payments/after-death", of)},
			{"transfers-", ask("/v1/transfers", accounting)},
			{"overpayments-", ask("/v1/overpayments", of)},
			{"totals-", ask("/v1/totals", with(accounting, "by", "township,month,kind,state"))},
		}...)
		if q.Names {
			lists = append(lists, list{peopleList, ask(roll+"/people", entered)})
		}
		for i := range lists {
			if strings.HasSuffix(lists[i].name, "-") {
				lists[i].name += string(programme)
			}
		}
	}
	return lists
}

// with is a query with more parameters.
func with(query url.Values, pairs ...string) url.Values {
	more := url.Values{}
	for name, values := range query {
		more[name] = values
	}
	for pair := range slices.Chunk(pairs, 2) {
		more.Set(pair[0], pair[1])
	}
	return more
}

func ask(path string, query url.Values) string { return path + "?" + query.Encode() }

// asFile is the path and query of a list as a file of the wanted format.
func (q *Request) asFile(l *list) string {
	query := url.Values{"format": {string(q.Format)}}
	if q.Chinese {
		query.Set("headers", "zh")
	}
	joint := "?"
	if strings.Contains(l.path, "?") {
		joint = "&"
	}
	return l.path + joint + query.Encode()
}
