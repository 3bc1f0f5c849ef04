package httpapi

import (
	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/web"
)

// routes says what there is and who may call it.
func (a *API) routes(pages *web.Pages) {
	a.engine.Use(a.observe, a.recover, a.cors)
	a.engine.NoRoute(func(c *gin.Context) { a.fail(c, kindNoPath.detail("The paths are listed at /docs.")) })
	a.engine.NoMethod(func(c *gin.Context) { a.fail(c, kindMethod.detail("See the header Allow.")) })

	// Anyone. Nothing here tells of a person or a payment; the pages ask for what their reader may see.
	anyone := a.engine.Group("")
	anyone.GET("/", gin.WrapF(pages.Verify))
	anyone.GET("/gateway", gin.WrapF(pages.Home))
	anyone.GET("/desk", gin.WrapF(pages.Desk))
	anyone.GET("/notices", gin.WrapF(pages.Notices))
	anyone.GET("/docs", gin.WrapF(pages.Docs))
	anyone.GET("/assets/:name", a.asset(pages))
	anyone.GET("/problems/:slug", a.problemPage(pages))
	anyone.GET("/openapi.yaml", a.openAPI)
	anyone.GET("/healthz", a.healthz)
	anyone.GET("/readyz", a.readyz)
	anyone.GET("/metrics", a.metrics.handler)

	// Anyone, so many requests a second from one address: the transparency log and what it proves.
	log := a.engine.Group("/log", a.withLog)
	log.GET("/checkpoint", a.checkpoint)
	log.GET("/newest", a.newestCheckpoint)
	log.GET("/cosignatures", a.cosignatures)
	log.GET("/tile/*path", a.limited, a.tile)
	public := a.engine.Group("/public/v1", a.limited, a.withLog)
	public.GET("/keys", a.keys)
	public.GET("/receipts/*hash", a.checkHash)
	public.POST("/verify", a.verify)
	// Masked, and only while a public notice runs.
	a.engine.GET("/public/v1/notices", a.limited, a.notices)

	// Principals. What each may do or read, the contracts decide.
	principals := a.engine.Group("/v1", a.authenticate)
	a.reads(principals.Group(""))
	a.acts(principals.Group("", a.idempotent, a.admit(a.writes)))
	a.cases(principals.Group("", a.idempotent, a.admit(a.writes)))
	queries := principals.Group("", a.deadline(bodyTime+a.MatchingTime), a.idempotent, a.admit(a.queries))
	queries.POST("/cases/:id/matches/queries", a.queryMatches)
	queries.POST("/needs/queries", a.queryNeeds)
	a.files(principals.Group("", a.deadline(uploadTime), a.idempotent, a.admit(a.uploads)))
}

func (a *API) reads(g *gin.RouterGroup) {
	const read = relief.ActRead
	g.GET("/me", a.answer("", a.readMe))
	g.GET("/registry", a.answer("", a.readRegistry))
	g.GET("/programmes", a.answer(read, a.records(relief.KindProgramme, everything), "limit", "cursor"))
	g.GET("/programmes/:id", a.answer(read, a.record(relief.KindProgramme, idOf(programmeID))))
	g.GET("/tranches", a.answer(read, a.records(relief.KindTranche, trancheFilter), "limit", "cursor", "programme", "region", "state"))
	g.GET("/tranches/:id", a.answer(read, a.record(relief.KindTranche, idOf(trancheID))))
	g.GET("/tranches/:id/trail", a.reading(read, a.trancheTrail, "format"))
	g.GET("/batches", a.answer(read, a.listBatches, "limit", "cursor", "programme", "period", "state", "region", "tranche"))
	g.GET("/batches/:id", a.answer(read, a.record(relief.KindBatch, idOf(batchID))))
	g.GET("/batches/:id/lines", a.reading(read, a.batchLines, "limit", "cursor"))
	g.GET("/batches/:id/trail", a.reading(read, a.batchTrail, "format"))
	g.GET("/payments", a.answer(read, a.listPayments, "limit", "cursor", "subject", "batch", "programme", "region", "period", "state",
		"min_amount", "max_amount", "approver", "return_reason"))
	g.GET("/payments/:id", a.answer(read, a.getPayment))
	g.GET("/payments/:id/trail", a.reading(read, a.paymentTrail, "format"))
	g.GET("/payments/:id/receipt", a.withLog, a.reading(read, a.paymentReceipt, "format"))
	g.GET("/log/alerts", a.withLog, a.answer(read, a.alerts))
	g.GET("/subjects/:ref", a.answer(read, a.getSubject))
	g.GET("/subjects/:ref/trail", a.reading(read, a.subjectTrail, "format"))
	g.POST("/subjects/lookup", a.lookupSubject) // reads only: takes no Idempotency-Key
	g.GET("/officials/:agency/:name/acts", a.answer(read, a.officialActs, "limit", "cursor", "act"))
	g.GET("/payments/:id/duties", a.answer(read, a.paymentDuties))
	g.GET("/subjects/:ref/cases", a.answer(read, a.subjectCases))
	g.GET("/cases", a.answer(read, a.listCases, "limit", "cursor", "list", "before", "programme", "region", "state"))
	g.GET("/cases/:id", a.answer(read, a.record(relief.KindCase, idOf(caseID))))
	g.GET("/cases/:id/trail", a.reading(read, a.caseTrail, "format"))
	g.GET("/cases/:id/duties", a.answer(read, a.caseDuties))
	g.GET("/cases/:id/facts", a.caseFacts)
	g.GET("/cases/:id/evidence/:hash", a.getEvidence)
	g.GET("/matches/sources", a.answer("", a.matchSources))
	g.GET("/needs", a.answer(read, a.records(relief.KindNeed, needFilter), "limit", "cursor", "region", "state"))
	g.GET("/needs/:id", a.answer(read, a.record(relief.KindNeed, idOf(needID))))
	g.GET("/duties", a.answer("", a.listDuties))
	g.GET("/jobs/:id", a.getJob)
	g.GET("/jobs/:id/refusals", a.jobRefusals)
	g.GET("/transactions", a.answer(read, a.listTransactions, "limit", "cursor", "valid", "by", "act"))
	g.GET("/transactions/:id", a.answer("", a.getTransaction))
	g.GET("/batches/:id/payment-file", a.paymentFile)
	g.GET("/batches/:id/reconciliation", a.batchReport)
	g.GET("/tranches/:id/reconciliation", a.trancheReport)
	g.GET("/statements", a.listStatements)
	g.GET("/statements/:id", a.getStatement)
	g.GET("/exceptions", a.listExceptions)
	g.GET("/exceptions/:id", a.getException)
}

func (a *API) acts(g *gin.RouterGroup) {
	g.POST("/programmes", act(a, created("programme:Draft"), draftProgramme))
	g.POST("/programmes/:id/enact", act(a, done("programme:Enact"), enactProgramme))
	g.POST("/subjects/:ref/erase", act(a, done("roll:Erase"), a.eraseSubject))
	g.POST("/programmes/:id/roll/exits", act(a, done("roll:Exit"), exitRoll))
	g.POST("/tranches", act(a, created("fund:Issue"), issueTranche))
	g.POST("/tranches/:id/allocations", act(a, created("fund:Allocate"), allocateTranche))
	g.POST("/tranches/:id/refund", act(a, done("fund:Refund"), refundTranche))
	g.POST("/tranches/:id/close", act(a, done("fund:Close"), onTranche))
	g.POST("/batches", act(a, created("payment:Open"), openBatch))
	g.POST("/batches/:id/seal", act(a, done("payment:Seal"), onBatch))
	g.POST("/batches/:id/approve", act(a, a.approval(), onBatch))
	g.POST("/batches/:id/instruct", a.instruct)
	g.POST("/exceptions/:id", a.resolveException)
	g.POST("/batches/:id/cancel", act(a, done("payment:Cancel"), cancelBatch))
	g.POST("/batches/:id/close", act(a, done("payment:Close"), onBatch))
}

// cases are the acts of the closed loop, from application to exit.
func (a *API) cases(g *gin.RouterGroup) {
	g.POST("/cases", act(a, created("case:Apply"), a.applyForCase))
	g.POST("/cases/files", act(a, done("case:File"), a.fileOfActs))
	g.POST("/cases/:id/evidence", act(a, done("case:Attach"), onCase[evidenceBody]))
	g.POST("/cases/:id/matches", act(a, done("case:Match"), onCase[matchBody]))
	g.POST("/cases/:id/matches/answers", act(a, done("case:AnswerMatch"), onCase[matchAnswerBody]))
	g.POST("/cases/:id/notices", act(a, done("case:Notice"), onCase[noticeBody]))
	g.POST("/cases/:id/objections", act(a, done("case:Object"), onCase[objectionBody]))
	g.POST("/cases/:id/objections/answers", act(a, done("case:Answer"), onCase[objectionAnswerBody]))
	g.POST("/cases/:id/decision", act(a, done("case:Decide"), a.decideCase))
	g.POST("/cases/:id/withdraw", act(a, done("case:Withdraw"), onCase[nothing]))
	g.POST("/cases/:id/reviews", act(a, done("case:Review"), a.reviewCase))
	g.POST("/cases/:id/reviews/confirm", act(a, done("case:Confirm"), onCase[confirmBody]))
	g.POST("/cases/:id/suspend", act(a, done("case:Suspend"), onCase[suspendBody]))
	g.POST("/cases/:id/resume", act(a, done("case:Resume"), onCase[resumeBody]))
	g.POST("/cases/:id/appeals", act(a, done("case:Appeal"), onCase[appealBody]))
	g.POST("/cases/:id/appeals/decision", act(a, done("case:DecideAppeal"), onCase[appealDecisionBody]))
	g.POST("/needs", act(a, created("need:Find"), findNeed))
	g.POST("/needs/:id/dismiss", act(a, done("need:Dismiss"), onNeed[dismissBody]))
}

func (a *API) files(g *gin.RouterGroup) {
	g.POST("/programmes/:id/roll", a.uploadRoll)
	g.PUT("/batches/:id/lines", a.uploadLines)
	g.POST("/batches/:id/settlements", a.uploadSettlements)
	g.POST("/statements", a.uploadStatement)
	g.POST("/cases/files/:act", a.uploadActs)
	g.PUT("/cases/:id/evidence/files", a.putEvidence)
}
