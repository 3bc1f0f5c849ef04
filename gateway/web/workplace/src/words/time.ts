const two = (n: number) => String(n).padStart(2, "0");

// offset is how far the registry's calendar is from UTC, in minutes: days are those of the ledger and the gateway, wherever the browser is.
let offset = 480;
export function keepOffset(minutes: number) {
  offset = minutes;
}
const local = (time: string) => new Date(new Date(time).getTime() + offset * 60_000);

// day and moment show a time by the registry's calendar.
export function day(time: string): string {
  const t = local(time);
  return `${t.getUTCFullYear()}-${two(t.getUTCMonth() + 1)}-${two(t.getUTCDate())}`;
}

export function moment(time: string): string {
  const t = local(time);
  return `${day(time)} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`;
}

export const today = () => day(new Date().toISOString());

// dueOf is the day by which the payments of a period are paid: payByDay of its last month; undefined for a text that is no period.
export function dueOf(period: string, payByDay: number): string | undefined {
  const found = /^(\d{4})-(?:(\d{2})|Q([1-4]))$/.exec(period);
  if (!found) return undefined;
  const month = found[2] ?? two(Number(found[3]) * 3);
  const last = new Date(Date.UTC(Number(found[1]), Number(month), 0)).getUTCDate();
  return `${found[1]}-${month}-${two(Math.min(payByDay, last))}`;
}
