import { expect, test } from "vitest";
import { parseSrvData } from "../../../dns/srvData.ts";

test("SRV data is read with its target in canonical form", () => {
  const data = { priority: 10, weight: 50, port: 5061, target: "fra1.sip.example.net" };
  expect(parseSrvData("10 50 5061 fra1.sip.example.net")).toEqual(data);
  expect(parseSrvData(" 10\t50  5061 FRA1.sip.Example.net. ")).toEqual(data);
});

test("the root as target stays what says that there is no service", () => {
  expect(parseSrvData("0 0 0 .")).toEqual({ priority: 0, weight: 0, port: 0, target: "." });
});

test.each([
  "",
  "10 50 5061",
  "10 50 65536 a.example.net",
  "-1 50 5061 a.example.net",
  "1 2 3 a b",
  "192.0.2.1",
])("%j is no SRV data", (text) => {
  expect(parseSrvData(text)).toBeUndefined();
});
