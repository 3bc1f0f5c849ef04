-- The index of the ledger. One text for SQLite and PostgreSQL; sqldb/dialect.go turns the few words that differ.
-- A column place holds a tx position: block · 2^20 + index in the block. A payment's number is
-- roll · 2^45 + period · 2^32 + roll number · 2^8 + attempt, so that a county's month lies together, in roll order.
-- docs/search-index.md describes each table.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE blocks (
  number       BIGINT PRIMARY KEY,
  hash         BYTEA NOT NULL,
  transactions BIGINT NOT NULL
);

CREATE TABLE identities (
  n      BIGINT PRIMARY KEY,
  agency TEXT NOT NULL,
  name   TEXT NOT NULL,
  role   TEXT NOT NULL,
  region TEXT NOT NULL,
  UNIQUE (agency, name, role, region)
);

-- functions and validation codes; word 1 is VALID
CREATE TABLE words (n BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE);

-- who endorsed: numbers of identities, such as 2,5,9
CREATE TABLE endorsements (n BIGINT PRIMARY KEY, members TEXT NOT NULL UNIQUE);

CREATE TABLE transactions (
  place       BIGINT PRIMARY KEY,
  id          BYTEA NOT NULL,
  at          BIGINT NOT NULL, -- milliseconds since 1970
  creator     BIGINT NOT NULL,
  function    BIGINT NOT NULL,
  code        BIGINT NOT NULL,
  endorsement BIGINT NOT NULL
);
CREATE INDEX transactions_id ON transactions (id);
CREATE INDEX transactions_creator ON transactions (creator, place);
CREATE INDEX transactions_invalid ON transactions (place) WHERE code <> 1;

-- every key but roll index entries; place is that of its last valid write, 0 for none
CREATE TABLE keys (
  n     BIGINT PRIMARY KEY,
  kind  TEXT NOT NULL,
  name  TEXT NOT NULL,
  place BIGINT NOT NULL,
  UNIQUE (kind, name)
);

-- the keys that a transaction wrote or, if invalid, would have written
CREATE TABLE writes (place BIGINT, key BIGINT, PRIMARY KEY (place, key)) CLUSTERED;

-- every version of the records that are one value, as the ledger has it; deleted is 1 for a deletion, 2 for a value that cannot be read
CREATE TABLE versions (
  key     BIGINT NOT NULL,
  place   BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  value   BYTEA NOT NULL,
  PRIMARY KEY (key, place)
) CLUSTERED;

-- the values on the ledger that cannot be read, until a readable one is written under their key; raw is the key as the ledger
-- writes it. low and high are the numbers of the entries of a segment of a roll or of payees, or of the payments of lines.
CREATE TABLE unreadable (
  kind   TEXT NOT NULL,
  name   TEXT NOT NULL,
  place  BIGINT NOT NULL,
  reason TEXT NOT NULL,
  low    BIGINT NOT NULL,
  high   BIGINT NOT NULL,
  raw    BYTEA NOT NULL,
  value  BYTEA NOT NULL,
  PRIMARY KEY (kind, name)
);

-- the current packed segments; what they changed is in payments and entries
CREATE TABLE segments (key BIGINT PRIMARY KEY, value BYTEA NOT NULL);

CREATE TABLE batches (
  n          BIGINT PRIMARY KEY, -- of its key
  id         TEXT NOT NULL UNIQUE,
  programme  TEXT NOT NULL,
  region     TEXT NOT NULL,
  period     BIGINT NOT NULL, -- the accounting period
  earlier    BIGINT NOT NULL, -- the first period that it may hold payments of; its own one for none before
  roll       BIGINT NOT NULL,
  tranche    TEXT NOT NULL, -- '' when there are several sources
  state      TEXT NOT NULL,
  preparer   BIGINT NOT NULL,
  approver   BIGINT NOT NULL, -- 0 for none
  authoriser BIGINT NOT NULL, -- 0 for none
  approved   BIGINT NOT NULL  -- by civil affairs: the day since 1970, 0 for none
);
CREATE INDEX batches_roll ON batches (roll, period);
CREATE INDEX batches_tranche ON batches (tranche, id);
CREATE INDEX batches_state ON batches (state, id);
CREATE INDEX batches_approver ON batches (approver);
CREATE INDEX batches_authoriser ON batches (authoriser);
CREATE INDEX batches_preparer ON batches (preparer);
CREATE INDEX batches_approved ON batches (approved);

-- the days since 1970 on which the bank answered for payments of a batch
CREATE TABLE batch_days (batch BIGINT, day BIGINT, PRIMARY KEY (batch, day)) CLUSTERED;

-- where the transactions of a day lie, by their own time and the agencies' clock: between these places, perhaps among others
CREATE TABLE transaction_days (day BIGINT PRIMARY KEY, low BIGINT NOT NULL, high BIGINT NOT NULL);

-- the deaths by which roll entries ended: the person, the day since 1970 and the code of its month
CREATE TABLE deaths (entry BIGINT PRIMARY KEY, subject BYTEA NOT NULL, day BIGINT NOT NULL, month BIGINT NOT NULL);

-- the tranches of batches that draw on several, in their order
CREATE TABLE batch_sources (
  batch   BIGINT NOT NULL,
  source  BIGINT NOT NULL, -- from 0
  tranche TEXT NOT NULL,
  PRIMARY KEY (batch, source)
);
CREATE INDEX batch_sources_tranche ON batch_sources (tranche, batch);

-- what tranches are searched by
CREATE TABLE tranches (
  n           BIGINT PRIMARY KEY, -- of its key
  id          TEXT NOT NULL UNIQUE,
  region      TEXT NOT NULL,
  state       TEXT NOT NULL,
  fiscal_year BIGINT NOT NULL,
  parent      TEXT NOT NULL, -- '' for none
  account     TEXT NOT NULL,
  -- its balances, in fen
  issued       BIGINT NOT NULL,
  topped_up    BIGINT NOT NULL,
  recovered    BIGINT NOT NULL,
  allocated    BIGINT NOT NULL,
  reserved     BIGINT NOT NULL,
  paid         BIGINT NOT NULL,
  in_return    BIGINT NOT NULL,
  refunded     BIGINT NOT NULL,
  taken_back   BIGINT NOT NULL,
  carried_over BIGINT NOT NULL,
  available    BIGINT NOT NULL
);
CREATE INDEX tranches_region ON tranches (region, id);
CREATE INDEX tranches_fiscal_year ON tranches (fiscal_year, id);
CREATE INDEX tranches_parent ON tranches (parent, id);
CREATE INDEX tranches_account ON tranches (account, id);

-- the programmes that a tranche pays for
CREATE TABLE tranche_programmes (tranche BIGINT, programme TEXT, PRIMARY KEY (tranche, programme)) CLUSTERED;

-- the current state of cases; head is a subject reference, due, recheck, finding, papers, confirm and notice are days, '' for none
CREATE TABLE cases (
  n         BIGINT PRIMARY KEY, -- of its key
  id        TEXT NOT NULL UNIQUE,
  programme TEXT NOT NULL,
  region    TEXT NOT NULL,
  head      TEXT NOT NULL,
  state     TEXT NOT NULL,
  due       TEXT NOT NULL,
  recheck   TEXT NOT NULL,
  finding   TEXT NOT NULL,
  papers    TEXT NOT NULL,
  confirm   TEXT NOT NULL,
  notice    TEXT NOT NULL -- in UTC
);
CREATE INDEX cases_head ON cases (head);
-- Each list in its order, with all columns that filters use: a page that few cases match is found without reading the others.
CREATE INDEX cases_all ON cases (id, region, programme, state);
CREATE INDEX cases_due ON cases (due, id, region, programme, state) WHERE due <> '';
CREATE INDEX cases_recheck ON cases (recheck, id, region, programme, state) WHERE recheck <> '';
CREATE INDEX cases_finding ON cases (finding, id, region, programme, state) WHERE finding <> '';
CREATE INDEX cases_state ON cases (state, id, region, programme);
CREATE INDEX cases_papers ON cases (papers, id, region, programme, state) WHERE papers <> '';
CREATE INDEX cases_confirm ON cases (confirm, id, region, programme, state) WHERE confirm <> '';
CREATE INDEX cases_notice ON cases (id, notice, region, programme) WHERE notice <> '';

-- cases added up: those of a programme and region in one state, by the month of their re-check, '' for none. A row without cases goes.
CREATE TABLE case_totals (
  programme TEXT,
  region    TEXT,
  state     TEXT,
  recheck   TEXT,
  cases     BIGINT NOT NULL,
  PRIMARY KEY (programme, region, state, recheck)
) CLUSTERED;

-- the counties whose people a live case of another county claims, and how that stands
CREATE TABLE claims (
  n      BIGINT, -- of the case's key
  county TEXT NOT NULL,
  id     TEXT NOT NULL,
  state  TEXT NOT NULL,
  PRIMARY KEY (n, county)
);
CREATE INDEX claims_county ON claims (county, state, id);

-- versions of closed months; n is the place of the transaction that closed it: it is the last version when its key has that place. Days are
-- days since 1970.
CREATE TABLE months (
  n           BIGINT PRIMARY KEY,
  record      BIGINT NOT NULL, -- its key
  roll        BIGINT NOT NULL,
  period      BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  closed      BIGINT NOT NULL, -- day
  pay_by      BIGINT NOT NULL, -- day
  due         BIGINT NOT NULL,
  due_sum     BIGINT NOT NULL,
  on_time     BIGINT NOT NULL,
  on_time_sum BIGINT NOT NULL,
  late5       BIGINT NOT NULL,
  late10      BIGINT NOT NULL,
  late30      BIGINT NOT NULL,
  later       BIGINT NOT NULL,
  paid_sum    BIGINT NOT NULL,
  unpaid      BIGINT NOT NULL,
  returned    BIGINT NOT NULL,
  paid_again  BIGINT NOT NULL,
  credited    BIGINT NOT NULL, -- rows
  sum         BIGINT NOT NULL, -- of the rows, as deducted
  deducted    BIGINT NOT NULL,
  households  BIGINT NOT NULL,
  persons     BIGINT NOT NULL,
  entered     BIGINT NOT NULL,
  gone        BIGINT NOT NULL,
  suspended   BIGINT NOT NULL,
  deaths      BIGINT NOT NULL,
  UNIQUE (roll, period, version)
);
CREATE INDEX months_period ON months (period, roll);
-- what the rows of a region of a month add up to; village has 12 digits
CREATE TABLE month_villages (
  month      BIGINT,
  village    BIGINT,
  credited   BIGINT NOT NULL,
  households BIGINT NOT NULL,
  persons    BIGINT NOT NULL,
  sum        BIGINT NOT NULL,
  deducted   BIGINT NOT NULL,
  root       BYTEA NOT NULL,
  PRIMARY KEY (month, village)
) CLUSTERED;
-- published lists in their last state; due, first_shown and online_until are days since 1970, 0 for none
CREATE TABLE publications (
  n            BIGINT PRIMARY KEY, -- of its key
  roll         BIGINT NOT NULL,
  period       BIGINT NOT NULL,
  due          BIGINT NOT NULL,
  first_shown  BIGINT NOT NULL,
  online_until BIGINT NOT NULL,
  UNIQUE (roll, period)
);
-- the rows of the lists that are shown, by village of 12 digits, packed; version is the month's
CREATE TABLE list_rows (
  record  BIGINT,
  village BIGINT,
  version BIGINT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (record, village)
) CLUSTERED;
-- the public log of statements: a version of a record each, in ledger order; n counts from 0. What it says is made from the version again.
CREATE TABLE statements (
  n      BIGINT PRIMARY KEY,
  record BIGINT NOT NULL, -- its key
  place  BIGINT NOT NULL,
  hash   BYTEA NOT NULL
);
-- what versions of records give for indicators, between the place of the version and that of the one that replaced it (until; 2^62 while
-- it holds). name is the fact's within its record; months are numbered since the year 0, both 0 for a fact that stands until it ends; due is
-- the day until which it has time, 0 for none; many is 1 for facts that come one a case.
CREATE TABLE indicator_facts (
  record      BIGINT, -- its key; of a published list that of its month
  name        TEXT,
  place       BIGINT,
  until       BIGINT NOT NULL,
  many        BIGINT NOT NULL,
  code        TEXT NOT NULL,
  programme   TEXT NOT NULL,
  region      TEXT NOT NULL,
  first_month BIGINT NOT NULL,
  last_month  BIGINT NOT NULL,
  due         BIGINT NOT NULL,
  num         BIGINT NOT NULL,
  den         BIGINT NOT NULL,
  PRIMARY KEY (record, name, place)
) CLUSTERED;
-- with all columns that sums read: a province's cases are added up from the index alone
CREATE INDEX indicator_facts_sums ON indicator_facts (programme, many, last_month, region, code, first_month, place, until, due, num, den);
-- the days that the ledger has reached, and the place of the valid transaction that reached each first
CREATE TABLE ledger_days (day BIGINT PRIMARY KEY, place BIGINT NOT NULL);

-- the current state of changes of roll entries
CREATE TABLE changes (
  n         BIGINT PRIMARY KEY, -- of its key
  id        TEXT NOT NULL UNIQUE,
  programme TEXT NOT NULL,
  region    TEXT NOT NULL,
  kind      TEXT NOT NULL,
  state     TEXT NOT NULL
);
CREATE INDEX changes_state ON changes (state, id, region, programme, kind);

-- the transactions that changed lines of a batch
CREATE TABLE chunks (
  batch BIGINT,
  place BIGINT,
  lines BIGINT NOT NULL,
  sum   BIGINT NOT NULL,
  PRIMARY KEY (batch, place)
) CLUSTERED;

CREATE TABLE rolls (n BIGINT PRIMARY KEY, programme TEXT NOT NULL, county TEXT NOT NULL, UNIQUE (programme, county));

-- the periods that a roll has payments of, and how many; low is the first number that a payment could have
CREATE TABLE spans (low BIGINT PRIMARY KEY, roll BIGINT NOT NULL, period BIGINT NOT NULL, payments BIGINT NOT NULL);
CREATE INDEX spans_period ON spans (period, low);

-- current roll entries: n is roll · 2^24 + roll number, region has 12 digits, place is that of the last version, value is
-- the part of the segment's slot after the subject, and the spans of the entry. class to reason are what lists are filtered by, as
-- value has them: the letter's code, 1 for an entry that has ended, the first and the last month as months since the year 0 (0 for
-- none), and why it ended. The subject never changes, so past entries are found by it, too.
CREATE TABLE entries (
  n       BIGINT PRIMARY KEY,
  subject BYTEA NOT NULL,
  region  BIGINT NOT NULL,
  place   BIGINT NOT NULL,
  class   BIGINT NOT NULL,
  exited  BIGINT NOT NULL,
  entered BIGINT NOT NULL,
  ended   BIGINT NOT NULL,
  reason  TEXT NOT NULL,
  value   BYTEA NOT NULL
);
CREATE INDEX entries_subject ON entries (subject);
-- versions of an entry that a later one has replaced
CREATE TABLE entry_versions (entry BIGINT, place BIGINT, value BYTEA NOT NULL, PRIMARY KEY (entry, place)) CLUSTERED;

-- the current packed payees of segments; n is the number of the segment's first entry
CREATE TABLE payees (n BIGINT PRIMARY KEY, value BYTEA NOT NULL);
-- the changes of an entry's payee after the first details; name and account are 1 if it is another one
CREATE TABLE payee_changes (
  entry   BIGINT,
  place   BIGINT,
  name    BIGINT NOT NULL,
  account BIGINT NOT NULL,
  PRIMARY KEY (entry, place)
) CLUSTERED;

-- the current state of payments; listed and answered are the places of their last listing and of the bank's last answer, day and
-- bank_ref are of that answer. A grant is one from the batch on that lists it.
CREATE TABLE payments (
  n        BIGINT PRIMARY KEY,
  batch    BIGINT NOT NULL,
  kind     BIGINT NOT NULL, -- 0 regular, 1 arrears, 2 top-up, 3 grant
  amount   BIGINT NOT NULL, -- what counts against what is owed
  deducted BIGINT NOT NULL, -- of the amount
  line     BIGINT NOT NULL,
  state    BIGINT NOT NULL DEFAULT 1, -- 1 listed, 2 credited, 3 returned, 4 reversed
  day      BIGINT NOT NULL DEFAULT 0, -- since 1970; 0 before the answer
  listed   BIGINT NOT NULL,
  answered BIGINT NOT NULL DEFAULT 0,
  leaf     BIGINT NOT NULL DEFAULT 0, -- number of its leaf plus one; 0 before it is credited
  bank_ref BYTEA -- NULL before the answer
);
-- those of them that came back
CREATE TABLE returns (n BIGINT PRIMARY KEY, state BIGINT NOT NULL, reason TEXT NOT NULL);
-- and those whose roll entry said, when they were last listed, where the household lives in the last month of the accounting period: 1
-- in an urban place, 2 in a rural one. A payment without a row is booked as the registry says of its region.
CREATE TABLE residences (n BIGINT PRIMARY KEY, residence BIGINT NOT NULL);

-- versions of a payment that a later one has replaced: listed again, returned after the credit, or taken out (state 0)
CREATE TABLE line_history (
  payment  BIGINT,
  place    BIGINT,
  state    BIGINT NOT NULL,
  batch    BIGINT NOT NULL,
  kind     BIGINT NOT NULL,
  amount   BIGINT NOT NULL,
  deducted BIGINT NOT NULL,
  line     BIGINT NOT NULL,
  day      BIGINT NOT NULL,
  reason   TEXT NOT NULL,
  bank_ref BYTEA,
  PRIMARY KEY (payment, place)
) CLUSTERED;

-- the payments added up: those of a batch and period, of one kind and state, to the people of a region, which has 12 digits as in
-- entries. Before the bank's answer their state is listed, and the batch says how far they are. A row without payments goes.
CREATE TABLE village_totals (
  batch    BIGINT,
  region   BIGINT,
  period   BIGINT,
  kind     BIGINT,
  state    BIGINT,
  payments BIGINT NOT NULL,
  amount   BIGINT NOT NULL,
  deducted BIGINT NOT NULL,
  PRIMARY KEY (batch, region, period, kind, state)
) CLUSTERED;
-- the same by township: the last three digits of the region are 0
CREATE TABLE township_totals (
  batch    BIGINT,
  region   BIGINT,
  period   BIGINT,
  kind     BIGINT,
  state    BIGINT,
  payments BIGINT NOT NULL,
  amount   BIGINT NOT NULL,
  deducted BIGINT NOT NULL,
  PRIMARY KEY (batch, region, period, kind, state)
) CLUSTERED;

-- payments that were credited, in ledger order: the leaves of the transparency log. A row is a run of up to 126 neighbours
-- on the roll: n and payment are the first one's numbers, the next one's are n + 1 and payment + 2^8; length is how many they
-- are, hashes (NULL where the ledger has none) has 32 bytes of each. A row never changes. The log finds a leaf by its hash, and the
-- payment's row has its number: an index of either would cost more than the row.
CREATE TABLE leaves (
  n         BIGINT PRIMARY KEY,
  payment   BIGINT NOT NULL,
  place     BIGINT NOT NULL,
  length    BIGINT NOT NULL,
  hashes    BYTEA
);
