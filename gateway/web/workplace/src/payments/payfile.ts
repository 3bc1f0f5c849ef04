import { decode } from "./correct";

export interface Transfer {
  id: string;
  name: string;
  account: string;
  amount: string;
  text: string;
}

// transfers reads what a payment file tells the bank: pain.001 (ISO 20022). It is undefined for another kind of file.
export function transfers(bytes: ArrayBuffer): Transfer[] | undefined {
  const document = new DOMParser().parseFromString(decode(bytes), "application/xml");
  if (document.getElementsByTagName("parsererror").length > 0) return undefined;
  const found = [...document.getElementsByTagName("CdtTrfTxInf")];
  if (found.length === 0) return undefined;
  const text = (of: Element, ...path: string[]): string => {
    let at: Element | undefined = of;
    for (const name of path) at = at && [...at.getElementsByTagName(name)][0];
    return at?.textContent?.trim() ?? "";
  };
  return found.map((each) => ({
    id: text(each, "EndToEndId"), name: text(each, "Cdtr", "Nm"), account: text(each, "CdtrAcct", "Id", "Othr", "Id") || text(each, "CdtrAcct", "Id"),
    amount: text(each, "InstdAmt"), text: text(each, "RmtInf", "Ustrd"),
  }));
}
