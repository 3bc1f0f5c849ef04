package app_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What an official of another county gets of a path.
const (
	open     = "what is for everybody"
	refused  = "REGION"
	duty     = "FORBIDDEN"    // another agency's matter, or a duty that preparers do not hold
	nothing  = "nothing"      // an answer in which the county is not
	notFound = "NOT_FOUND"    // as for what is not there
	own      = "the caller's" // files that callers have sent themselves; the id is theirs
)

// reads says for each path that is read at /v1 what is asked and what somebody of another county gets.
var reads = map[string]struct{ path, elsewhere string }{
	"/v1/me":                                        {"/v1/me", open},
	"/v1/templates/{kind}":                          {"/v1/templates/roll", open},
	"/v1/templates/acts/{act}":                      {"/v1/templates/acts/case.attach", open},
	"/v1/registry":                                  {"/v1/registry", open},
	"/v1/registry/proposals":                        {"/v1/registry/proposals", open},
	"/v1/registry/proposals/{id}":                   {"/v1/registry/proposals/none", notFound},
	"/v1/duties":                                    {"/v1/duties", open},
	"/v1/programmes":                                {"/v1/programmes", open},
	"/v1/programmes/{id}/rates":                     {"/v1/programmes/dibao/rates", open},
	"/v1/programmes/{id}":                           {"/v1/programmes/dibao", open},
	"/v1/matches/sources":                           {"/v1/matches/sources", open},
	"/v1/log/alerts":                                {"/v1/log/alerts", open},
	"/v1/tranches":                                  {"/v1/tranches", nothing},
	"/v1/tranches/{id}":                             {"/v1/tranches/t-q4", refused},
	"/v1/tranches/{id}/trail":                       {"/v1/tranches/t-q4/trail", refused},
	"/v1/tranches/{id}/tree":                        {"/v1/tranches/t-q4/tree", refused},
	"/v1/year-ends":                                 {"/v1/year-ends", nothing},
	"/v1/year-ends/{id}":                            {"/v1/year-ends/2026-530181", refused},
	"/v1/year-ends/{id}/trail":                      {"/v1/year-ends/2026-530181/trail", notFound},
	"/v1/tranches/{id}/balance":                     {"/v1/tranches/t-q4/balance", refused},
	"/v1/reversals":                                 {"/v1/reversals", nothing},
	"/v1/reversals/{id}":                            {"/v1/reversals/" + strings.Repeat("ab", 16), notFound},
	"/v1/account-statements":                        {"/v1/account-statements", nothing},
	"/v1/account-statements/{id}":                   {"/v1/account-statements/" + strings.Repeat("ab", 16), notFound},
	"/v1/tranches/{id}/reconciliation":              {"/v1/tranches/t-q4/reconciliation", duty},
	"/v1/batches":                                   {"/v1/batches", nothing},
	"/v1/batches/{id}":                              {"/v1/batches/b-11", refused},
	"/v1/batches/{id}/overview":                     {"/v1/batches/b-11/overview", refused},
	"/v1/batches/{id}/overview/{list}":              {"/v1/batches/b-11/overview/new", refused},
	"/v1/batches/{id}/lines":                        {"/v1/batches/b-11/lines", refused},
	"/v1/batches/{id}/transfers":                    {"/v1/batches/b-11/transfers", refused},
	"/v1/batches/{id}/budget":                       {"/v1/batches/b-11/budget", refused},
	"/v1/batches/{id}/trail":                        {"/v1/batches/b-11/trail", refused},
	"/v1/batches/{id}/payee-check":                  {"/v1/batches/b-11/payee-check", refused},
	"/v1/batches/{id}/payment-file":                 {"/v1/batches/b-11/payment-file", duty},
	"/v1/batches/{id}/reconciliation":               {"/v1/batches/b-11/reconciliation", duty},
	"/v1/statements":                                {"/v1/statements", duty},
	"/v1/statements/{id}":                           {"/v1/statements/none", duty},
	"/v1/exceptions":                                {"/v1/exceptions", duty},
	"/v1/exceptions/{id}":                           {"/v1/exceptions/none", duty},
	"/v1/subjects/{ref}/copy":                       {"/v1/subjects/SUBJECT/copy", notFound},
	"/v1/erasures":                                  {"/v1/erasures", nothing},
	"/v1/reseals":                                   {"/v1/reseals", nothing},
	"/v1/reseals/waiting":                           {"/v1/reseals/waiting?county=530181", refused},
	"/v1/reseals/{id}":                              {"/v1/reseals/" + strings.Repeat("ab", 16), notFound},
	"/v1/erasures/due":                              {"/v1/erasures/due", nothing},
	"/v1/erasures/{ref}":                            {"/v1/erasures/SUBJECT", notFound},
	"/v1/holds":                                     {"/v1/holds", nothing},
	"/v1/holds/{id}":                                {"/v1/holds/subject-SUBJECT", refused},
	"/v1/claims":                                    {"/v1/claims", nothing},
	"/v1/key-epochs":                                {"/v1/key-epochs", open},
	"/v1/unreadable":                                {"/v1/unreadable", open},
	"/v1/officials":                                 {"/v1/officials", open},
	"/v1/officials/{agency}/{name}":                 {"/v1/officials/CivilAffairsMSP/civil-preparer", open},
	"/v1/certificates":                              {"/v1/certificates", open},
	"/v1/payments":                                  {"/v1/payments", nothing},
	"/v1/payments/after-death":                      {"/v1/payments/after-death", nothing},
	"/v1/transfers":                                 {"/v1/transfers", nothing},
	"/v1/transactions/counts":                       {"/v1/transactions/counts?from=2026-01-01&to=2026-12-31", nothing},
	"/v1/samples":                                   {"/v1/samples?seed=1", nothing},
	"/v1/totals":                                    {"/v1/totals?by=township,programme,batch,month,state", nothing},
	"/v1/payments/{id}":                             {"/v1/payments/PAYMENT", refused},
	"/v1/payments/{id}/trail":                       {"/v1/payments/PAYMENT/trail", refused},
	"/v1/payments/{id}/duties":                      {"/v1/payments/PAYMENT/duties", refused},
	"/v1/payments/{id}/receipt":                     {"/v1/payments/PAYMENT/receipt", refused},
	"/v1/subjects/{ref}":                            {"/v1/subjects/SUBJECT", nothing},
	"/v1/subjects/{ref}/trail":                      {"/v1/subjects/SUBJECT/trail", nothing},
	"/v1/subjects/{ref}/cases":                      {"/v1/subjects/SUBJECT/cases", nothing},
	"/v1/officials/{agency}/{name}/acts":            {"/v1/officials/CivilAffairsMSP/civil-preparer/acts", nothing},
	"/v1/transactions":                              {"/v1/transactions", nothing},
	"/v1/transactions/{id}":                         {"/v1/transactions/TRANSACTION", nothing},
	"/v1/feed":                                      {"/v1/feed?since=0", nothing},
	"/v1/overpayments":                              {"/v1/overpayments", nothing},
	"/v1/overpayments/{id}":                         {"/v1/overpayments/dibao-530181-0000298", notFound},
	"/v1/overpayments/{id}/trail":                   {"/v1/overpayments/dibao-530181-0000298/trail", notFound},
	"/v1/accounts":                                  {"/v1/accounts", nothing},
	"/v1/accounts/{id}":                             {"/v1/accounts/home", refused},
	"/v1/imports":                                   {"/v1/imports", nothing},
	"/v1/imports/{id}":                              {"/v1/imports/spring", refused},
	"/v1/imports/{id}/lines":                        {"/v1/imports/spring/lines?kind=new", refused},
	"/v1/imports/{id}/trail":                        {"/v1/imports/spring/trail", refused},
	"/v1/cases":                                     {"/v1/cases", nothing},
	"/v1/cases/{id}":                                {"/v1/cases/c-1", refused},
	"/v1/cases/{id}/trail":                          {"/v1/cases/c-1/trail", refused},
	"/v1/cases/{id}/duties":                         {"/v1/cases/c-1/duties", refused},
	"/v1/cases/{id}/facts":                          {"/v1/cases/c-1/facts", refused},
	"/v1/cases/{id}/evidence/{hash}":                {"/v1/cases/c-1/evidence/" + strings.Repeat("ab", 32), refused},
	"/v1/needs":                                     {"/v1/needs", nothing},
	"/v1/needs/{id}":                                {"/v1/needs/n-1", refused},
	"/v1/changes":                                   {"/v1/changes", nothing},
	"/v1/changes/{id}":                              {"/v1/changes/CHANGE", refused},
	"/v1/changes/{id}/payee":                        {"/v1/changes/CHANGE/payee", refused},
	"/v1/readings":                                  {"/v1/readings", duty},
	"/v1/jobs/{id}":                                 {"/v1/jobs/none", own},
	"/v1/jobs/{id}/refusals":                        {"/v1/jobs/none/refusals", own},
	"/v1/jobs/{id}/receipts":                        {"/v1/jobs/none/receipts", own},
	"/v1/exports":                                   {"/v1/exports", nothing},
	"/v1/exports/{id}":                              {"/v1/exports/none", own},
	"/v1/exports/{id}/archive":                      {"/v1/exports/none/archive", own},
	"/v1/rerates":                                   {"/v1/rerates", nothing},
	"/v1/rerates/{id}":                              {"/v1/rerates/none", notFound},
	"/v1/rerates/{id}/people":                       {"/v1/rerates/none/people?kind=behind", notFound},
	"/v1/rolls/{programme}/{county}/entries":        {"/v1/rolls/dibao/530181/entries", refused},
	"/v1/rolls/{programme}/{county}/people":         {"/v1/rolls/dibao/530181/people", refused},
	"/v1/links":                                     {"/v1/links", nothing},
	"/v1/links/{ref}":                               {"/v1/links/SUBJECT", notFound},
	"/v1/indicators":                                {"/v1/indicators?programme=dibao&region=530181&period=2026-10", refused},
	"/v1/charts":                                    {"/v1/charts", nothing},
	"/v1/charts/{code}":                             {"/v1/charts/months?programme=dibao&region=530181&period=2026-10", refused},
	"/v1/months":                                    {"/v1/months", nothing},
	"/v1/months/{programme}/{county}/{period}":      {"/v1/months/dibao/530181/2026-10", refused},
	"/v1/months/{programme}/{county}/{period}/list": {"/v1/months/dibao/530181/2026-10/list", refused},
	"/v1/publications":                              {"/v1/publications", nothing},
	"/v1/plans":                                     {"/v1/plans", nothing},
	"/v1/plans/{id}":                                {"/v1/plans/visits", refused},
	"/v1/plans/{id}/units":                          {"/v1/plans/visits/units", refused},
	"/v1/plans/{id}/drawn":                          {"/v1/plans/visits/drawn", notFound},
	"/v1/plans/{id}/visits":                         {"/v1/plans/visits/visits", nothing},
	"/v1/months/{programme}/{county}/{period}/list/sheet": {"/v1/months/dibao/530181/2026-10/list/sheet?village=530181001", refused},
	"/v1/months/{programme}/{county}/{period}/rows":       {"/v1/months/dibao/530181/2026-10/rows?village=530181001", refused},
}

// withCursor is a path with a cursor that no page has given. Where there are no pages it is a parameter that is not known.
func withCursor(path string) string {
	if strings.Contains(path, "?") {
		return path + "&cursor=no-page-gave-this"
	}
	return path + "?cursor=no-page-gave-this"
}

// TestReadsHoldTheRegion asks every path that is read as an official of another county. A path without a line fails.
func TestReadsHoldTheRegion(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll?import=spring", read(t, "roll.csv"))
	w.confirmImport(proposed)
	subject := w.subject()
	w.post(201, "civil-preparer", "/v1/batches", batch("b-11", object{"period": "2026-11"}))
	w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", listOf(oldCard, "2026-11"))
	var payments struct{ Items []struct{ ID string } }
	w.get("civil-preparer", "/v1/payments?batch=b-11", &payments)
	require.Len(t, payments.Items, 1)
	var change struct{ ID string }
	made := w.post(201, "civil-preparer", "/v1/changes", object{
		"kind": "payee", "programme": "dibao", "subject": subject, "account": newCard, "bank": "农村信用社", "evidence_sha256": strings.Repeat("ab", 32),
	})
	made.into(t, &change)
	w.post(201, "civil-preparer", "/v1/accounts", object{
		"id": "home", "kind": "institution", "holder": "安宁市某敬老院", "county": "530181", "account": newCard, "evidence_sha256": strings.Repeat("ab", 32),
	})
	w.post(201, "audit-approver", "/v1/holds", object{"subject": subject, "reason": "audit", "evidence_sha256": strings.Repeat("ab", 32)})
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": "c-1", "programme": "dibao", "region": "530181001001", "settlement": "rural", "account": newCard, "income": "300.00", "reason": "x",
		"members": []object{{"name": "某甲", "id_number": "530181199001010015"}},
	})

	w.post(200, "civil-preparer", "/v1/months/dibao/530181/2026-10/close", nil)
	w.post(200, "civil-preparer", "/v1/months/dibao/530181/2026-10/list/propose", nil)
	w.post(201, "audit-approver", "/v1/plans", object{
		"id": "visits", "purpose": "audit", "county": "530181", "months": []object{{"programme": "dibao", "period": "2026-10"}}, "size": 1, "min_per_stratum": 0,
		"reserves": 0, "close_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "reveal_hours": 1, "inspectors": []object{},
	})

	placeholders := strings.NewReplacer("PAYMENT", payments.Items[0].ID, "SUBJECT", subject, "CHANGE", change.ID, "TRANSACTION", made.Header.Get("X-Transaction-Id"))
	document, err := os.ReadFile("../httpapi/openapi.yaml")
	require.NoError(t, err)
	path := ""
	asked := 0
	for line := range strings.Lines(string(document)) {
		if found := regexp.MustCompile(`^  (/\S+):`).FindStringSubmatch(line); found != nil {
			path = found[1]
		}
		if !strings.HasPrefix(line, "    get:") || !strings.HasPrefix(path, "/v1/") {
			continue
		}
		r, classified := reads[path]
		require.True(t, classified, "%s is in no line of reads: say what an official of another county gets of it", path)
		asked++
		target := placeholders.Replace(r.path)
		here := w.do("civil-preparer", call{method: http.MethodGet, path: target})
		there := w.do("civil-other-county", call{method: http.MethodGet, path: target})
		body := string(there.body)
		require.NotContains(t, string(here.body)+body, ":null", "an empty list is [], and what is not there is left out: %s", target)
		if broken := w.do("civil-preparer", call{method: http.MethodGet, path: withCursor(target)}); here.StatusCode == http.StatusOK {
			require.Equal(t, http.StatusUnprocessableEntity, broken.StatusCode, "a cursor that no page gave, or none is taken: %s", target)
		}
		switch r.elsewhere {
		case open:
			require.Equal(t, http.StatusOK, there.StatusCode, "%s: %s", target, body)
		case refused:
			if path == "/v1/needs/{id}" || path == "/v1/cases/{id}/evidence/{hash}" && there.StatusCode == http.StatusForbidden {
				break // there is none in this world; the contracts' own test has them
			}
			require.Equal(t, http.StatusForbidden, there.StatusCode, "%s: %s", target, body)
			require.Contains(t, body, "outside-region", target)
			require.NotEqual(t, http.StatusForbidden, here.StatusCode, "%s: %s", target, here.body)
		case duty:
			require.Equal(t, http.StatusForbidden, there.StatusCode, "%s: %s", target, body)
		case notFound, own:
			require.Equal(t, http.StatusNotFound, there.StatusCode, "%s: %s", target, body)
		default:
			require.Equal(t, http.StatusOK, there.StatusCode, "%s: %s", target, body)
			for _, of := range []string{"530181", "civil-preparer", "b-11", "c-1", "spring", "t-q4", "home"} {
				require.NotContains(t, body, `"`+of, target)
			}
		}
	}
	require.Len(t, reads, asked)

	// A wider or another region is refused with words; one's own is what a list has when none is asked.
	for _, list := range []string{"/v1/batches", "/v1/payments", "/v1/totals", "/v1/cases", "/v1/changes", "/v1/needs", "/v1/tranches", "/v1/imports", "/v1/accounts"} {
		for _, region := range []string{"53", "530129"} {
			a := w.do("civil-preparer", call{method: http.MethodGet, path: list + "?region=" + region})
			require.Equal(t, http.StatusForbidden, a.StatusCode, list)
			require.Regexp(t, `\p{Han}.* · .*[a-z]`, string(a.body))
			w.must(http.StatusOK, "audit-reader", call{method: http.MethodGet, path: list + "?region=" + region})
		}
		w.must(http.StatusOK, "civil-preparer", call{method: http.MethodGet, path: list + "?region=530181"})
	}
}
