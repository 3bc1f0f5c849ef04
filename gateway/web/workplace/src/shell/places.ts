import { may, official } from "./official";
import { kindOf } from "./reference";

// A place is a page that the navigation leads to. What lies below its address belongs to it, such as the page of one record.
export interface Place {
  name: string; // of the route; "cases" has pages of its own
  text: string; // the name of its words
  path: string;
}

export interface Group {
  name: string; // of its words
  places: Place[];
}

const place = (name: string, path = name, text = name): Place => ({ name, text, path: "/" + path });

const all: Group[] = [
  { name: "mine", places: [place("home", ""), place("acts")] },
  { name: "people", places: [place("cases"), place("roll"), place("rolls"), place("shared-accounts", "accounts", "shared"), place("links"), place("programmes")] },
  { name: "lists", places: [place("batches"), place("payments"), place("months"), place("reversals"), place("overpayments")] },
  { name: "money", places: [place("tranches"), place("bank"), place("statements", "account-statements"), place("year-ends", "year-ends", "yearEnds")] },
  { name: "audit", places: [place("charts"), place("transactions"), place("readings"), place("log"), place("exports")] },
  { name: "registry", places: [place("registry"), place("officials")] },
];

// The pages of cases and rolls are for those who work on them, the bank's for those at finance who work with it.
const shown: Record<string, () => boolean> = {
  home: () => true,
  acts: () => true,
  cases: () => kindOf(official.me?.agency) === "civil_affairs",
  roll: () => may("read") && kindOf(official.me?.agency) === "civil_affairs",
  rolls: () => may("read") && kindOf(official.me?.agency) === "civil_affairs",
  bank: () => kindOf(official.me?.agency) === "finance" && ["payment.settle", "payment.make_file", "payment.authorise"].some(may),
  readings: () => may("reading.list"),
};

// groups are the places that the official may go to, by subject.
export const groups = (): Group[] =>
  all.map((group) => ({ ...group, places: group.places.filter((each) => (shown[each.name] ?? (() => may("read")))()) })).filter((group) => group.places.length > 0);

// covers reports whether a page belongs to a place.
export const covers = (of: Place, path: string) => path === of.path || (of.path !== "/" && path.startsWith(of.path + "/"));
