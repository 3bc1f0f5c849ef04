const two = (n: number) => String(n).padStart(2, "0");

// day and moment show a time in the reader's zone.
export function day(time: string): string {
  const t = new Date(time);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

export function moment(time: string): string {
  const t = new Date(time);
  return `${day(time)} ${two(t.getHours())}:${two(t.getMinutes())}`;
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
