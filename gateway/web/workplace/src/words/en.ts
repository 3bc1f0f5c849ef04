import type { zh } from "./zh";

// What officials read, in English. The type has the build fail when a text is missing.
export const en: typeof zh = {
  title: "Relief workplace",
  skip: "Skip to the content",
  signOut: "Sign out",
  yuan: "yuan",
  noConnection: "The gateway does not answer at the moment. What you see may be out of date; what you typed is kept.",
  draft: "What you type is kept in this browser until it has been sent.",
  look: { large: "Large print", theme: "Colours", auto: "As the system", light: "Light", dark: "Dark" },
  place: { all: "Workplace", home: "Waiting for me", batches: "Lists of payments", payments: "Payments", tranches: "Money", bank: "Bank", rolls: "Imports and changes of rolls", transactions: "Who did what", exports: "A year as files", readings: "Who read personal data", acts: "What I have done", cases: "Cases" },
  signIn: { title: "Sign in", ended: "The session has ended: sign in again. What you typed is still there.", help: "Enter the token that your agency has given you. It is not kept in the browser.", token: "Token", enter: "Sign in", provider: "Sign in with the agency's provider" },
  nothing: { title: "There is no such page", text: "The address is wrong, or the page is gone." },
  trouble: { unsure: "It is not certain whether it was done. Trying again does nothing twice.", more: "Details", field: "Field", request: "Request" },
  act: { busy: "One moment…", again: "Try again", cancel: "Do not do it" },
  list: {
    any: "All", choose: "Choose", filter: "Filter", save: "Save as a table", more: "More", none: "Nothing here.", loading: "Reading…", first: "The first {n} are shown.", all: "{n} in all.",
    from: "From", to: "To", overdue: "(overdue)",
  },
  search: {
    label: "Find a payment, person, list, case or transaction", placeholder: "Number", button: "Search", title: "Find: {text}", help: "The whole number of a payment, person, list, tranche or case, or the 64 characters of a transaction.",
    none: "Not found, or not within your reach.", found: "{n} found.",
    kinds: { batch: "List of payments", tranche: "Tranche", payment: "Payment", person: "Person", transaction: "Transaction", case: "Case" },
  },
  record: {
    where: "Block and transaction", block: "Block", transaction: "Transaction", trail: "Whole trail", proof: "Proof", endorsers: "Endorsed by", wrote: "Records written", at: "Time", act: "Act", by: "By", effect: "Effect",
    committed: "In effect", without: "Without effect", most: "Who did what most often", times: "Times", pending: "In no block yet", invalid: "Without effect ({code})", others: "{who} has just done “{act}” ({at}). What you see below is up to date.", someone: "Another official", saveTrail: "Save the trail",
  },
  home: {
    total: "{n} waiting.", overdue: "{n} overdue", noLists: "Your duties have no work lists. Use the search above, or the pages on the left.",
    lists: {
      open: "Lists to seal", approve: "Lists to approve", makeFile: "Payment files to make", authorise: "Payment files to authorise", instruct: "Payments to instruct", takeBack: "Payment files to take back", settle: "Waiting for the bank's answers", close: "Batches to close", adjustments: "Moves of money to confirm", exceptions: "What did not match at the bank", imports: "Imports of rolls to confirm", changes: "Changes to confirm",
      caseDue: "Decisions due", caseNew: "New applications", caseObjections: "Objections to answer", caseReviews: "Re-checks to confirm", caseRecheck: "Re-checks due", casePapers: "Papers to follow", caseTownship: "Townships' decisions to confirm",
    },
  },
  batch: {
    new: "New list", open: "Open the list", opened: "The list {id} is open.", id: "Number", idHelp: "Small letters, digits and hyphens; left empty, the number shown is used.", programme: "Programme", region: "Region", period: "Period", periodHelp: "Such as 2026-11 or 2026-Q4.",
    purpose: "Purpose", purposes: { regular: "Regular payment", pay_again: "Pay again what came back" }, tranche: "Tranche", noTranche: "This programme has no money.", short: "{sum} more than is available", controlCount: "Control count", controlSum: "Control sum (yuan)", noSum: "An amount above zero with at most two decimals.", sumHelp: "What the list transfers, such as 318640.00.",
    stateLabel: "State", count: "Payments", sum: "Sum (yuan)", due: "Pay by", control: "Control totals", listed: "Listed", preparers: "Prepared by", answers: "The bank's answers", cancelReason: "Why it was cancelled", takeBackReason: "Why it is taken back",
    answered: "{credited} credited, {creditedSum}; {returned} returned, {returnedSum}; {pending} to come", payBy: "To be paid by {day}.", sentBack: "Why it was sent back: {reason}",
    by: { payment_approve: "Approved by (civil affairs)", payment_authorise: "Authorised by (finance)" },
    state: { open: "Open", sealed: "Sealed", approved: "Approved", authorised: "Authorised", instructed: "Instructed", closed: "Closed", cancelled: "Cancelled" },
    waits: {
      payment_seal: "Being prepared: the preparer uploads the lines and seals the list when it agrees with the control totals.", payment_approve: "Waits for the approval of another official of civil affairs.", payment_make_file: "Waits for finance's preparer to make the payment file.", payment_authorise: "The payment file is made. It waits for the authorisation of another official of finance.",
      payment_instruct: "Authorised. It waits for finance to instruct the bank.", payment_settle: "The bank is instructed. Its answers are awaited.", payment_close: "The bank has answered everything: it can be closed.", payment_confirm_take_back: "Somebody asks to take the payment file back. It waits for another official to confirm.",
    },
    ended: { closed: "Closed: every payment has its result.", cancelled: "Cancelled.", open: "", sealed: "", approved: "", authorised: "", instructed: "" },
  },
  payment: {
    id: "Payment", title: "Payment {id}", number: "Roll number", subject: "Person", amount: "Amount (yuan)", batch: "List", attempt: "Attempt", answered: "The bank's answer", leaf: "Leaf of the log", creditedOn: "Credited on", returnedOn: "Returned on", receipt: "Save the receipt",
    kind: { regular: "Regular", arrears: "Arrears", top_up: "Top-up", grant: "Grant" },
    state: { listed: "Listed", sealed: "Sealed", approved: "Approved", authorised: "Authorised", instructed: "Instructed", credited: "Credited", returned: "Returned", reversed: "Reversed", cancelled: "Cancelled" },
  },
  lines: { title: "Payments of the list", upload: "Upload the lines", uploadHelp: "Drop a CSV, Excel (xlsx) or NDJSON file here, or choose one. A file may be uploaded again: nobody is listed twice.", pick: "Pick", pickOne: "Pick {id}", remove: "Take out {n} people", removeHelp: "Takes {n} people ({sum} yuan) out of this list; they stay on the roll.", removed: "{n} people were taken out." },
  upload: {
    sending: "Sending {name}", read: "{n} of {of} lines read", result: "{accepted} lines listed, {unchanged} were there already, {refused} refused.", wrongType: "This kind of file is not taken. These are: {accept}", empty: "The file is empty.",
    states: { queued: "Waiting its turn,", running: "Under way,", waiting: "The ledger does not answer, it goes on later,", done: "Finished,", failed: "Not finished," },
  },
  due: {
    list: "List what is owed", help: "Without a file: the ledger works out everything that is owed in the batch's region and periods and is in no list, and all of it is listed. It may be done again and lists what is new.", begun: "It is being listed.",
    result: "{listed} listed, {sum} yuan; of these {arrears} arrears, {topUps} top-ups, {grants} grants.",
  },
  refused: { title: "Refused lines: {n}", label: "Refused lines and why", help: "Each reason stands beside its line (the file is read in this browser alone). Save the file to correct, mend it and upload it.", away: "The file is not at hand: lines by number, and why.", save: "Save the file to correct", list: "Save the list of reasons", line: "Line", reason: "Why", fileName: "to-correct" },
  overview: {
    title: "What is approved", listed: "Now", people: "{n} payments", previous: "The period before", noPrevious: "There was no earlier period", difference: "Difference", transfers: "Transferred", other: "Other lists of the period", sources: "Where the money comes from", townships: "By township", now: "Payments now", sumNow: "Sum now", then: "Payments then", sumThen: "Sum then",
    amountNow: "Now", amountThen: "Last", why: "What changed", nameChanged: "another name", accountChanged: "another account", check: "Compare the payees with the ledger", checked: "{checked} compared: {agree} agree, {differ} differ, {missing} missing.",
    lists: { payees: "Changed payees: {n}", changed: "Changed amounts: {n}", new: "New: {n}", gone: "Gone: {n}" },
  },
  acts: {
    reason: "Reason", reasonHelp: "It stays on the ledger for ever: write nothing personal.", notBoth: "You have prepared this: another official approves it.",
    seal: "Seal the list", sealHelp: "Seals {count} payments, {sum} yuan, and reserves the sum. Lines cannot be changed afterwards.", sealNot: "Count or sum differ from the control totals: it cannot be sealed yet.", sealed: "The list is sealed and waits for approval.",
    control: "Correct the control totals", controlHelp: "What is listed is filled in. Compare it with your papers.", controlled: "The control totals are corrected.",
    handOver: "Hand over", handOverHelp: "Another preparer goes on. Whoever has prepared it never approves it.", handOverTo: "To (name in the certificate)", handedOver: "Handed over to {to}.",
    approve: "Approve", approveHelp: "Look at the changes below first, and compare the payees where needed. The approval is of what was sealed; it counts no more if that changes.", approved: "Approved for civil affairs. Finance is next.",
    makeFile: "Make the payment file", makeFileAgain: "Make the payment file again", makeFileHelp: "Makes the bank's file of the sealed list. Another official authorises it by its hash.", dayHelp: "Left empty, it is the next working day.", madeFile: "The payment file is made and waits to be authorised.",
    authorise: "Authorise", authoriseHelp: "This one file is authorised: no file with another hash can be paid.", lookFirst: "Look at the payment file below first. It can be authorised when its hash agrees.", authorised: "Authorised. The bank can be instructed.",
    instruct: "Instruct the bank", instructHelp: "Tells the bank to pay by the authorised file: {count} payments, {sum} yuan, on {day}.", instructed: "The bank is instructed. Its answers are awaited.",
    close: "Close the batch", closeHelp: "Every payment has its result. What came back is available again.", closed: "The batch is closed.",
    takeBack: "Ask to take the payment file back", takeBackHelp: "When the bank rejected the whole file, or it is recalled. Another official confirms.", tookBack: "Asked for. It waits to be confirmed.", confirmTakeBack: "Confirm that the payment file is taken back", confirmTakeBackHelp: "Why it was asked for: {reason}. The list is approved again afterwards, without a file.", confirmedTakeBack: "The payment file is taken back.",
    sendBack: "Send back", sendBackHelp: "The list is open again, what it reserved is free, approval and payment file count no more.", sentBack: "The list is sent back.",
    cancelBatch: "Cancel the list", cancelBatchHelp: "This cannot be undone. What it reserved is free, and its people can be listed elsewhere.", cancelled: "The list is cancelled.",
  },
  payfile: { title: "Payment file", day: "Execution day", transfers: "Transfers", message: "Message", hash: "Hash of the file (SHA-256)", look: "Look at the payment file", save: "Save the payment file", recorded: "The file has names and accounts: whoever looks at it is recorded.", agrees: "The hash worked out here is the one on the ledger.", differs: "The hash is not the one on the ledger: {hash}. Do not authorise it, and report it.", inside: "{n} transfers in the file, {sum} yuan.", name: "Name", account: "Account", text: "Remittance text" },
  bank: {
    title: "The bank's answers, and reconciliation", upload: "Upload the bank's answers", help: "Drop a pain.002, camt.053 or camt.054 (XML) or a list of answers (CSV, Excel) here, or choose one. A file may be uploaded again.", helpXml: "Drop a pain.002, camt.053 or camt.054 (XML) here, or choose one. A file may be uploaded again.", duplicate: "This file was here before.",
    states: { received: "{kind} was received and is being worked through…", done: "{kind} is done.", failed: "{kind} could not be worked through." }, counts: "{entries} entries: {settled} recorded, {confirmed} known already, {exceptions} to be looked into, {interim} not final.",
    messages: "The bank's files", entries: "Entries", reconciliation: "Reconciliation", tiesOut: "ties out", tiesNot: "does not tie out yet", what: "What", rows: { instructed: "Instructed", credited: "Credited", returned: "Returned", pending: "To come", open_exceptions: "To be looked into" },
  },
  exceptions: {
    title: "What did not match", date: "Day", side: "Side", in: "came in", out: "went out", all: "All of them", wrote: "What the bank wrote", look: "What the bank wrote of {id}", lookShort: "Look", counterparty: "Counterparty", bankReference: "The bank's reference", action: "What to do", as: "What it is", result: "Recorded as", nothing: "nothing", note: "Note",
    one: "Resolve the one picked", many: "Resolve the {n} picked", manyHelp: "All of them in the same way. No payment's result is recorded on the ledger.", done: "Resolved.", doneMany: "{resolved} resolved, {refused} not.",
    actions: { accept: "Take note, or record it as its payment's result", assign: "Record it as another payment's result", write_off: "Record nothing, and say why", classify: "It is no payment: say what it is" },
    kinds: { treasury: "money from the treasury", interest: "interest", fee: "a fee", recovery: "a recovery", payment: "a payment recorded in another way", mistake: "a mistake of the bank", foreign: "nothing of this account" },
  },
  filter: {
    more: "More filters", subject: "Person", programme: "Programme", region: "Region", period: "Period", state: "State", batch: "List", tranche: "Tranche", kind: "Kind", min_amount: "Amount from", max_amount: "Amount to", preparer: "Prepared by", approver: "Approved by", authoriser: "Authorised by", return_reason: "Reason of return",
    from_period: "Period from", to_period: "Period to", accounting_period: "Accounting period", from_accounting_period: "Accounting period from", to_accounting_period: "Accounting period to", from_approved: "Approved from", to_approved: "Approved to", from_credited: "Credited from", to_credited: "Credited to", from_returned: "Returned from", to_returned: "Returned to",
  },
  sums: { title: "Added up", by: "By", not: "These filters cannot be added up by: {names}.", deducted: "Deducted (yuan)", transferred: "Transferred (yuan)", all: "In all", block: "As after block {block}, exact to the fen.", dimensions: { county: "County", township: "Township", programme: "Programme", month: "Month", state: "State", batch: "List" } },
  sample: { title: "Sample", help: "Of the payments that the search finds. Anybody draws the same sample with the same seed. Name the seed in public before you see the list.", seed: "Seed", size: "Size", draw: "Draw", drawn: "{n} of {of}, as after block {block}. Frame:" },
  reading: {
    agency: "Agency", own: "This agency", purpose: "Why", number: "Number", record: "Record", people: "People",
    purposes: {
      "look-up": "identity number looked up", application: "an application", need: "a need found", upload: "a file uploaded", "case-facts": "a household's facts", evidence: "evidence", match: "a match", "change-payee": "another payee", "change-details": "payees of a change", "roll-people": "people on a roll", taking: "people taken from another roll", "import-lines": "lines of an import",
      "make-file": "a payment file made", "payment-file": "a payment file", "payee-check": "payees compared", "bank-exception": "what the bank wrote", receipt: "a receipt", "own-copy": "the person's own copy", notice: "a public notice", resealing: "sealing again", "year-export": "a year's export", "over-the-budget": "over the budget of look-ups",
    },
  },
  exports: { ask: "Ask for a year", help: "All lists of a county and a year, in one archive. The gateway makes it while you do other things. It has no names and no accounts.", asked: "Asked for.", format: "Format", lists: "Lists", until: "Kept until", save: "Save", delete: "Delete", deleted: "Deleted.", states: { queued: "waiting", running: "under way", ready: "ready", failed: "not finished" } },
  decision: { proposed: "Proposed", confirmed: "Confirmed", refused: "Refused", withdrawn: "Withdrawn", digest: "Digest (SHA-256)", agreed: "Confirmed.", by: "Proposed by" },
  roll: {
    upload: "Propose the import of a roll", from: "Entitled from", file: "File of the roll", fileHelp: "Drop a CSV, Excel (xlsx) or NDJSON file here, or choose one. It is compared with the roll; another official confirms it before anything takes effect.", imports: "Imports of rolls", changes: "Changes", differences: "Differences from the roll", lines: "Lines", detail: "Line by line", recorded: "With names and accounts: whoever looks is recorded.", terms: "Class, persons", what: "What changes",
    confirmHelp: "A job then writes it to the roll: {count} lines, {sum} yuan a month.", kinds: { new: "New", changed: "Changed", unchanged: "Unchanged", missing: "Not in the file", refused: "Refused", doubtful: "Doubtful" }, columns: { name: "Name", account: "Account", persons: "Persons", class: "Class", amount: "Amount", members: "Members", residence: "Residence" }, residences: { urban: "urban", rural: "rural" },
  },
  change: {
    old: "Before", new: "After", payee: "Payee", look: "Look at the payee before and after", noDoubts: "There are no doubts.", confirmHelp: "Compare before and after first. It takes effect at once, and is bound to what is shown here.",
    kinds: { payee: "Another payee", exit: "Exit", suspend: "Suspension", resume: "End of a suspension", terms: "Other terms", residence: "Urban or rural residence", head: "Another head", move: "Moves within the county", move_out: "Moves away", move_in: "Moves here" }, fields: { name: "Name", account: "Account", bank: "Bank", phone: "Telephone", household_no: "Household number" },
  },
  person: { title: "Person {subject}", help: "The reference stands for one person. This page has no names and no identity numbers.", entries: "On rolls", payments: "All payments to this person", from: "From", until: "Until", paidThrough: "Paid through", state: { in_force: "On the roll", exited: "Left" } },
  verify: { title: "Check it yourself", help: "Each step is endorsed by the peers of all three agencies. The command below checks without believing any gateway: it reads all blocks from each agency's own peer and checks signatures, hashes and rules again." },
  fund: {
    issue: "Issue money", issued: "{id} is issued: {amount} yuan.", allocate: "Allocate", allocateHelp: "A part of this money becomes a tranche of a region below. {available} yuan are available.", allocated: "{id} is allocated.", document: "Document number", to: "Carried over to",
    moves: { topped_up: "Propose a top-up", taken_back: "Propose to take back", carried_over: "Propose to carry over", refunded: "Propose a refund" },
    help: { topped_up: "More money, by the number of a document. Another official of finance confirms it. {available} yuan are available now.", taken_back: "The tranche above takes unused money back. Another official confirms it. {available} yuan are available.", carried_over: "Unused money goes to a tranche of the next year. Another official confirms it. {available} yuan are available.", refunded: "Unused money goes back where it came from. Another official confirms it. {available} yuan are available." },
    proposed: "Proposed. It waits for another official.", open: "Moves to confirm", confirm: "Confirm", confirmHelp: "{kind}, {amount} yuan. Reason: {reason}", confirmed: "Confirmed: the money has moved.", refuse: "Refuse", refused: "Refused.", withdraw: "Withdraw", withdrawn: "Withdrawn.",
    close: "Close the tranche", closeHelp: "Nothing is paid from it afterwards. What comes back later goes to the next year's tranche, to the one above, or to its source.", closeNot: "Money is available, reserved or in return: it cannot be closed.", closed: "The tranche is closed.",
  },
  tranche: {
    year: "Fiscal year", origin: "Level", source: "Source", account: "Account", parent: "From tranche", carriedTo: "Carried over to", targets: "Targets", targetNames: { coverage: "Coverage", timeliness: "Timeliness", accuracy: "Accuracy", satisfaction: "Satisfaction" }, target: "coverage {coverage}%, timeliness {timeliness}%, accuracy {accuracy}%, satisfaction {satisfaction}%", payments: "Every payment of it", batches: "Lists that draw on it",
    tree: "The money as a tree", chart: "Where the money is: {issued} yuan issued, {available} yuan still available (with what is below)", level: "Level {n}: ", together: "With all below", moves: "Moves", move: "Kind", fromTo: "From, to",
    issued: "Issued", topped_up: "Topped up", recovered: "Recovered", allocated: "Allocated", paid: "Paid", reserved: "Reserved", in_return: "In return", refunded: "Refunded", taken_back: "Taken back", carried_over: "Carried over", available: "Available", state: { issued: "In use", closed: "Closed" },
    origins: { central: "Central", provincial: "Province", city: "City", county: "County" },
  },
};
