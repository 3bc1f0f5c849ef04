import { afterEach, expect, test } from "vitest";
import { day, keepOffset, moment } from "./time";

afterEach(() => keepOffset(480));

test("days begin where the registry's calendar has them begin, not the browser", () => {
  expect(day("2026-11-30T15:59:59Z")).toBe("2026-11-30");
  expect(day("2026-11-30T16:00:00Z")).toBe("2026-12-01");
  expect(moment("2026-12-31T16:05:00Z")).toBe("2027-01-01 00:05");
  keepOffset(-60);
  expect(moment("2026-12-01T00:30:00Z")).toBe("2026-11-30 23:30");
});
