import { shallowReactive } from "vue";
import { api, read, type Schemas } from "../api/client";
import { language } from "../words";
import { keepOffset } from "../words/time";

// What names of programmes, regions and agencies are: read once when an official signs in.
const reference = shallowReactive({ programmes: [] as Schemas["Programme"][], regions: new Map<string, string>(), agencies: [] as Schemas["Agency"][] });

export async function loadReference(): Promise<void> {
  const [registry, programmes] = await Promise.all([read(api.GET("/v1/registry")), read(api.GET("/v1/programmes", { params: { query: { limit: 300 } } }))]);
  const found = registry as Schemas["Registry"];
  keepOffset(found.calendar.utc_offset);
  reference.agencies = found.agencies;
  reference.regions = new Map(found.regions.map((each) => [each.code, each.name]));
  reference.programmes = (programmes as { items: Schemas["Programme"][] }).items;
}

export const programmes = () => reference.programmes;

// terms are those of the version in force, or else the latest.
export function terms(programme: string) {
  const found = reference.programmes.find((each) => each.id === programme);
  return found?.versions.find((each) => each.version === found.in_force) ?? found?.versions.at(-1);
}

export function programmeName(id: string | undefined): string {
  const found = id === undefined ? undefined : terms(id);
  return (language() === "en" && found?.name_en) || found?.name || id || "—";
}

// regionName is the name of a region with those that it lies in, from the county down.
export function regionName(code: string | undefined): string {
  if (!code) return "—";
  const names = [6, 9, 12].filter((n) => code.length >= n).map((n) => reference.regions.get(code.slice(0, n)));
  const known = names.findLastIndex(Boolean);
  if (known === -1) return reference.regions.get(code) ?? code;
  // What the registry has no name for, such as a village, is told by its code.
  return names.filter(Boolean).join("") + (known < names.length - 1 ? " " + code : "");
}

export const agencies = () => reference.agencies;

export function agencyName(msp: string): string {
  const found = reference.agencies.find((each) => each.msp_id === msp);
  return (language() === "en" ? found?.name_en : found?.name) ?? msp;
}

// kindOf is what kind of agency an official is of.
export const kindOf = (msp: string | undefined) => reference.agencies.find((each) => each.msp_id === msp)?.kind;
