import type { RouteLocationRaw } from "vue-router";
import { api, read, type Schemas } from "../api/client";
import { duties as measureDuties, waiting as undecided } from "../claims/measures";
import { open, proposer } from "../funds/adjustments";
import { lastBy } from "../parts/decision";
import { all } from "../parts/list";
import { next, preparers } from "../payments/next";
import { ends } from "../registry/certificates";
import { lapses } from "../registry/sections";
import { isMe, may, official } from "../shell/official";
import { programmes, terms } from "../shell/reference";
import { asks, proposedBy } from "../statements/classify";
import { half } from "../words";
import { add } from "../words/money";
import { day, dueOf, today } from "../words/time";

// One thing that waits for an official.
export interface Item {
  id: string;
  to?: RouteLocationRaw; // a page of the workplace
  href?: string; // a page beside it
  region?: string | undefined;
  programme?: string | undefined;
  due?: string | undefined;
  sum?: string;
}

// A work list: what waits for whom holds one of the duties. read gives the first items; more says that there are others.
export interface WorkList {
  name: string; // of its words
  duties: string[];
  kinds: string[]; // the kinds of records that change it
  href?: string; // where it is shown whole
  read: () => Promise<{ items: Item[]; more: boolean }>;
}

type Batch = Schemas["Batch"];
const limit = 100;

// batches are those in a state that wait for an act, which this official may do.
function batches(name: string, act: string, state: Batch["state"], mine: (batch: Batch) => boolean = () => true): WorkList {
  return {
    name, duties: [act], kinds: ["batch"],
    read: async () => {
      const page = await read(api.GET("/v1/batches", { params: { query: { state, limit } } }));
      const found = page.items.filter((each) => next(each) === act && mine(each));
      return {
        more: Boolean(page.next),
        items: found.map((each) => ({
          id: each.id, to: { name: "batch", params: { id: each.id } }, region: each.region, programme: each.programme, sum: each.control.sum,
          due: dueOf(each.period, terms(each.programme)?.pay_by_day ?? 31),
        })),
      };
    },
  };
}

type CaseQuery = NonNullable<NonNullable<Parameters<typeof listCases>[0]>>;
const listCases = (query: { state?: "applied" | "noticed" | "objected" | "answered" | "reviewed"; list?: "due" | "recheck" | "finding" | "papers" | "confirm" }) =>
  api.GET("/v1/cases", { params: { query: { ...query, limit } } });

// cases are worked on at the page of cases, by the name of its list.
function cases(name: string, list: string, duties: string[], query: CaseQuery): WorkList {
  return {
    name, duties, kinds: ["case"], href: `/desk#/list/${list}`,
    read: async () => {
      const page = await read(listCases(query));
      return {
        more: Boolean(page.next),
        items: page.items.map((each) => ({ id: each.id, href: `/desk#/case/${encodeURIComponent(each.id)}`, region: each.region, programme: each.programme, due: each.due ?? each.recheck_on })),
      };
    },
  };
}

// adjustments are moves of money that another official of finance has proposed.
const adjustments: WorkList = {
  name: "adjustments", duties: ["fund.confirm"], kinds: ["tranche"],
  read: async () => {
    const page = await read(api.GET("/v1/tranches", { params: { query: { state: "issued", limit } } }));
    return {
      more: Boolean(page.next),
      items: page.items.flatMap((tranche) => open(tranche).filter((each) => !isMe(proposer(tranche, each))).map((each) => ({
        id: `${tranche.id} ${each.number}`, to: { name: "tranche", params: { id: tranche.id } }, region: tranche.region, programme: tranche.programme, sum: each.amount,
      }))),
    };
  },
};

// exceptions are what did not match in the bank's files. They are in finance's gateway, not on the ledger: the feed says nothing of them.
const exceptions: WorkList = {
  name: "exceptions", duties: ["payment.settle"], kinds: [],
  read: async () => {
    const page = await read(api.GET("/v1/exceptions", { params: { query: { state: "open", limit } } }));
    return {
      more: Boolean(page.next),
      items: page.items.map((each) => ({ id: half(each.text) || each.reason, to: { name: "bank" }, due: undefined, sum: each.amount ?? "0.00" })),
    };
  },
};

// imports and changes of rolls wait for another official than who proposed them.
const imports: WorkList = {
  name: "imports", duties: ["roll.confirm_import"], kinds: ["import"],
  read: async () => {
    const page = await read(api.GET("/v1/imports", { params: { query: { state: "proposed", limit } } }));
    return { more: Boolean(page.next), items: page.items.filter((each) => !isMe(each.acts[0]?.by)).map((each) => ({ id: each.id, to: { name: "import", params: { id: each.id } }, region: each.county, programme: each.programme, sum: each.sum })) };
  },
};
const changes: WorkList = {
  name: "changes", duties: ["roll.confirm_change"], kinds: ["change"],
  read: async () => {
    const page = await read(api.GET("/v1/changes", { params: { query: { state: "proposed", limit } } }));
    return { more: Boolean(page.next), items: page.items.filter((each) => !isMe(each.acts[0]?.by)).map((each) => ({ id: each.id, to: { name: "change", params: { id: each.id } }, region: each.region, programme: each.programme })) };
  },
};

// proposals are changes of the registry that this agency has not agreed to yet.
const proposals: WorkList = {
  name: "proposals", duties: ["registry.agree"], kinds: ["proposal"],
  read: async () => {
    const page = await read(api.GET("/v1/registry/proposals", { params: { query: { state: "open", limit } } }));
    const mine = page.items.filter((each) => !each.agreed_by.includes(official.me?.agency ?? "") && lapses(each) >= today());
    return { more: Boolean(page.next), items: mine.map((each) => ({ id: each.id, to: { name: "proposal", params: { id: each.id } }, due: lapses(each) })) };
  },
};
// withoutEffect are transactions of the last 31 days that the ledger did not take, such as the second of two that raced: an auditor asks who tried, and why.
const withoutEffect: WorkList = {
  name: "withoutEffect", duties: ["read.all"], kinds: [], href: "/work/transactions?valid=false",
  read: async () => {
    const page = await read(api.GET("/v1/transactions", { params: { query: { valid: false, from: day(new Date(Date.now() - 31 * 86_400_000).toISOString()), limit } } }));
    return { more: Boolean(page.next), items: page.items.map((each) => ({ id: `${half(each.title)} · ${each.by.name}`, to: { name: "transaction", params: { id: each.transaction } } })) };
  },
};
// alerts made this gateway stop cosigning the log.
const alerts: WorkList = {
  name: "alerts", duties: ["read.all"], kinds: [],
  read: async () => ({ more: false, items: (await read(api.GET("/v1/log/alerts"))).alerts.filter((each) => each.open).map((each) => ({ id: each.kind, to: { name: "log" } })) }),
};
// What of civil affairs and finance waits for another official than who proposed it.
const rerates: WorkList = {
  name: "rerates", duties: ["roll.confirm_rerate"], kinds: ["rerate"],
  read: async () => {
    const { items, more } = await all<Schemas["Rerate"]>((cursor) => api.GET("/v1/rerates", { params: { query: { state: "proposed", limit, cursor } } }));
    return { more, items: items.filter((each) => !isMe(each.acts[0]?.by)).map((each) => ({ id: each.id, to: { name: "rerate", params: { id: each.id } }, region: each.county, programme: each.programme, sum: each.more })) };
  },
};
const drafts: WorkList = {
  name: "drafts", duties: ["programme.enact"], kinds: ["programme"],
  read: async () => {
    const { items, more } = await all<Schemas["Programme"]>((cursor) => api.GET("/v1/programmes", { params: { query: { limit, cursor } } }));
    return { more, items: items.flatMap((each) => each.versions.filter((version) => version.state === "drafted").map((version) => ({ id: `${each.id} ${version.version}`, to: { name: "programme", params: { id: each.id } }, region: version.region, programme: each.id }))) };
  },
};
const rates: WorkList = {
  name: "rates", duties: ["programme.confirm_rate"], kinds: ["rate"],
  read: async () => {
    const of = programmes().filter((each) => each.versions.some((version) => (version.from_programmes?.length ?? 0) > 0));
    const found = await Promise.all(of.map(async ({ id }) => (await read(api.GET("/v1/programmes/{id}/rates", { params: { path: { id } } }))).items));
    return { more: false, items: found.flat().filter((each) => each.state === "proposed" && !isMe(lastBy(each, "programme.propose_rate"))).map((each) => ({ id: `${each.programme} ${each.period}`, to: { name: "programme", params: { id: each.programme } }, region: each.region, programme: each.programme })) };
  },
};
const measures: WorkList = {
  name: "measures", duties: Object.values(measureDuties).map((each) => each.confirm), kinds: ["overpayment"],
  read: async () => {
    const { items, more } = await all<Schemas["Overpayment"]>((cursor) => api.GET("/v1/overpayments", { params: { query: { state: "open", limit, cursor } } }));
    return { more, items: items.flatMap((each) => undecided(each, may).map((measure) => ({ id: `${each.id} ${measure.number}`, to: { name: "overpayment", params: { id: each.id } }, region: each.region, programme: each.programme, sum: measure.amount }))) };
  },
};
const reversals: WorkList = {
  name: "reversals", duties: ["reversal.confirm"], kinds: ["reversal"],
  read: async () => {
    const { items, more } = await all<Schemas["Reversal"]>((cursor) => api.GET("/v1/reversals", { params: { query: { state: "proposed", limit, cursor } } }));
    return { more, items: items.filter((each) => !isMe(lastBy(each, "reversal.propose"))).map((each) => ({ id: `${each.batch} ${each.id.slice(0, 8)}`, to: { name: "reversal", params: { id: each.id } }, region: each.region, sum: add(each.items.map((item) => item.amount)) })) };
  },
};
const statements: WorkList = {
  name: "statements", duties: ["statement.confirm", "statement.confirm_withdrawal"], kinds: ["statement"],
  read: async () => {
    const { items, more } = await all<Schemas["AccountStatement"]>((cursor) => api.GET("/v1/account-statements", { params: { query: { limit, cursor } } }));
    return { more, items: items.filter((each) => asks(each) && may(asks(each) === "withdrawal" ? "statement.confirm_withdrawal" : "statement.confirm") && !isMe(proposedBy(each))).map((each) => ({ id: `${each.bank_id} ${each.day}`, to: { name: "statement", params: { id: each.id } }, region: each.region, sum: each.closing })) };
  },
};
const yearEnds: WorkList = {
  name: "yearEnds", duties: ["fund.sign_year_end"], kinds: ["year_end"],
  read: async () => {
    const { items, more } = await all<Schemas["SignedYearEnd"]>((cursor) => api.GET("/v1/year-ends", { params: { query: { limit, cursor } } }));
    return { more, items: items.filter((each) => each.state === "begun" && !each.signatures.some((one) => one.agency === official.me?.agency)).map((each) => ({ id: each.id, to: { name: "year-end", params: { id: each.id } }, region: each.county, sum: each.available })) };
  },
};

const accounts: WorkList = {
  name: "accounts", duties: ["roll.confirm_account"], kinds: ["account"],
  read: async () => {
    const { items, more } = await all<Schemas["SharedAccount"]>((cursor) => api.GET("/v1/accounts", { params: { query: { state: "proposed", limit, cursor } } }));
    return { more, items: items.filter((each) => !isMe(each.acts[0]?.by)).map((each) => ({ id: each.id, to: { name: "shared-account", params: { id: each.id } }, region: each.county })) };
  },
};
const links: WorkList = {
  name: "links", duties: ["person.confirm_link"], kinds: ["link"],
  read: async () => {
    const { items, more } = await all<Schemas["Link"]>((cursor) => api.GET("/v1/links", { params: { query: { state: "proposed", limit, cursor } } }));
    return { more, items: items.filter((each) => !isMe(each.acts[0]?.by)).map((each) => ({ id: each.earlier, to: { name: "link", params: { subject: each.earlier } }, region: each.region })) };
  },
};

// published are lists to publish, to correct or to take down, which another official has proposed. One that was never shown has a last day.
const published: WorkList = {
  name: "published", duties: ["oversight.decide_list"], kinds: ["publication"],
  read: async () => {
    const of = (state: "proposed" | "changing") => all<Schemas["Publication"]>((cursor) => api.GET("/v1/publications", { params: { query: { state, limit, cursor } } }));
    const [fresh, changing] = await Promise.all([of("proposed"), of("changing")]);
    const mine = [...fresh.items, ...changing.items].filter((each) => !isMe(lastBy(each, each.proposed?.month ? "oversight.propose_list" : "oversight.take_down_list")));
    return {
      more: fresh.more || changing.more,
      items: mine.map((each) => ({
        id: `${each.programme} ${each.period}`, to: { name: "month", params: { programme: each.programme, county: each.county, period: each.period } }, region: each.county, programme: each.programme,
        due: each.first_shown ? undefined : each.due,
      })),
    };
  },
};
// certificates of the agency's officials end: the operator renews them, or the officials enrol again.
const certificates: WorkList = {
  name: "certificates", duties: ["official.register"], kinds: ["official"], href: "/work/officials",
  read: async () => {
    const { agency, items } = (await read(api.GET("/v1/certificates"))) as Schemas["Certificates"];
    return { more: false, items: items.filter(ends).map((each) => ({ id: each.name, to: { name: "official", params: { agency, name: each.name } }, due: day(each.not_after) })) };
  },
};

export const workLists: WorkList[] = [
  batches("open", "payment.seal", "open", (each) => isMe(preparers(each).at(-1))),
  batches("approve", "payment.approve", "sealed", (each) => !preparers(each).some(isMe)),
  batches("makeFile", "payment.make_file", "approved"),
  batches("authorise", "payment.authorise", "approved", (each) => !isMe(lastBy(each, "payment.make_file"))),
  batches("instruct", "payment.instruct", "authorised"),
  batches("takeBack", "payment.confirm_take_back", "instructed", (each) => !isMe(lastBy(each, "payment.take_back"))),
  batches("settle", "payment.settle", "instructed"),
  batches("close", "payment.close", "instructed"),
  exceptions,
  adjustments,
  imports,
  changes,
  alerts,
  withoutEffect,
  proposals,
  rerates,
  drafts,
  rates,
  measures,
  reversals,
  statements,
  yearEnds,
  published,
  certificates,
  accounts,
  links,
  cases("caseDue", "due", ["case.decide"], { list: "due" }),
  cases("caseNew", "new", ["case.notice", "case.attach"], { state: "applied" }),
  cases("caseObjections", "objections", ["case.answer"], { state: "objected" }),
  cases("caseReviews", "recheck", ["case.confirm"], { state: "reviewed" }),
  cases("caseRecheck", "recheck", ["case.review"], { list: "recheck" }),
  cases("casePapers", "papers", ["case.attach"], { list: "papers" }),
  cases("caseTownship", "confirm", ["case.confirm_township"], { list: "confirm" }),
];

export const listsOfMine = () => workLists.filter((list) => list.duties.some(may));
