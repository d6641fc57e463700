import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { accountKeyDigest } from "../../../../inventory/accountKey.ts";
import { Refusal } from "../../../../inventory/problem.ts";
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from "../../../../plan/certificates/authorities.ts";
import { knownAccountKey, planIssuance } from "../../../../plan/certificates/issuance.ts";

type Acme = Parameters<typeof planIssuance>[0];

const OTHER = "https://acme.example.net/directory";
const CONTEXT = {
  backends: ["cloudflare", "route53"],
  challengeZone: undefined,
  place: "Pulumi.test.yaml",
} as const;

const plan = (acme: Partial<Acme>, challengeZone?: string) =>
  planIssuance({ directory: OTHER, ...acme }, { ...CONTEXT, challengeZone });

function refusals(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("challenges", () => {
  test("are answered at every platform that serves the domain, or where the stack says", () => {
    expect(plan({}).challenges).toEqual(["cloudflare", "route53"]);
    expect(plan({ challenges: ["acme-dns"] }).challenges).toEqual(["acme-dns"]);
  });

  test("that are delegated need to be told who answers them", () => {
    expect(plan({ challenges: ["route53"] }, "acme.example.org").challenges).toEqual(["route53"]);
    expect(refusals(() => plan({}, "acme.example.org"))).toEqual([
      expect.stringMatching(
        /^Pulumi\.test\.yaml: dialtree:acme\.challenges: is missing, .*acme\.example\.org.* \[challenge-provider\]; name who /,
      ),
    ]);
  });
});

describe("CAA", () => {
  test.each([LETS_ENCRYPT.directory, LETS_ENCRYPT_STAGING.directory])(
    "names the authority and the account of itself at %s",
    (directory) => {
      const caa = { issuer: "letsencrypt.org", also: [] };
      expect(plan({ directory }).caa).toEqual(caa);
      expect(plan({ directory, caa: true }).caa).toEqual(caa);
      expect(plan({ directory, caa: { issuer: "letsencrypt.org" } }).caa).toEqual(caa);
      expect(plan({ directory, caa: false })).not.toHaveProperty("caa");
    },
  );

  test("is left out where nobody knows what the authority calls itself, unless the stack tells", () => {
    expect(plan({})).not.toHaveProperty("caa");
    expect(plan({ caa: { issuer: "ca.example.net" } }).caa).toEqual({ issuer: "ca.example.net", also: [] });
  });

  test.each<[Acme["caa"]]>([[true], [{}], [{ also: ["other.example.net"] }]])(
    "that is wanted as %j needs the authority's name for itself",
    (caa) => {
      expect(refusals(() => plan({ caa }))).toEqual([
        expect.stringMatching(
          /dialtree:acme\.caa: does not say what acme\.example\.net calls itself .*\[caa-issuer\]; add /,
        ),
      ]);
    },
  );

  test("with another name than the authority's own is refused: it would block every certificate", () => {
    const { directory } = LETS_ENCRYPT;
    expect(refusals(() => plan({ directory, caa: { issuer: "ca.example.net" } }))).toEqual([
      expect.stringMatching(
        /acme\.caa\.issuer: ca\.example\.net: is not what Let's Encrypt calls itself.*letsencrypt\.org$/,
      ),
    ]);
  });

  test("lists others in one order and once, each by a key of the value alone", () => {
    const also = ["b.example.net; accounturi=https://b.example.net/2", "a.example.net", "a.example.net"];
    const values = plan({ caa: { issuer: "ca.example.net", also } }).caa?.also ?? [];
    expect(values.map(({ value }) => value)).toEqual(["a.example.net", also[0]]);
    const alone = plan({ caa: { issuer: "ca.example.net", also: also.slice(0, 1) } }).caa?.also ?? [];
    expect(alone).toEqual(values.slice(1));
    for (const { key } of values) expect(key).toMatch(/^[ab]\.example\.net-[0-9a-f]{8}$/);
  });
});

test("everything that is wrong is told at once", () => {
  expect(refusals(() => plan({ caa: true }, "acme.example.org"))).toHaveLength(2);
});

describe("the account's key", () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "sec1", format: "pem" })
    .toString();
  const known = (output: unknown, brought?: string) => knownAccountKey(OTHER, output, brought);

  test("is that of the last update, for a key that is brought later counts for nothing", () => {
    expect(known({ directory: OTHER, keyDigest: "ab" }, pem)).toBe("ab");
  });

  test("is the one that is brought where there is no account at this authority yet", () => {
    expect(known(undefined, pem)).toBe(accountKeyDigest(pem));
    expect(known({ directory: "https://staging.example.net/directory", keyDigest: "ab" }, pem)).toBe(
      accountKeyDigest(pem),
    );
  });

  test.each([undefined, null, {}, "text", { directory: OTHER }])(
    "is not known before the first update (%j)",
    (output) => {
      expect(known(output)).toBeUndefined();
    },
  );
});
