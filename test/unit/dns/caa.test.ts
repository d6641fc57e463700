import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountIssueValue, caaData, parseCaaData, parseIssueValue } from "../../../dns/caa.ts";
import { challengeName } from "../../../dns/challenge.ts";

describe("an issue value", () => {
  test.each<[value: string, issuer: string, parameters: [string, string][]]>([
    ["ca.example", "ca.example", []],
    ["  ca.example\t", "ca.example", []],
    ["ca.example;", "ca.example", []],
    ["", "", []],
    [";", "", []],
    ["ca.example; account=230123", "ca.example", [["account", "230123"]]],
    [
      "ca.example;a=1;b=2",
      "ca.example",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
    [
      "ca.example ; A = 1 ; b= x=y ",
      "ca.example",
      [
        ["a", "1"],
        ["b", "x=y"],
      ],
    ],
    ["ca.example; validationmethods=", "ca.example", [["validationmethods", ""]]],
    [
      "ca.example; a=1; a=2",
      "ca.example",
      [
        ["a", "1"],
        ["a", "2"],
      ],
    ],
    ["; a=1", "", [["a", "1"]]],
  ])("%j is taken apart", (value, issuer, parameters) => {
    expect(parseIssueValue(value)).toEqual({ issuer, parameters });
  });

  test.each([
    "ca example",
    "-ca.example",
    "ca..example",
    "ca.example.",
    "ca.example; account",
    "ca.example; a_b=1",
    "ca.example; a=1 2",
    "ca.example; a=1;",
    "ca.example;;",
    "ca.example; a=é",
    "%%%%%",
  ])("%j is none", (value) => {
    expect(parseIssueValue(value)).toBeUndefined();
  });

  test("of an account binds authority, account and proof, and is taken apart as it was made", () => {
    const value = accountIssueValue("letsencrypt.org", "https://acme-v02.api.letsencrypt.org/acme/acct/1");
    expect(parseIssueValue(value)).toEqual({
      issuer: "letsencrypt.org",
      parameters: [
        ["validationmethods", "dns-01"],
        ["accounturi", "https://acme-v02.api.letsencrypt.org/acme/acct/1"],
      ],
    });
  });
});

describe("a CAA property", () => {
  test("has flags, tag and a quoted value in presentation form", () => {
    expect(caaData({ flags: 128, tag: "issue", value: "ca.example; a=1" })).toBe(
      '128 issue "ca.example; a=1"',
    );
    expect(parseCaaData('0 ISSUE "ca.example"')).toEqual({ flags: 0, tag: "issue", value: "ca.example" });
  });

  test.each([
    "0 issue ca.example",
    '256 issue "ca.example"',
    'issue "ca.example"',
    '0 is-sue "x"',
    '0 issue "x" y',
    "",
  ])("is not %j", (data) => {
    expect(parseCaaData(data)).toBeUndefined();
  });

  test("is read back as it was written, whatever its value", () => {
    const property = fc.record({
      flags: fc.nat(255),
      tag: fc.constantFrom("issue", "issuewild", "iodef"),
      value: fc.string({
        unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      }),
    });
    fc.assert(
      fc.property(property, (each) => {
        expect(parseCaaData(caaData(each))).toEqual(each);
      }),
    );
  });
});

test("a name is challenged below a label of its own, a wildcard where its parent is", () => {
  expect(challengeName("fra1.sip.example.net")).toBe("_acme-challenge.fra1.sip.example.net");
  expect(challengeName("*.sip.example.net")).toBe(challengeName("sip.example.net"));
});
