/** The cases of RFC 8659 and RFC 8657, and those in which Let's Encrypt decides beyond them. */
import { describe, expect, test } from "vitest";
import { accountIssueValue } from "../../../../dns/caa.ts";
import { allows, refuseByCaa } from "../../../../lab/ca/caa.ts";
import { type LookupSets, lookupIn } from "../../../../lab/ca/lookupSets.ts";
import { zoneOf } from "../../../support/zones.ts";

const ACCOUNT = "https://acme.lab.invalid/acct/123";
const HOST = "fra1.sip.example.net";
const WILDCARD = "*.sip.example.net";

const property = (line: string) => {
  const [flags, tag = "", ...value] = line.split(" ");
  return { flags: Number(flags), tag, value: value.join(" ") };
};

const decide = (lines: readonly string[], identifier = HOST) =>
  allows(lines.map(property), identifier, ACCOUNT);

describe("a set of CAA properties", () => {
  test.each<[title: string, lines: string[]]>([
    ["without any", []],
    ["that names the authority", ["0 issue letsencrypt.org"]],
    ["that names it among others", ["0 issue other.example.net", "0 issue letsencrypt.org"]],
    ["that only says whom to tell", ["0 iodef mailto:security@example.net"]],
    ["of wildcards alone, which is no matter of a host name", ["0 issuewild ;"]],
    ["with a property that nobody knows and nobody must", ["126 tbs unknown", "0 issue letsencrypt.org"]],
    ["with a critical property that is known", ["128 issue letsencrypt.org"]],
    ["with a parameter that nobody knows", ["0 issue letsencrypt.org; policy=ev"]],
    ["with the account", [`0 issue letsencrypt.org; accounturi=${ACCOUNT}`]],
    [
      "with the account among two",
      [`0 issue letsencrypt.org; accounturi=${ACCOUNT}0`, `0 issue letsencrypt.org; accounturi=${ACCOUNT}`],
    ],
    ["with the method", ["0 issue letsencrypt.org; validationmethods=dns-01"]],
    ["with the method among others", ["0 issue letsencrypt.org; validationmethods=http-01,dns-01,ca-x"]],
    ["as this program writes it", [`0 issue ${accountIssueValue("letsencrypt.org", ACCOUNT)}`]],
    ["that names the lab", ["0 issue ca.lab.example.test"]],
  ])("%s lets a host name be certified", (_, lines) => {
    expect(decide(lines)).toBe(true);
  });

  test.each<[title: string, lines: string[]]>([
    ["that names nobody", ["0 issue ;"]],
    ["that names nobody by an empty value", ["0 issue "]],
    ["that names another authority", ["0 issue ca.example.net"]],
    ["that names a domain above or below the authority's", ["0 issue org", "0 issue acme.letsencrypt.org"]],
    [
      "that names it for wildcards alone beside another",
      ["0 issuewild letsencrypt.org", "0 issue ca.example.net"],
    ],
    ["with an unknown critical property", ["128 tbs unknown", "0 issue letsencrypt.org"]],
    [
      "with an unknown property and the bit that many take for the critical one",
      ["1 tbs x", "0 issue letsencrypt.org"],
    ],
    ["with another account", [`0 issue letsencrypt.org; accounturi=${ACCOUNT}4`]],
    ["with an account twice", [`0 issue letsencrypt.org; accounturi=${ACCOUNT}; accounturi=${ACCOUNT}`]],
    ["with another method", ["0 issue letsencrypt.org; validationmethods=http-01"]],
    [
      "with the methods twice",
      ["0 issue letsencrypt.org; validationmethods=dns-01; validationmethods=dns-01"],
    ],
    ["with no method at all", ["0 issue letsencrypt.org; validationmethods="]],
    ["with methods that are none", ["0 issue letsencrypt.org; validationmethods=dns-01,http_01"]],
    [
      "with the account and another method",
      [`0 issue letsencrypt.org; accounturi=${ACCOUNT}; validationmethods=http-01`],
    ],
    ["that is not of the form", ["0 issue letsencrypt.org; a_b=1"]],
    ["with a value that has spaces", ["0 issue letsencrypt.org; a=1 2"]],
    [
      "as this program writes it for another account",
      [`0 issue ${accountIssueValue("letsencrypt.org", `${ACCOUNT}4`)}`],
    ],
  ])("%s lets nobody have a host name", (_, lines) => {
    expect(decide(lines)).toBe(false);
  });

  test.each<[title: string, lines: string[], allowed: boolean]>([
    ["by `issue` where nothing is said of wildcards", ["0 issue letsencrypt.org"], true],
    ["not by another authority's `issue`", ["0 issue ca.example.net"], false],
    [
      "by `issuewild` alone once there is one",
      ["0 issue ca.example.net", "0 issuewild letsencrypt.org"],
      true,
    ],
    [
      "not by `issue` once there is an `issuewild`",
      ["0 issue letsencrypt.org", "0 issuewild ca.example.net"],
      false,
    ],
    ["not where `issuewild` names nobody", ["0 issue letsencrypt.org", "0 issuewild ;"], false],
    ["where nothing is said of issuance", ["0 iodef mailto:security@example.net"], true],
  ])("decides of a wildcard %s", (_, lines, allowed) => {
    expect(decide(lines, WILDCARD)).toBe(allowed);
  });
});

describe("the relevant set", () => {
  const zone = (...lines: string[]) =>
    zoneOf(
      "example.net",
      lines.map((line) => line.replace(" CAA ", " 60 CAA ")),
    );
  const ask = (identifier: string, ...zones: ReturnType<typeof zone>[]) =>
    refuseByCaa(identifier, ACCOUNT, lookupIn(zones, []));
  const refused = (name: string) =>
    expect.objectContaining({
      status: 403,
      code: "urn:ietf:params:acme:error:caa",
      message: expect.stringMatching(
        new RegExp(`CAA record for ${name.replaceAll(".", "\\.")} prevents issuance$`),
      ),
    });

  const ALLOWED = '0 issue "letsencrypt.org"';
  const OTHER = '0 issue "ca.example.net"';

  test("is that of the closest name, whatever stands above", async () => {
    const closest = zone(`sip.example.net CAA ${ALLOWED}`, `example.net CAA ${OTHER}`);
    await ask(HOST, closest);
    await ask(WILDCARD, closest);
    await expect(ask("www.example.net", closest)).rejects.toEqual(refused("example.net"));
    const reversed = zone(`sip.example.net CAA ${OTHER}`, `example.net CAA ${ALLOWED}`);
    await expect(ask(HOST, reversed)).rejects.toEqual(refused("sip.example.net"));
    await ask("example.net", reversed);
  });

  test("is the name's own before its parent's", async () => {
    const own = zone(`${HOST} CAA ${OTHER}`, `sip.example.net CAA ${ALLOWED}`);
    await expect(ask(HOST, own)).rejects.toEqual(refused(HOST));
    await ask("fra2.sip.example.net", own);
  });

  test("is looked for at every name server: one that says otherwise is enough for a refusal", async () => {
    const here = zone(`sip.example.net CAA ${ALLOWED}`);
    await ask(HOST, here, here);
    await ask(HOST, here, zone());
    await expect(ask(HOST, here, zone(`example.net CAA ${OTHER}`))).rejects.toEqual(refused("example.net"));
  });

  test("that cannot be read lets nobody in", async () => {
    await expect(ask(HOST, zone("sip.example.net CAA nonsense"))).rejects.toEqual(refused("sip.example.net"));
  });

  test("is asked for from the name up to its last label, a wildcard's from its parent", async () => {
    const asked: string[] = [];
    const lookup: LookupSets = async (name, type) => {
      asked.push(`${type} ${name}`);
      return [[]];
    };
    await refuseByCaa(WILDCARD, ACCOUNT, lookup);
    expect(asked).toEqual(["CAA sip.example.net", "CAA example.net", "CAA net"]);
  });
});
