import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identityFault, verdict } from "../../../dial/identity.ts";
import type { SubjectAltName } from "../../../dial/subjectAltNames.ts";

const dns = (...values: string[]): SubjectAltName[] => values.map((value) => ({ kind: "dns", value }));
const uri = (...values: string[]): SubjectAltName[] => values.map((value) => ({ kind: "uri", value }));

const NAME = "euro.sip.example.net";

interface Row {
  readonly certificate: string;
  readonly sans: readonly SubjectAltName[] | undefined;
  readonly commonName?: string;
  readonly strict: boolean;
  readonly wildcard: boolean;
}

const rows: readonly Row[] = [
  { certificate: "the name itself", sans: dns(NAME), strict: true, wildcard: true },
  { certificate: "the name in upper case", sans: dns("EURO.SIP.EXAMPLE.NET"), strict: true, wildcard: true },
  {
    certificate: "a wildcard and the apex",
    sans: dns("*.sip.example.net", "sip.example.net"),
    strict: false,
    wildcard: true,
  },
  { certificate: "a wildcard two labels up", sans: dns("*.example.net"), strict: false, wildcard: false },
  { certificate: "a partial wildcard", sans: dns("eu*.sip.example.net"), strict: false, wildcard: false },
  {
    certificate: "a wildcard in the second label",
    sans: dns("euro.*.example.net"),
    strict: false,
    wildcard: false,
  },
  { certificate: "another name", sans: dns("asia.sip.example.net"), strict: false, wildcard: false },
  { certificate: "a longer name", sans: dns("x.euro.sip.example.net"), strict: false, wildcard: false },
  { certificate: "a sip: URI of the name", sans: uri(`sip:${NAME}`), strict: true, wildcard: false },
  {
    certificate: "a sip: URI of the name, and a DNS name",
    sans: [...uri(`sip:${NAME}`), ...dns("x.example.net")],
    strict: true,
    wildcard: false,
  },
  {
    certificate: "a sip: URI of another domain beside the DNS name",
    sans: [...uri("sip:example.org"), ...dns(NAME)],
    strict: false,
    wildcard: true,
  },
  {
    certificate: "a sip: URI of a user beside the DNS name",
    sans: [...uri(`sip:alice@${NAME}`), ...dns(NAME)],
    strict: true,
    wildcard: true,
  },
  {
    certificate: "a sip: URI of a user only",
    sans: uri(`sip:alice@${NAME}`),
    strict: false,
    wildcard: false,
  },
  { certificate: "a sips: URI", sans: uri(`sips:${NAME}`), strict: false, wildcard: false },
  {
    certificate: "an https: URI beside the DNS name",
    sans: [...uri("https://example.org/"), ...dns(NAME)],
    strict: true,
    wildcard: true,
  },
  {
    certificate: "a sip: URI of a wildcard",
    sans: uri("sip:*.sip.example.net"),
    strict: false,
    wildcard: false,
  },
  {
    certificate: "the common name beside another DNS name",
    sans: dns("x.example.net"),
    commonName: NAME,
    strict: false,
    wildcard: false,
  },
  {
    certificate: "the common name beside entries of no domain",
    sans: [{ kind: "other", value: "192.0.2.1" }],
    commonName: NAME,
    strict: false,
    wildcard: false,
  },
  { certificate: "the common name alone", sans: undefined, commonName: NAME, strict: true, wildcard: true },
  {
    certificate: "a common name with wildcard alone",
    sans: undefined,
    commonName: "*.sip.example.net",
    strict: false,
    wildcard: false,
  },
  { certificate: "no name at all", sans: undefined, strict: false, wildcard: false },
];

describe("whether a certificate speaks for a dialed name", () => {
  test.each(rows)(
    "$certificate: strict $strict, wildcard $wildcard",
    ({ sans, commonName, strict, wildcard }) => {
      expect(verdict(NAME, sans, commonName)).toMatchObject({ strict, wildcard });
    },
  );

  test("the reason names the wildcard that only a lenient client accepts", () => {
    expect(verdict(NAME, dns("*.sip.example.net")).reason).toContain("*.sip.example.net");
  });

  test("a wildcard over a whole top-level domain covers nothing", () => {
    expect(verdict("example.test", dns("*.test"))).toMatchObject({ strict: false, wildcard: false });
  });

  test("an IP address is never spoken for", () => {
    expect(verdict("192.0.2.1", dns("192.0.2.1"))).toMatchObject({ strict: false, wildcard: false });
  });

  test("a wildcard never makes a strict match, whatever stands behind it", () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        expect(verdict(`a.${domain}`, dns(`*.${domain}`))).toMatchObject({ strict: false, wildcard: true });
        expect(verdict(domain, dns(`*.${domain}`))).toMatchObject({ strict: false, wildcard: false });
        expect(verdict(`b.a.${domain}`, dns(`*.${domain}`))).toMatchObject({
          strict: false,
          wildcard: false,
        });
      }),
    );
  });
});

describe("why a client would not go on", () => {
  test.each(rows)(
    "follows from the verdict alone: $certificate",
    ({ sans, commonName, strict, wildcard }) => {
      const identity = verdict(NAME, sans, commonName);
      expect(identityFault(identity, "strict") === undefined).toBe(strict);
      expect(identityFault(identity, "wildcard") === undefined).toBe(wildcard);
      expect(identityFault(identity, "any") === undefined).toBe(strict || wildcard);
    },
  );

  test("is never that an entry names it", () => {
    const byUri = verdict(NAME, uri(`sip:${NAME}`));
    expect(byUri.reason).toBe(`URI:sip:${NAME} names it`);
    expect(identityFault(byUri, "wildcard")).toBe(
      "only a URI entry names it, and clients of RFC 6125 read DNS entries",
    );
  });
});
