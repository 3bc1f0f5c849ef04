import { describe, expect, test } from "vitest";
import { beside, decode, readRefusals } from "./correct";
import { transfers } from "./payfile";

const refusal = (line: number) => ({ line, code: "already-paid", reason: "已支付 · Paid already" });

describe("a file to correct", () => {
  const file = "\uFEFF序号,户主姓名,备注\r\n1,甲,\r\n2,\"乙\n二行\",x\r\n3,丙,\"a,b\"\r\n4,丁,\n";

  test("has the header and the refused lines, with reasons beside them", () => {
    const table = beside(file, [refusal(5), refusal(2)]);
    expect(table.header).toEqual(["序号", "户主姓名", "备注"]);
    expect(table.refused.map((each) => [each.refusal.line, each.cells[1]])).toEqual([[2, "甲"], [5, "丙"]]);
    expect(table.text).toBe("\uFEFF序号,户主姓名,备注\r\n1,甲,\r\n3,丙,\"a,b\"\r\n");
  });

  test("a line that the file does not have is named all the same", () => {
    expect(beside("", [refusal(9)]).refused).toEqual([{ refusal: refusal(9), cells: [] }]);
  });

  test("is read in UTF-8 and in GB18030", () => {
    expect(decode(new TextEncoder().encode("孟华"))).toBe("孟华");
    expect(decode(new Uint8Array([0xc3, 0xcf, 0xbb, 0xaa]))).toBe("孟华");
  });

  test("refusals come one a line", () => {
    expect(readRefusals('{"line":2,"code":"a","reason":"b"}\n\n{"line":3,"code":"a","reason":"b"}\n').map((each) => each.line)).toEqual([2, 3]);
  });
});

describe("a payment file", () => {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><PmtInf>
    <CdtTrfTxInf><PmtId><EndToEndId>dibao-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="CNY">480.00</InstdAmt></Amt><Cdtr><Nm>甲</Nm></Cdtr><CdtrAcct><Id><Othr><Id>6230</Id></Othr></Id></CdtrAcct><RmtInf><Ustrd>低保</Ustrd></RmtInf></CdtTrfTxInf>
  </PmtInf></CstmrCdtTrfInitn></Document>`;
  const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

  test("says whom the bank is told to pay", () => {
    expect(transfers(bytes(xml))).toEqual([{ id: "dibao-1", name: "甲", account: "6230", amount: "480.00", text: "低保" }]);
  });

  test("of another kind has no transfers", () => {
    expect(transfers(bytes("户名,账号\n甲,6230\n"))).toBeUndefined();
  });
});
