package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/httpapi/bankapi"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/httpapi/feed"
	"relieftrail/gateway/internal/httpapi/imports"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rerates"
	"relieftrail/gateway/internal/httpapi/reseals"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/httpapi/sessions"
	"relieftrail/gateway/internal/httpapi/uploads"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/table"
	"relieftrail/gateway/internal/translog"
	"relieftrail/gateway/web"
)

// The problems that several routes may answer with.
var (
	anywhere = []*problem.Kind{problem.Internal}
	bodies   = []*problem.Kind{problem.Malformed, problem.Unreadable, problem.TooLarge, problem.MediaType, problem.Invalid}
	keys     = []*problem.Kind{problem.KeyMissing, problem.KeyReused, problem.Overloaded, problem.DiskFull}
	// What a read answers that waits for the index and asks who holds its duty.
	indexed = []*problem.Kind{
		problem.Forbidden, problem.Region, problem.NotFound, problem.IndexBehind, problem.RecordUnreadable, problem.Unavailable,
	}
	// What comes of an act that the agencies' peers are asked to endorse.
	endorsed = append(problem.OfContracts(), problem.Contention, problem.Disagree, problem.Unavailable)
)

// routes is the one list of what there is, who may call it, what its query may say and how it may be answered.
func (a *API) routes(pages *web.Pages, officials *web.Workplace) {
	a.anyone(pages, officials)
	a.open()
	a.signingIn()
	principals := group{api: a, on: Internal}.with(a.core.Handle(a.authenticate)).
		fails(anywhere, []*problem.Kind{problem.Unauthenticated, problem.AccessEnded, problem.CrossSite, problem.TooMany, problem.Invalid, problem.Unavailable})
	limited := principals.with(a.core.Handle(a.limitReads)).fails([]*problem.Kind{problem.Overloaded}, indexed)
	reads := limited.with(a.admit(a.reading))
	a.reads(reads)
	a.jobs(limited)
	a.finance(reads.fails(problem.OfContracts()))

	idempotent := a.core.Handle(a.idempotent)
	a.yearExports(limited, idempotent)
	a.receiptPages(limited, idempotent)
	writes := principals.with(idempotent, a.admit(a.writes)).fails(bodies, keys, endorsed)
	a.acts(writes)
	a.caseActs(writes)
	queries := principals.with(a.deadline(bodyTime+a.deps.Cases.MatchingTime), idempotent, a.admit(a.queries)).
		fails(bodies, keys, endorsed, indexed)
	queries.post("/v1/cases/:id/matches/queries", a.cases.QueryMatches).answers(http.StatusOK, http.StatusAccepted)
	queries.post("/v1/needs/queries", a.cases.QueryNeeds).answers(http.StatusOK, http.StatusAccepted).fails(problem.LookUpsSpent)
	a.takeFiles(principals.with(a.deadline(rest.UploadTime), idempotent, a.admitFile, a.paced).
		fails(bodies, keys, problem.OfContracts(), indexed))
}

// anyone: nothing here says anything about a person or a payment; the pages ask for what their reader may see.
func (a *API) anyone(pages *web.Pages, officials *web.Workplace) {
	g := group{api: a}.with(a.core.Handle(a.limited)).fails([]*problem.Kind{problem.TooMany})
	forAll := g.at(Public | Internal)
	forAll.get("/docs", page(pages.Docs)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	forAll.get("/assets/:name", asset(pages)).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotFound)
	forAll.get("/problems/:slug", problemPage(pages)).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotFound)
	forAll.get("/openapi.yaml", documentOf(pages)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	forPublic := g.at(Public)
	forPublic.get("/", page(pages.Verify)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	forPublic.get("/notices", page(pages.Notices)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	counted := group{api: a, on: Public}.with(a.core.Handle(a.public.Limited)).
		fails(anywhere, []*problem.Kind{problem.TooMany, problem.Invalid, problem.NotFound, problem.IndexBehind, problem.RecordUnreadable, problem.Unavailable})
	counted.get(public.ContactsPath, a.public.ContactsPage(pages)).query(public.ByRegion).answers(http.StatusOK, http.StatusNotModified)
	shown := counted.with(a.core.Handle(a.public.StatementPages.There))
	list := func(path string, handle rest.Handler) *route {
		return shown.get(public.ListsPath+path, handle).answers(http.StatusOK, http.StatusNotModified)
	}
	list("", a.public.ListsPage(pages)).query(public.ByProgramme, public.ByRegion, public.ListCursor)
	list("/:programme/:county/:period", a.public.ListPage(pages)).query(public.ListVersion)
	list("/:programme/:county/:period/:village", a.public.VillagePage(pages)).anyQuery().fails(problem.NotYet)
	shown.get(public.StatementsPath, a.public.StatementsPage(pages)).query(public.Before).answers(http.StatusOK, http.StatusNotModified)
	shown.get(public.DrawsPath, a.public.DrawsPage(pages)).query(public.ByRegion, public.DrawCursor).answers(http.StatusOK, http.StatusNotModified)
	shown.get(public.DrawsPath+"/:id", a.public.DrawPage(pages)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	shown.get("/public/v1/draws/:id/frame", a.public.DrawFrame).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotYet)
	shown.get(public.IndicatorsPath, a.public.IndicatorsPage(pages)).query(public.ByProgramme, public.ByRegion, records.OfSpan, records.AsOfBlock).
		answers(http.StatusOK, http.StatusNotModified)
	shown.get(public.ChartsPath, a.public.ChartsPage(pages)).query(public.ByProgramme, public.ByRegion, records.ByPeriod).
		answers(http.StatusOK, http.StatusNotModified)
	forOfficials := g.at(Internal)
	forOfficials.get("/gateway", page(pages.Home)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	forOfficials.get("/desk", page(pages.Desk)).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	for _, path := range []string{web.WorkplacePath, web.WorkplacePath + "/*path"} {
		forOfficials.get(path, workplace(officials)).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotFound)
	}
	forOperator := g.at(Metrics)
	forOperator.get("/healthz", a.healthz).anyQuery()
	forOperator.get("/readyz", a.readyz).anyQuery().answers(http.StatusOK, http.StatusServiceUnavailable)
	forOperator.get("/metrics", a.metrics.serve).anyQuery()
}

// open is for anyone too, so many requests a second from one address: the transparency log and what it proves.
func (a *API) open() {
	p := a.public
	limited := a.core.Handle(p.Limited)
	g := group{api: a, on: Public}.fails(anywhere, []*problem.Kind{problem.TooMany})
	free := g.with(limited)
	a.openLog(g, free, public.PaymentsPath, "/public/v1/receipts/*hash", "/public/v1/keys", p.PaymentPages)
	a.openLog(g, free, public.StatementsPath, "/public/v1/statements/*hash", "/public/v1/statement-keys", p.StatementPages)
	withLog := a.core.Handle(p.PaymentPages.There)
	logged := []*problem.Kind{problem.NotFound}
	g.with(a.core.Handle(a.limited), withLog, limited).fails(logged).get(reading.StoredPath, p.StoredReadings).query(public.FromReading).
		fails(problem.Invalid, problem.Unauthenticated)
	free.with(withLog).fails(logged).post("/public/v1/verify", p.Verify).
		fails(problem.NotYet, problem.Invalid, problem.TooLarge, problem.Unreadable)
	free.get("/public/v1/names", p.Names).anyQuery().answers(http.StatusOK, http.StatusNotModified).
		fails(problem.IndexBehind, problem.NotFound, problem.RecordUnreadable, problem.Unavailable)
	counted := free.fails([]*problem.Kind{problem.Invalid, problem.IndexBehind, problem.NotFound, problem.RecordUnreadable, problem.Unavailable})
	counted.get("/public/v1/indicators", p.Indicators).query(public.ByProgramme, public.ByRegion, records.OfSpan, records.AsOfBlock)
	counted.get("/public/v1/contacts", p.Contacts).query(public.ByRegion)
	counted.get(agreement.Path, p.IndicatorDigests).anyQuery()
	// Masked, and only while a public notice runs.
	free.get("/public/v1/notices", p.Notices).query(public.NoticeLimit, rest.Cursor, public.ByProgramme, public.ByRegion).
		fails(problem.Invalid, problem.IndexBehind, problem.NotFound, problem.RecordUnreadable, problem.Unavailable)
}

// openLog is one transparency log: its checkpoints and tiles, what a hash proves, and the keys to check that by.
func (a *API) openLog(g, free group, path, hashes, keys string, p *public.LogPages) {
	limited, there, none := a.core.Handle(a.public.Limited), a.core.Handle(p.There), []*problem.Kind{problem.NotFound}
	log := g.with(a.core.Handle(a.limited), there).fails(none)
	log.get(path+"/checkpoint", p.Checkpoint).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotYet)
	log.get(path+"/newest", p.Newest).anyQuery().answers(http.StatusOK, http.StatusNotModified).fails(problem.NotYet)
	log.get(path+translog.CosignaturesPath, p.Cosignatures).query(public.FromSize).fails(problem.Invalid)
	log.with(limited).get(path+"/tile/*path", p.Tile).anyQuery().answers(http.StatusOK, http.StatusNotModified)
	logged := free.with(there).fails(none)
	logged.get(keys, p.Keys).query(public.KeyFormat, public.PolicyLog).
		answers(http.StatusOK, http.StatusNotModified).fails(problem.NotYet, problem.Invalid)
	logged.get(hashes, p.CheckHash).anyQuery().fails(problem.NotInLog)
}

// signingIn is for officials who work in a browser.
func (a *API) signingIn() {
	s := a.sessions
	g := group{api: a, on: Internal}.with(a.core.Handle(a.limited)).
		fails(anywhere, []*problem.Kind{problem.CrossSite, problem.TooMany})
	shown := g.fails([]*problem.Kind{problem.Unauthenticated, problem.AccessEnded, problem.SignInRefused}, indexed)
	shown.get("/session", s.Show).anyQuery().fails(problem.Invalid)
	shown.post("/session", a.attempt(s.Begin)).answers(http.StatusCreated).fails(bodies...).fails(problem.DiskFull)
	g.get("/session/ways", s.Ways).fails(problem.Invalid)
	g.get("/session/start", s.Start).query(sessions.To).answers(http.StatusSeeOther).fails(problem.Invalid, problem.NotFound, problem.Unavailable)
	shown.get("/session/callback", s.Page(a.attempt(s.Finish))).anyQuery().answers(http.StatusSeeOther).fails(problem.Invalid, problem.DiskFull)
	g.delete("/session", s.End).answers(http.StatusNoContent).fails(problem.Invalid)
}

// reads: what each principal may read, the duties on the ledger say.
func (a *API) reads(g group) {
	const read = relief.ActRead
	r, limit, cursor := a.records, a.core.Limit(), rest.Cursor
	find := func(path string, act relief.Act, find rest.Find) *route {
		return g.get(path, a.core.Answer(act, find)).query(rest.AtLeast)
	}
	list := func(path string, write rest.Read, columns []table.Head) *route {
		return g.get(path, a.core.Reading(read, write)).file(columns).query(rest.AtLeast)
	}
	trail := func(path string, write rest.Read) {
		t := g.get(path, a.core.Reading(read, write)).file(lists.Trail.Heads()).query(rest.AtLeast)
		t.Query[0] = records.TrailFormat // which has one format more
	}
	find("/v1/me", "", r.Me)
	g.get("/v1/templates/:kind", a.core.Reading("", a.uploads.Template)).query(rest.AtLeast).query(rest.TableQuery()...).fails(problem.NotAcceptable)
	g.get("/v1/templates/acts/:act", a.core.Reading("", a.uploads.ActTemplate)).query(rest.AtLeast, rest.Format).fails(problem.NotAcceptable)
	find("/v1/registry", "", r.Registry)
	list("/v1/registry/proposals", r.Proposals, lists.Proposals.Heads()).query(limit, rest.IDCursor, records.ByProposalState)
	find("/v1/registry/proposals/:id", read, records.One(r, relief.KindProposal, relief.ParseProposalID))
	find("/v1/duties", "", r.Duties)
	list("/v1/programmes", r.Programmes, lists.Programmes.Heads()).query(limit, rest.IDCursor)
	find("/v1/programmes/:id", read, records.One(r, relief.KindProgramme, relief.ParseProgrammeID))
	list("/v1/programmes/:id/rates", r.Rates, lists.Rates.Heads()).fails(problem.OfContracts()...)
	list("/v1/tranches", r.Tranches, lists.Tranches.Heads()).query(limit, rest.IDCursor, records.ByProgramme, records.ByRegion, records.ByTrancheState,
		records.ByFiscalYear, records.ByParent, records.ByAccountNumber)
	find("/v1/tranches/:id", read, records.One(r, relief.KindTranche, relief.ParseTrancheID))
	trail("/v1/tranches/:id/trail", r.TrancheTrail)
	list("/v1/tranches/:id/tree", r.TrancheTree, lists.TrancheTree.Heads()).fails(problem.OfContracts()...)
	list("/v1/year-ends", r.YearEnds, lists.YearEnds.Heads()).query(limit, rest.IDCursor, records.ByRegion)
	list("/v1/year-ends/:id", r.YearEnd, lists.YearEnd.Heads()).fails(problem.OfContracts()...)
	trail("/v1/year-ends/:id/trail", r.YearEndTrail)
	list("/v1/months", r.Months, lists.Months.Heads()).query(limit, records.MonthCursor, records.ByProgramme, records.ByRegion, records.ByPeriod)
	list("/v1/months/:programme/:county/:period", r.Month, lists.MonthVillages.Heads()).query(records.ByVersion)
	list("/v1/months/:programme/:county/:period/rows", r.VillageRows, lists.MonthRows.Heads()).query(records.OfVillage).fails(problem.OfContracts()...)
	find("/v1/months/:programme/:county/:period/list", read, r.Publication)
	list("/v1/publications", r.Publications, lists.Publications.Heads()).query(limit, records.MonthCursor, records.ByProgramme, records.ByRegion, records.ByPeriod,
		records.ByListState)
	list("/v1/plans", r.Draws, lists.Draws.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByDrawState)
	find("/v1/plans/:id", read, records.One(r, relief.KindPlan, relief.ParsePlanID))
	list("/v1/plans/:id/units", r.Stratum, lists.Frame.Heads()).query(records.OfStratum)
	list("/v1/plans/:id/drawn", r.Drawn, lists.DrawnUnits.Heads())
	list("/v1/plans/:id/visits", r.Visits, lists.Visits.Heads()).query(limit, records.VisitCursor)
	list("/v1/indicators", r.Indicators, lists.Indicators.Heads()).query(records.ByProgramme, records.ByRegion, records.OfSpan, records.AsOfBlock)
	find("/v1/charts", read, r.Charts)
	list("/v1/charts/:code", r.Chart, lists.ChartHeads()).query(records.ByProgramme, records.ByRegion, records.OfSpan)
	find("/v1/tranches/:id/balance", read, r.AccountBalance).fails(problem.OfContracts()...)
	list("/v1/account-statements", r.AccountStatements, lists.AccountStatements.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByStatementState,
		records.FromDay, records.ToDay)
	find("/v1/account-statements/:id", read, records.One(r, relief.KindStatement, relief.ParseStatementID))
	list("/v1/reversals", r.Reversals, lists.Reversals.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByBatch, records.ByReversalState)
	find("/v1/reversals/:id", read, records.One(r, relief.KindReversal, relief.ParseReversalID))
	list("/v1/batches", r.Batches, lists.Batches.Heads()).query(limit, rest.IDCursor, records.ByProgramme, records.ByPeriod, records.FromPeriod, records.ToPeriod,
		records.ByBatchState, records.ByRegion, records.ByTranche)
	find("/v1/batches/:id", read, records.One(r, relief.KindBatch, relief.ParseBatchID))
	find("/v1/batches/:id/overview", read, r.BatchOverview).query(limit)
	list("/v1/batches/:id/overview/:list", r.BatchDifferences, lists.Differences.Heads()).query(limit, cursor)
	list("/v1/batches/:id/lines", r.BatchLines, lists.Payments.Heads()).query(limit, cursor)
	list("/v1/batches/:id/transfers", r.BatchTransfers, lists.Transfers.Heads()).query(limit, cursor)
	list("/v1/batches/:id/budget", r.BatchBudget, lists.BatchBudget.Heads()).fails(problem.OfContracts()...)
	trail("/v1/batches/:id/trail", r.BatchTrail)
	g.get("/v1/batches/:id/payee-check", r.PayeeCheck).fails(problem.OfContracts()...)
	list("/v1/payments", r.Payments, lists.Payments.Heads()).query(limit, cursor, records.BySubject, records.ByBatch, records.ByProgramme, records.ByRegion,
		records.ByPeriod, records.ByPaymentState, records.ByMinAmount, records.ByMaxAmount, records.ByApprover, records.ByReturnReason,
		records.ByKind, records.ByAccountingPeriod).query(records.PaymentFilters()...)
	list("/v1/payments/after-death", r.PaymentsAfterDeath, lists.LatePayments.Heads()).query(limit, cursor, records.ByProgramme, records.ByRegion,
		records.ByPaymentState)
	list("/v1/transfers", r.Transfers, lists.Transfers.Heads()).query(limit, cursor, records.ByBatch, records.ByProgramme, records.ByRegion,
		records.ByPaymentState, records.ByAccountingPeriod, records.FromAccountingPeriod, records.ToAccountingPeriod, records.ByTranche, records.FromDay, records.ToDay)
	find("/v1/samples", read, r.Samples).query(records.SampleSeed, records.SampleSize, records.BySubject, records.ByBatch, records.ByProgramme,
		records.ByRegion, records.ByPeriod, records.ByPaymentState, records.ByMinAmount, records.ByMaxAmount, records.ByApprover,
		records.ByReturnReason, records.ByKind, records.ByAccountingPeriod).query(records.PaymentFilters()...)
	list("/v1/totals", r.Totals, lists.Totals(index.AllDimensions()).Heads()).query(records.ByDimensions, records.ByRegion, records.ByProgramme,
		records.ByBatch, records.ByKind, records.ByPaymentState, records.ByPeriod, records.ByAccountingPeriod, records.FromPeriod,
		records.ToPeriod, records.FromAccountingPeriod, records.ToAccountingPeriod)
	find("/v1/payments/:id", read, r.Payment)
	trail("/v1/payments/:id/trail", r.PaymentTrail)
	find("/v1/payments/:id/duties", read, r.PaymentDuties)
	find("/v1/subjects/:ref", read, r.Subject)
	trail("/v1/subjects/:ref/trail", r.SubjectTrail)
	list("/v1/subjects/:ref/cases", r.SubjectCases, lists.Claims.Heads())
	list("/v1/officials", r.Officials, lists.Officials.Heads()).query(limit, records.OfficialCursor, records.ByAgency, records.ByOfficialState)
	find("/v1/officials/:agency/:name", read, r.Official)
	list("/v1/certificates", r.Certificates, lists.Certificates.Heads())
	g.get("/v1/subjects/:ref/copy", r.Copy).fails(problem.OfContracts()...)
	list("/v1/officials/:agency/:name/acts", r.OfficialActs, lists.Transactions.Heads()).query(limit, cursor, records.ByAct, records.FromDay, records.ToDay)
	list("/v1/accounts", r.Accounts, lists.Accounts.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByAccountState)
	find("/v1/accounts/:id", read, records.One(r, relief.KindAccount, relief.ParseAccountID))
	list("/v1/overpayments", r.Overpayments, lists.Overpayments.Heads()).query(limit, rest.IDCursor, records.ByProgramme, records.ByRegion,
		records.ByOverpaymentState).fails(problem.OfContracts()...)
	find("/v1/overpayments/:id", read, r.Overpayment).fails(problem.OfContracts()...)
	trail("/v1/overpayments/:id/trail", r.OverpaymentTrail)
	list("/v1/erasures", r.Erasures, lists.Erasures.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByErasureState)
	list("/v1/erasures/due", r.DueErasures, lists.DueErasures.Heads()).query(limit, cursor, records.ByRegion).fails(problem.OfContracts()...)
	find("/v1/erasures/:ref", read, r.Erasure)
	list("/v1/reseals", a.reseals.List, lists.Reseals.Heads()).query(limit, rest.IDCursor, records.ByRegion, reseals.ByState)
	find("/v1/reseals/waiting", read, a.reseals.Waiting).query(reseals.ByCounty)
	find("/v1/reseals/:id", read, records.One(r, relief.KindReseal, relief.ParseResealID))
	list("/v1/links", r.Links, lists.Links.Heads()).query(limit, rest.IDCursor, records.ByRegion, records.ByLinkState)
	find("/v1/links/:ref", read, r.Link)
	list("/v1/holds", r.Holds, lists.Holds.Heads()).query(limit, rest.IDCursor, records.ByHoldState)
	find("/v1/holds/:id", read, records.One(r, relief.KindHold, relief.ParseHoldID))
	list("/v1/transactions", r.ListTransactions, lists.Transactions.Heads()).query(limit, cursor, records.ByValid, records.By, records.ByAct,
		records.FromDay, records.ToDay, records.ByRegion, records.ByAgency)
	list("/v1/transactions/counts", r.ActCounts, lists.ActCounts.Heads()).query(limit, records.By, records.ByAct, records.FromDay, records.ToDay,
		records.ByRegion, records.ByAgency)
	find("/v1/transactions/:id", "", r.Transaction)
	g.get("/v1/feed", a.feed.Feed).query(rest.AtLeast, limit, feed.Since, feed.ByKind, records.ByAct, records.ByRegion, records.ByAgency).
		fails(problem.NotAcceptable)
	g.get("/v1/readings", a.core.Reading(relief.ActReadingList, r.Readings)).file(lists.Readings.Heads()).query(rest.AtLeast, limit, records.AfterRead, records.ByReader,
		records.BySubject, records.FromDay, records.ToDay, records.ByPurpose, records.ByAgency).fails(problem.NotAcceptable)
	list("/v1/key-epochs", r.KeyEpochs, lists.KeyEpochs.Heads()).query(records.ByRegion).fails(problem.OfContracts()...)
	list("/v1/unreadable", r.Unreadable, lists.Unreadable.Heads())

	list("/v1/rolls/:programme/:county/entries", r.RollEntries, lists.RollEntries.Heads()).
		query(limit, cursor, records.ByRegion, records.ByClass, records.ByEntryState).query(records.EntryFilters()...)
	g.get("/v1/rolls/:programme/:county/people", r.RollPeople).file(lists.RollPeople.Heads()).
		query(limit, cursor, records.ByRegion, records.ByClass, records.ByEntryState).query(records.EntryFilters()...).fails(problem.OfContracts()...).fails(problem.NotAcceptable)
	list("/v1/imports", a.imports.List, lists.Imports.Heads()).query(limit, rest.IDCursor, records.ByProgramme, records.ByRegion, imports.ByState)
	find("/v1/imports/:id", read, a.imports.Get)
	list("/v1/imports/:id/lines", a.imports.Lines, imports.Table.Heads()).
		query(imports.ByKind, limit, imports.Place).fails(problem.OfContracts()...)
	trail("/v1/imports/:id/trail", r.ImportTrail)
	list("/v1/rerates", a.rerates.List, lists.Rerates.Heads()).query(limit, rest.IDCursor, records.ByProgramme, records.ByRegion, rerates.ByState)
	find("/v1/rerates/:id", read, a.rerates.Get)
	list("/v1/rerates/:id/people", a.rerates.People, rerates.Table.Heads()).query(rerates.ByKind, rerates.After).
		fails(problem.OfContracts()...)

	list("/v1/cases", a.cases.Cases, lists.Cases.Heads()).query(limit, cursor, casework.ByList, casework.ByBefore, casework.ByOverdue,
		casework.ByProgramme, casework.ByRegion, casework.ByCaseState)
	find("/v1/cases/:id", read, records.One(r, relief.KindCase, relief.ParseCaseID))
	trail("/v1/cases/:id/trail", r.CaseTrail)
	find("/v1/cases/:id/duties", read, r.CaseDuties)
	g.get("/v1/cases/:id/facts", a.cases.Facts).query(casework.OfReview, casework.OfAct).fails(problem.OfContracts()...)
	g.get("/v1/cases/:id/evidence/:hash", a.cases.GetEvidence).fails(problem.OfContracts()...).
		fails(problem.KeptElsewhere, problem.FileErased, problem.FileLost, problem.StoreAway)
	list("/v1/needs", a.cases.Needs, lists.Needs.Heads()).query(limit, rest.IDCursor, casework.ByRegion, casework.ByNeedState)
	find("/v1/needs/:id", read, records.One(r, relief.KindNeed, relief.ParseNeedID))
	list("/v1/claims", a.cases.Claims, lists.Cases.Heads()).query(limit, rest.IDCursor, casework.ByRegion, casework.ByClaimState)
	list("/v1/changes", a.cases.Changes, lists.Changes.Heads()).query(limit, rest.IDCursor, casework.ByProgramme, casework.ByRegion,
		casework.ByChangeState, casework.ByChangeKind)
	find("/v1/changes/:id", read, records.One(r, relief.KindChange, relief.ParseChangeID))
	g.get("/v1/changes/:id/payee", a.cases.ChangePayees).fails(problem.OfContracts()...)
	find("/v1/matches/sources", "", a.cases.MatchSources)

	withLog := g.with(a.core.Handle(a.public.PaymentPages.There))
	withLog.get("/v1/payments/:id/receipt", a.core.Reading(relief.ActReadPerson, a.public.Receipt)).query(rest.AtLeast, public.ReceiptFormat, public.ReceiptPrint).
		fails(problem.WrongState, problem.ReceiptsElsewhere, problem.NotYet, problem.NoFont)
	g.get("/v1/months/:programme/:county/:period/list/sheet", a.public.VillageSheet).query(public.OfVillage, rest.AtLeast).
		fails(problem.OfContracts()...).fails(problem.NotYet, problem.NoFont)
	withLog.get("/v1/log/alerts", a.core.Answer(read, a.public.Alerts)).query(rest.AtLeast)
	g.post("/v1/plans/:id/foresee", r.Foresee).fails(bodies...).fails(problem.OfContracts()...) // as the next one
	g.post("/v1/subjects/lookup", r.LookUpSubject).fails(bodies...).fails(problem.LookUpsSpent) // reads only: takes no Idempotency-Key
}

// jobs: a stream lasts as long as its job, so it takes no place among the reads at a time.
func (a *API) jobs(g group) {
	g.get("/v1/jobs/:id", a.uploads.Job).fails(problem.NotAcceptable)
	g.get("/v1/jobs/:id/refusals", a.uploads.Refusals).file(uploads.Refusals.Heads())
}

// yearExports: archives that an official asks for, who alone follows, gets and deletes them.
func (a *API) yearExports(g group, idempotent gin.HandlerFunc) {
	x := a.exports
	g.with(idempotent).fails(bodies, keys).post("/v1/exports", x.Start).answers(http.StatusAccepted)
	g.get("/v1/exports", x.List).file(lists.YearExports.Heads())
	g.get("/v1/exports/:id", x.Get)
	g.with(idempotent).fails([]*problem.Kind{problem.KeyMissing}).delete("/v1/exports/:id", x.Delete).answers(http.StatusNoContent)
	g.with(a.deadline(rest.UploadTime), a.admit(a.files)).get("/v1/exports/:id/archive", x.Archive).
		answers(http.StatusOK, http.StatusPartialContent, http.StatusNotModified).fails(problem.WrongState, problem.OutsideRange)
}

// receiptPages: the receipts of a list, one a page, which an official orders and alone gets.
func (a *API) receiptPages(g group, idempotent gin.HandlerFunc) {
	p, none := a.printing, []*problem.Kind{problem.NotFound}
	there := g.with(a.core.Handle(a.public.PaymentPages.There)).fails(none)
	there.with(idempotent).fails(bodies, keys).post("/v1/batches/:id/receipts", p.Start).answers(http.StatusAccepted).
		fails(problem.WrongState, problem.ReceiptsElsewhere)
	there.with(a.deadline(rest.UploadTime), a.admit(a.files)).get("/v1/jobs/:id/receipts", p.Pages).fails(problem.WrongState, problem.ReceiptsElsewhere)
}

// finance: the bank's paths, which are closed at any other agency's gateway.
func (a *API) finance(g group) {
	b, limit := a.bank, a.core.Limit()
	g.get("/v1/batches/:id/payment-file", b.PaymentFile).query(bankapi.Part).fails(problem.FileErased)
	g.get("/v1/batches/:id/reconciliation", b.BatchReport).file(bankapi.Report.Heads())
	g.get("/v1/tranches/:id/reconciliation", b.AccountReport).file(bankapi.Report.Heads())
	g.get("/v1/statements", b.Statements).file(bankapi.StatementTable.Heads()).query(limit, rest.Cursor)
	g.get("/v1/statements/:id", b.Statement)
	g.get("/v1/exceptions", b.Exceptions).file(bankapi.ExceptionTable.Heads()).
		query(limit, rest.Cursor, bankapi.ByState, bankapi.ByReason, bankapi.ByBatch, bankapi.ByStatement, bankapi.ByCode, bankapi.BySide)
	g.get("/v1/exceptions/:id", b.Exception)
}

// acts: what each principal may do, the contracts decide.
func (a *API) acts(g group) {
	r, s := a.records, a.core
	const proposals = "/v1/registry/proposals"
	g.creates(proposals, rest.Create(s, api.RegistryPropose, proposals+"/"))
	g.changes(proposals+"/:id/agree", rest.Change(s, api.RegistryAgree, "id", relief.ParseProposalID))
	g.changes(proposals+"/:id/withdraw", rest.Change(s, api.RegistryWithdraw, "id", relief.ParseProposalID))
	g.creates("/v1/officials", r.RegisterOfficial)
	g.changes("/v1/officials/:agency/:name/retire", r.RetireOfficial)
	g.changes("/v1/officials/:agency/:name/revoke", r.RevokeOfficial)
	g.creates("/v1/programmes", rest.Create(s, api.ProgrammeDraft, "/v1/programmes/"))
	g.changes("/v1/programmes/:id/enact", rest.Change(s, api.ProgrammeEnact, "id", relief.ParseProgrammeID))
	g.changes("/v1/programmes/:id/end", rest.Change(s, api.ProgrammeEnd, "id", relief.ParseProgrammeID))
	rate := func(path string, handler rest.Handler) { g.changes("/v1/programmes/:id/rates"+path, handler) }
	rate("", rest.Change(s, api.ProgrammeProposeRate, "programme", relief.ParseProgrammeID))
	rate("/confirm", rest.Change(s, api.ProgrammeConfirmRate, "programme", relief.ParseProgrammeID))
	rate("/withdraw", rest.Change(s, api.ProgrammeWithdrawRate, "programme", relief.ParseProgrammeID))
	g.post("/v1/rolls/:programme/:county/takings", a.imports.Take).answers(http.StatusAccepted)
	g.changes("/v1/imports/:id/confirm", a.imports.Confirm)
	g.changes("/v1/imports/:id/withdraw", a.imports.Withdraw)
	g.post("/v1/rolls/:programme/:county/rerates", a.rerates.Propose).answers(http.StatusAccepted)
	g.changes("/v1/rerates/:id/confirm", a.rerates.Confirm)
	g.changes("/v1/rerates/:id/withdraw", rest.Change(s, api.RollWithdrawRerate, "id", relief.ParseRerateID))
	g.creates("/v1/erasures", r.ProposeErasure)
	g.changes("/v1/erasures/:ref/confirm", r.ConfirmErasure)
	g.changes("/v1/erasures/:ref/withdraw", r.WithdrawErasure)
	g.post("/v1/reseals", a.reseals.Propose).answers(http.StatusAccepted)
	g.post("/v1/reseal-confirmations", a.reseals.Confirm).answers(http.StatusAccepted)
	g.creates("/v1/links", a.cases.ProposeLink).fails(problem.LookUpsSpent)
	g.changes("/v1/links/:ref/confirm", r.ConfirmLink)
	g.changes("/v1/links/:ref/withdraw", r.WithdrawLink)
	g.creates("/v1/holds", r.PlaceHold)
	g.changes("/v1/holds/:id/lift", rest.Change(s, api.PersonLiftHold, "id", relief.ParseHoldID))
	g.creates("/v1/accounts", r.DeclareAccount)
	g.changes("/v1/accounts/:id/confirm", r.ConfirmAccount)
	g.changes("/v1/accounts/:id/end", rest.Change(s, api.RollEndAccount, "id", relief.ParseAccountID))
	const over = "/v1/overpayments/:id"
	g.changes(over+"/recoveries", r.Recover)
	g.changes(over+"/recoveries/confirm", rest.Change(s, api.OverpaymentConfirmRecovery, "id", relief.ParseOverpaymentID))
	g.changes(over+"/deductions", rest.Change(s, api.OverpaymentDeduct, "id", relief.ParseOverpaymentID))
	g.changes(over+"/deductions/confirm", rest.Change(s, api.OverpaymentConfirmDeduction, "id", relief.ParseOverpaymentID))
	g.changes(over+"/write-offs", rest.Change(s, api.OverpaymentWriteOff, "id", relief.ParseOverpaymentID))
	g.changes(over+"/write-offs/confirm", rest.Change(s, api.OverpaymentConfirmWriteOff, "id", relief.ParseOverpaymentID))
	g.changes(over+"/withdraw", rest.Change(s, api.OverpaymentWithdraw, "id", relief.ParseOverpaymentID))
	g.creates("/v1/tranches", rest.Create(s, api.FundIssue, "/v1/tranches/"))
	g.creates("/v1/tranches/:id/allocations", rest.CreateUnder(s, api.FundAllocate, "/v1/tranches/", "parent", relief.ParseTrancheID))
	const tranche = "/v1/tranches/:id"
	g.changes(tranche+"/top-ups", rest.Change(s, api.FundTopUp, "id", relief.ParseTrancheID))
	g.changes(tranche+"/take-backs", rest.Change(s, api.FundTakeBack, "id", relief.ParseTrancheID))
	g.changes(tranche+"/carry-overs", rest.Change(s, api.FundCarryOver, "id", relief.ParseTrancheID))
	g.changes(tranche+"/refunds", rest.Change(s, api.FundRefund, "id", relief.ParseTrancheID))
	g.changes(tranche+"/adjustments/confirm", rest.Change(s, api.FundConfirm, "id", relief.ParseTrancheID))
	g.changes(tranche+"/adjustments/withdraw", rest.Change(s, api.FundWithdraw, "id", relief.ParseTrancheID))
	g.changes("/v1/year-ends/:id/signatures", rest.Change(s, api.FundSignYearEnd, "id", relief.ParseYearEndID))
	const month = "/v1/months/:programme/:county/:period"
	g.changes(month+"/close", r.CloseMonth)
	g.changes(month+"/list/propose", r.ProposeList)
	g.changes(month+"/list/take-down", r.TakeDownList)
	g.changes(month+"/list/decide", r.DecideList)
	const plan = "/v1/plans/:id"
	g.creates("/v1/plans", rest.Create(s, api.OversightPlan, "/v1/plans/"))
	g.changes(plan+"/commit", rest.Change(s, api.OversightCommit, "plan", relief.ParsePlanID))
	g.changes(plan+"/frame", rest.Change(s, api.OversightFrame, "plan", relief.ParsePlanID))
	g.changes(plan+"/reveal", rest.Change(s, api.OversightReveal, "plan", relief.ParsePlanID))
	g.changes(plan+"/default", rest.Change(s, api.OversightDefault, "plan", relief.ParsePlanID))
	g.changes(plan+"/draw", rest.Change(s, api.OversightDraw, "plan", relief.ParsePlanID))
	g.changes(plan+"/visits", rest.Change(s, api.OversightVisit, "plan", relief.ParsePlanID))
	g.changes(plan+"/visits/confirm", rest.Change(s, api.OversightConfirmVisit, "plan", relief.ParsePlanID))
	g.changes(plan+"/finish", rest.Change(s, api.OversightFinish, "plan", relief.ParsePlanID))
	g.changes("/v1/tranches/:id/close", rest.Change(s, api.FundClose, "id", relief.ParseTrancheID))
	g.creates("/v1/batches", rest.Create(s, api.PaymentOpen, "/v1/batches/"))
	g.changes("/v1/batches/:id/seal", rest.Change(s, api.PaymentSeal, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/approve", a.approve)
	g.changes("/v1/batches/:id/payment-file", a.bank.MakeFile)
	g.changes("/v1/batches/:id/instruct", a.bank.Instruct)
	g.changes("/v1/batches/:id/take-back", rest.Change(s, api.PaymentTakeBack, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/take-back/confirm", rest.Change(s, api.PaymentConfirmTakeBack, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/lines/remove", rest.Change(s, api.PaymentRemoveLines, "batch", relief.ParseBatchID))
	g.changes("/v1/batches/:id/control", rest.Change(s, api.PaymentSetControl, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/send-back", rest.Change(s, api.PaymentSendBack, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/hand-over", rest.Change(s, api.PaymentHandOver, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/cancel", rest.Change(s, api.PaymentCancel, "id", relief.ParseBatchID))
	g.changes("/v1/batches/:id/close", rest.Change(s, api.PaymentClose, "id", relief.ParseBatchID))
	g.post("/v1/exceptions/:id", a.bank.ResolveException).fails(indexed...)
	g.post("/v1/exceptions/resolve", a.bank.ResolveExceptions).fails(indexed...)
	g.changes("/v1/exceptions/:id/recovery", a.bank.RecoverByException)
	g.changes("/v1/statements/:id/record", a.bank.RecordStatement)
	g.creates("/v1/batches/:id/reversals", a.bank.ProposeReversal)
	g.changes("/v1/reversals/:id/confirm", a.bank.ConfirmReversal)
	g.changes("/v1/reversals/:id/withdraw", a.bank.WithdrawReversal)
	g.creates("/v1/account-statements", a.bank.RecordByHand)
	const statements = "/v1/account-statements/:id"
	g.changes(statements+"/confirm", rest.Change(s, api.StatementConfirm, "id", relief.ParseStatementID))
	g.changes(statements+"/withdraw", rest.Change(s, api.StatementWithdraw, "id", relief.ParseStatementID))
	g.changes(statements+"/withdraw/confirm", rest.Change(s, api.StatementConfirmWithdrawal, "id", relief.ParseStatementID))
}

// caseActs are the acts of the closed loop, from application to exit.
func (a *API) caseActs(g group) {
	k, s := a.cases, a.core
	g.creates("/v1/cases", k.Apply).fails(problem.LookUpsSpent)
	g.creates("/v1/cases/adoptions", rest.Create(s, api.CaseAdopt, "/v1/cases/"))
	g.changes("/v1/cases/files", k.File).fails(problem.LookUpsSpent)
	g.changes("/v1/cases/:id/evidence", rest.Change(s, api.CaseAttach, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/questions", rest.Change(s, api.CaseAsk, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/matches", rest.Change(s, api.CaseMatch, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/matches/answers", rest.Change(s, api.CaseAnswerMatch, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/notices", rest.Change(s, api.CaseNotice, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/objections", rest.Change(s, api.CaseObject, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/objections/answers", rest.Change(s, api.CaseAnswer, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/decision", k.Decide)
	g.changes("/v1/cases/:id/decision/township", k.DecideTownship)
	g.changes("/v1/cases/:id/decision/confirm", rest.Change(s, api.CaseConfirmTownship, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/withdraw", rest.Change(s, api.CaseWithdraw, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/reviews", k.PrepareReview).fails(problem.LookUpsSpent)
	g.changes("/v1/cases/:id/reviews/confirm", rest.Change(s, api.CaseConfirm, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/appeals", rest.Change(s, api.CaseAppeal, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/appeals/decision", rest.Change(s, api.CaseDecideAppeal, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/claims/confirm", rest.Change(s, api.CaseConfirmClaim, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/claims/contest", rest.Change(s, api.CaseContestClaim, "case", relief.ParseCaseID))
	g.changes("/v1/cases/:id/notes", rest.Change(s, api.CaseNote, "case", relief.ParseCaseID))
	g.creates("/v1/changes", k.ProposeChange).fails(problem.LookUpsSpent)
	g.changes("/v1/changes/:id/confirm", rest.Change(s, api.RollConfirmChange, "change", relief.ParseChangeID))
	g.changes("/v1/changes/:id/withdraw", rest.Change(s, api.RollWithdrawChange, "change", relief.ParseChangeID))
	g.creates("/v1/needs", rest.Create(s, api.NeedFind, "/v1/needs/"))
	g.changes("/v1/needs/:id/dismiss", rest.Change(s, api.NeedDismiss, "need", relief.ParseNeedID))
}

// takeFiles: files are taken to disk and worked through in the background.
func (a *API) takeFiles(g group) {
	u := a.uploads
	g.post("/v1/programmes/:id/roll", u.Roll).query(uploads.From, uploads.Import).answers(http.StatusAccepted).fails(problem.BadFile)
	g.put("/v1/batches/:id/lines", u.Lines).answers(http.StatusAccepted).fails(problem.BadFile)
	g.post("/v1/batches/:id/due", u.Due).answers(http.StatusAccepted)
	g.post("/v1/batches/:id/settlements", a.settlements).query(bankapi.Profile).
		answers(http.StatusOK, http.StatusAccepted).fails(problem.BadFile)
	g.post("/v1/statements", a.bank.PutStatement).query(bankapi.Profile).
		answers(http.StatusOK, http.StatusAccepted).fails(problem.BadFile)
	g.post("/v1/cases/files/:act", u.Acts).answers(http.StatusAccepted).fails(problem.BadFile, problem.LookUpsSpent)
	g.put("/v1/cases/:id/evidence/files", a.cases.PutEvidence).answers(http.StatusCreated).fails(problem.StoreAway, problem.TooManyFiles)
}

// settlements takes the bank's own file to the bank desk, and a list of answers as a job.
func (a *API) settlements(c *gin.Context) error {
	if bankapi.OwnFile(c) {
		return a.bank.PutSettlements(c)
	}
	return a.uploads.Settlements(c)
}

// approve is the one act whose contract function depends on whose gateway it is: civil affairs approves, finance authorises.
// At any other agency the contract refuses.
func (a *API) approve(c *gin.Context) error {
	kind, err := a.core.AgencyKind(c)
	if err != nil {
		return err
	}
	if kind == registry.KindFinance {
		return a.bank.Authorise(c)
	}
	return rest.Change(a.core, api.PaymentApprove, "id", relief.ParseBatchID)(c)
}

// creates is an act that makes a record; its end may not be known in time.
func (g group) creates(path string, handle rest.Handler) *route {
	return g.post(path, handle).answers(http.StatusCreated, http.StatusAccepted)
}

// changes is an act that changes a record.
func (g group) changes(path string, handle rest.Handler) *route {
	return g.post(path, handle).answers(http.StatusOK, http.StatusAccepted)
}
