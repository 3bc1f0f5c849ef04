// Money is a decimal text with two places, as the gateway writes it, or a whole number of fen. It is never a floating-point number.

const pattern = /^(-?)(\d{1,15})(?:\.(\d{1,2}))?$/;

// fen reads an amount of yuan; undefined when the text is none.
export function fen(text: string): bigint | undefined {
  const found = pattern.exec(text.trim().replaceAll(",", ""));
  if (!found) return undefined;
  const value = BigInt(found[2]! + (found[3] ?? "").padEnd(2, "0"));
  return found[1] === "-" ? -value : value;
}

// yuan writes an amount of fen as the gateway does.
export function yuan(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(3, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

// money groups the digits of an amount for reading.
export function money(text: string | undefined): string {
  if (text === undefined) return "—";
  const [whole = "", places = "00"] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + "." + places;
}

// less is a - b with its sign.
export function less(a: string, b: string): string {
  const value = (fen(a) ?? 0n) - (fen(b) ?? 0n);
  return (value > 0n ? "+" : "") + money(yuan(value));
}

export const add = (amounts: string[]): string => yuan(amounts.reduce((sum, each) => sum + (fen(each) ?? 0n), 0n));
