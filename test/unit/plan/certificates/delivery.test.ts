import { createPublicKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { problemLine } from "../../../../inventory/problem.ts";
import {
  type DeliveryTerms,
  decideDelivery,
  type InstalledFiles,
  publicKeyIn,
} from "../../../../plan/certificates/delivery.ts";
import type { NodeOutputs } from "../../../../plan/certificates/nodeOutputs.ts";
import {
  createPublisher,
  newKeyPem,
  type Profile,
  type Publisher,
} from "../../../support/publishedOutputs.ts";
import { createTestAuthority } from "../../../support/testCertificates.ts";

const DAY_MILLISECONDS = 86_400_000;
const NOW = new Date("2026-11-23T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MILLISECONDS);

const node: NodeOutputs = {
  slot: "fra1",
  name: "fra1.sip.example.net",
  domain: "sip.example.net",
  certificates: [],
  keys: "masked",
};
const terms: DeliveryTerms = { withKey: false, force: false, now: NOW };

let publisher: Publisher;
const keyPem = newKeyPem();
const otherKeyPem = newKeyPem();

beforeAll(async () => {
  publisher = await createPublisher();
});

const chainOf = (slot: string, profile: Profile, at = NOW, key = keyPem) =>
  publisher.issue({ slot, profile, keyPem: key, at });

interface Case {
  readonly profile?: Profile;
  readonly certificatePem: string;
  readonly installed?: InstalledFiles;
  readonly terms?: Partial<DeliveryTerms>;
  readonly keys?: NodeOutputs["keys"];
}

function decide({
  profile = "exact",
  certificatePem,
  installed = {},
  terms: more = {},
  keys = "masked",
}: Case) {
  return decideDelivery({ ...node, keys }, { profile, certificatePem }, installed, { ...terms, ...more });
}

function filesOf(given: Case) {
  const decision = decide(given);
  if (!decision.ok) throw new Error(decision.problems.map(problemLine).join("\n"));
  return decision.delivery;
}

function faultsOf(given: Case): string[] {
  const decision = decide(given);
  return decision.ok ? [] : decision.problems.map(problemLine);
}

describe("the files of a certificate", () => {
  it("are the certificate, those that sign it, and both in this order", async () => {
    const certificatePem = await chainOf("fra1", "exact");
    const { files, changed, notAfter } = filesOf({ certificatePem });
    expect(Object.keys(files)).toEqual(["cert.pem", "chain.pem", "fullchain.pem"]);
    expect(files["fullchain.pem"]).toBe(`${files["cert.pem"]}${files["chain.pem"]}`);
    expect(new X509Certificate(files["cert.pem"]).subjectAltName).toContain("fra1.sip.example.net");
    expect(new X509Certificate(files["cert.pem"]).checkIssued(new X509Certificate(files["chain.pem"]))).toBe(
      true,
    );
    expect({ changed, notAfter }).toEqual({
      changed: true,
      notAfter: new X509Certificate(certificatePem).validToDate,
    });
  });

  it("are unchanged where the same are in place, whatever the line ends and the text between them are", async () => {
    const certificatePem = await chainOf("fra1", "exact");
    const { files } = filesOf({ certificatePem });
    const written = certificatePem.replaceAll("\n", "\r\n");
    expect(filesOf({ certificatePem: `# fra1\r\n${written}`, installed: files })).toMatchObject({
      changed: false,
    });
  });

  it("are changed where one of them is missing or another", async () => {
    const certificatePem = await chainOf("fra1", "exact");
    const { files } = filesOf({ certificatePem });
    const { "chain.pem": chain, ...withoutChain } = files;
    expect(filesOf({ certificatePem, installed: withoutChain }).changed).toBe(true);
    expect(filesOf({ certificatePem, installed: { ...files, "chain.pem": `${chain}\n` } }).changed).toBe(
      true,
    );
    expect(filesOf({ certificatePem, installed: { ...files, "cert.pem": "broken" } }).changed).toBe(true);
  });
});

describe("a certificate", () => {
  it.each([
    ["of another node", "fra2", "exact", "exact"],
    ["of another node, by wildcard", "fra2", "wildcard", "wildcard"],
    ["of a node whose slot begins alike", "fra11", "wildcard", "wildcard"],
    ["of the other profile", "fra1", "wildcard", "exact"],
    ["of the other profile, the other way", "fra1", "exact", "wildcard"],
  ] as const)("is refused where it is %s", async (_, slot, issued, profile) => {
    const certificatePem = await chainOf(slot, issued);
    expect(faultsOf({ certificatePem, profile })).toEqual([
      expect.stringMatching(/^certificate \w+ of fra1: is for .*: not for this node \[other-names\]; /),
    ]);
    expect(faultsOf({ certificatePem: await chainOf("fra1", profile), profile })).toEqual([]);
  });

  it.each([
    ["nothing", () => "", "is no certificate in PEM"],
    ["a part of one", (pem: string) => pem.slice(0, 300), "is no certificate in PEM"],
    [
      "broken inside",
      (pem: string) => pem.replace(/[A-Za-z0-9]{20}\n/, "AAAA\n"),
      "is no certificate in PEM",
    ],
    [
      "alone",
      (pem: string) => pem.slice(0, pem.indexOf("-----BEGIN", 10)),
      "has no certificate with it that signs it",
    ],
    [
      "behind the one that signs it",
      (pem: string) => pem.slice(pem.indexOf("-----BEGIN", 10)) + pem.slice(0, pem.indexOf("-----BEGIN", 10)),
      "is not signed by the certificate that follows it",
    ],
  ])("is refused where it is %s", async (_, spoil, message) => {
    const certificatePem = spoil(await chainOf("fra1", "exact"));
    expect(faultsOf({ certificatePem })).toEqual([
      expect.stringContaining(`of fra1: ${message} [certificate-chain]`),
    ]);
  });

  it("is refused beside an authority that has only the signer's name", async () => {
    const [signer, stranger] = [await createTestAuthority(), await createTestAuthority()];
    const { certPem } = await signer.issue({ dns: ["fra1.sip.example.net"] });
    const now = { now: new Date() };
    expect(faultsOf({ certificatePem: `${certPem}\n${signer.caPem}`, terms: now })).toEqual([]);
    expect(faultsOf({ certificatePem: `${certPem}\n${stranger.caPem}`, terms: now })).toEqual([
      expect.stringContaining("is not signed by the certificate that follows it"),
    ]);
  });

  it("is refused where it is older than the one in place, unless that is what is wanted", async () => {
    const newer = filesOf({ certificatePem: await chainOf("fra1", "exact", daysAgo(1)) }).files;
    const certificatePem = await chainOf("fra1", "exact", daysAgo(40));
    expect(faultsOf({ certificatePem, installed: newer })).toEqual([
      expect.stringMatching(
        /begins at 2026-10-14T11:00:00.000Z, before the one in place \(2026-11-22T11:00:00.000Z\)/,
      ),
    ]);
    expect(faultsOf({ certificatePem, installed: newer, terms: { force: true } })).toEqual([]);
  });

  it("is refused once it has expired, also where that is what is wanted", async () => {
    const certificatePem = await chainOf("fra1", "exact", daysAgo(100));
    for (const force of [false, true]) {
      expect(faultsOf({ certificatePem, terms: { force } })).toEqual([
        expect.stringContaining("has expired at 2026-11-13T10:59:59.000Z [certificate-age]; renew it"),
      ]);
    }
  });

  it("is refused for everything at once", async () => {
    const installed = filesOf({ certificatePem: await chainOf("fra1", "exact", daysAgo(1)) }).files;
    const certificatePem = await chainOf("fra2", "exact", daysAgo(100));
    const lines = faultsOf({ certificatePem, installed, terms: { keyPem: otherKeyPem } });
    expect(lines.map((line) => /\[(.*)\]/.exec(line)?.[1])).toEqual([
      "other-names",
      "certificate-age",
      "certificate-age",
      "certificate-key",
    ]);
  });
});

describe("the key of a certificate", () => {
  it("is compared with the node's own, by either half of it", async () => {
    const certificatePem = await chainOf("fra1", "exact");
    const publicHalf = createPublicKey(keyPem).export({ type: "spki", format: "pem" }).toString();
    for (const own of [keyPem, publicHalf]) {
      expect(filesOf({ certificatePem, terms: { keyPem: own } }).files).not.toHaveProperty("key.pem");
    }
    expect(faultsOf({ certificatePem, terms: { keyPem: otherKeyPem } })).toEqual([
      expect.stringContaining("is not for the key of --key [certificate-key]"),
    ]);
  });

  it("is delivered where it is asked for and the outputs show it", async () => {
    const certificatePem = await chainOf("fra1", "exact");
    const keys = [
      { profile: "wildcard" as const, privateKeyPem: otherKeyPem },
      { profile: "exact" as const, privateKeyPem: keyPem },
    ];
    expect(filesOf({ certificatePem, keys, terms: { withKey: true } }).files["key.pem"]).toBe(keyPem);
    expect(filesOf({ certificatePem, keys }).files).not.toHaveProperty("key.pem");
  });

  it.each([
    ["the outputs mask it", "masked" as const, "has a key that these outputs do not show"],
    ["the node made it", [], "is issued from the node's own request: its key is on the node"],
    [
      "it is another's",
      [{ profile: "exact" as const, privateKeyPem: otherKeyPem }],
      "is not for the key in the outputs",
    ],
  ])("is refused where %s", async (_, keys, message) => {
    const certificatePem = await chainOf("fra1", "exact");
    const lines = faultsOf({ certificatePem, keys, terms: { withKey: true } });
    expect(lines).toEqual([expect.stringContaining(message)]);
    expect(lines.join()).not.toContain("PRIVATE KEY");
  });

  it("that is in place stays with a renewal, and is not left beside a certificate of another key", async () => {
    const installed = {
      ...filesOf({ certificatePem: await chainOf("fra1", "exact", daysAgo(30)) }).files,
      "key.pem": keyPem,
    };
    const renewed = filesOf({ certificatePem: await chainOf("fra1", "exact"), installed });
    expect(renewed).toMatchObject({ changed: true, files: { "key.pem": keyPem } });
    const certificatePem = await chainOf("fra1", "exact", NOW, otherKeyPem);
    expect(faultsOf({ certificatePem, installed })).toEqual([
      expect.stringContaining("is not for the key.pem in place [certificate-key]; fetch with --with-key"),
    ]);
    const keys = [{ profile: "exact" as const, privateKeyPem: otherKeyPem }];
    expect(filesOf({ certificatePem, installed, keys, terms: { withKey: true } }).files["key.pem"]).toBe(
      otherKeyPem,
    );
  });

  it.each([
    ["nothing", ""],
    ["a certificate", undefined],
    [
      "an encrypted key",
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8GCSqGSIb3\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ],
    ["a broken key", keyPem.replace(/\n[A-Za-z0-9+/]{4}/, "\nAAAA")],
  ])("cannot be read from %s", async (_, text) => {
    expect(publicKeyIn(text ?? (await chainOf("fra1", "exact")))).toBeUndefined();
    expect(publicKeyIn(keyPem)?.asymmetricKeyType).toBe("ec");
  });
});
