/** Every name of the prod tree × every node × both profiles: what the dialer says of the certificate, and OpenSSL. */
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verdict } from "../../dial/identity.ts";
import { parseSubjectAltNames } from "../../dial/subjectAltNames.ts";
import { loadInventory } from "../../inventory/load.ts";
import { LabCa } from "../../lab/ca/labCa.ts";
import { newPrivateKeyPem, publicKeyOf } from "../../lab/providers/acmeKeys.ts";
import { startSipNode } from "../../lab/sipNode.ts";
import { planTree } from "../../plan/plan.ts";
import type { CertificateOrder } from "../../plan/tree.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { checkout } from "../support/trackedFiles.ts";

const tree = planTree(loadInventory(path.join(checkout, "inventory/prod")));
const tiers = [tree.global, ...tree.regions, ...tree.pops];

/** Every name that is published or certified, and some near to them that nobody speaks for. */
const names: readonly string[] = [
  ...new Set([
    ...tiers.map(({ name }) => name),
    ...tree.nodes.map(({ name }) => name),
    ...tree.certificates.flatMap((order) => order.names).filter((name) => !name.startsWith("*")),
    ...tiers.map(({ name }) => `x.${name}`),
    `nowhere.${tree.domain}`,
    `id.${tree.domain}`,
    `x${tree.domain}`,
    tree.zone,
    "sip.example.org",
    tree.domain.toUpperCase(),
  ]),
];

interface Issued {
  readonly order: CertificateOrder;
  /** The node's certificate and the one that signed it, PEM. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly file: string;
}

let folder: string;
let ca: LabCa;
let issued: readonly Issued[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "identity-"));
  ca = await LabCa.open();
  writeFileSync(path.join(folder, "ca.pem"), ca.rootPem);
  const keyPem = newPrivateKeyPem("P256");
  issued = await Promise.all(
    tree.certificates.map(async (order) => {
      const { certificatePem } = await ca.issueFor(order.names, publicKeyOf(keyPem));
      const file = path.join(folder, `${order.slot}-${order.profile}.pem`);
      writeFileSync(file, certificatePem);
      return { order, chainPem: `${certificatePem}${ca.issuerPem}`, keyPem, file };
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What RFC 5922 section 7.2 and RFC 6125 section 6.4 say of an order's names, said again without the dialer's code. */
function expected({ names: certified }: CertificateOrder, dialed: string) {
  const name = dialed.toLowerCase();
  const strict = certified.includes(name);
  const [first = "", ...parents] = name.split(".");
  return { strict, wildcard: strict || (first !== "" && certified.includes(["*", ...parents].join("."))) };
}

function judged({ chainPem }: Issued, name: string) {
  const { subjectAltName, subject } = new X509Certificate(chainPem);
  const commonName = /(?:^|\n)CN=(.*)/.exec(subject)?.[1];
  const { strict, wildcard } = verdict(name, parseSubjectAltNames(subjectAltName), commonName);
  return { strict, wildcard };
}

/** One node of each region, so that every set of listing names is among them. */
const representatives = [...Map.groupBy(tree.nodes, ({ region }) => region).values()].map(
  ([first]) => first?.slot ?? "",
);

describe("the certificates of inventory/prod", () => {
  test("are two for each node, and the names are all there", () => {
    expect(issued).toHaveLength(2 * tree.nodes.length);
    expect(tree.nodes.length).toBeGreaterThan(10);
    expect(names.length).toBeGreaterThan(60);
  });

  test("are judged by both rules as their orders say, for every name", () => {
    const differing = issued.flatMap((certificate) =>
      names.flatMap((name) => {
        const found = judged(certificate, name);
        const wanted = expected(certificate.order, name);
        const { slot, profile } = certificate.order;
        const same = found.strict === wanted.strict && found.wildcard === wanted.wildcard;
        return same ? [] : [{ slot, profile, name, found, wanted }];
      }),
    );
    expect(differing).toEqual([]);
  });

  test("are judged alike by OpenSSL's own X509_check_host, with its wildcards and without, for every name", () => {
    const differing = issued.flatMap((certificate) =>
      names.flatMap((name) => {
        const x509 = new X509Certificate(certificate.chainPem);
        const check = (wildcards: boolean) =>
          x509.checkHost(name, { subject: "never", wildcards, partialWildcards: false }) !== undefined;
        const { strict, wildcard } = judged(certificate, name);
        const same = strict === check(false) && wildcard === check(true);
        return same ? [] : [{ ...certificate.order, names: undefined, name, strict, wildcard }];
      }),
    );
    expect(differing).toEqual([]);
  });

  test("satisfy a strict client by their exact form and a lenient one by either, wherever a name lists their node", () => {
    const listed = tiers.flatMap(({ name, members, standby, geo }) =>
      [
        ...members,
        ...standby,
        ...(geo?.net ?? []),
        ...(geo?.sites ?? []).flatMap((site) => site.halves.flat()),
      ].map(({ slot }) => ({ name, slot })),
    );
    expect(listed.length).toBeGreaterThan(50);
    const unsatisfied = listed.flatMap(({ name, slot }) =>
      issued
        .filter(({ order }) => order.slot === slot)
        .flatMap((certificate) => {
          const { strict, wildcard } = judged(certificate, name);
          const { profile } = certificate.order;
          const satisfied = wildcard && (strict || profile === "wildcard");
          return satisfied ? [] : [{ name, slot, profile, strict, wildcard }];
        }),
    );
    expect(unsatisfied).toEqual([]);
  });
});

const PROCESSES = 4;
const TOOL_MILLISECONDS = 20_000;

function openssl(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("openssl", args, { stdio: ["ignore", "pipe", "pipe"], timeout: TOOL_MILLISECONDS });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

/** Runs the work for each item, a few at once. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: PROCESSES }, worker));
}

describeWithTools("openssl x509 -checkhost", ["openssl"], () => {
  // All pairs went through the same function of the library above; a process for each would take minutes.
  test(`agrees with the lenient rule for every name at both profiles of ${representatives.join(", ")}`, async () => {
    const pairs = issued
      .filter(({ order }) => representatives.includes(order.slot))
      .flatMap((certificate) => names.map((name) => ({ certificate, name })));
    const verdicts = { match: 0, none: 0 };
    const differing: object[] = [];
    await forEach(pairs, async ({ certificate, name }) => {
      const args = ["x509", "-noout", "-in", certificate.file, "-checkhost", name];
      const { output } = await openssl(args);
      const said = /^Hostname (\S+) does (match|NOT match) certificate$/m.exec(output);
      const matches = said?.[2] === "match";
      verdicts[matches ? "match" : "none"]++;
      if (said === null || matches !== judged(certificate, name).wildcard) {
        differing.push({ ...certificate.order, names: undefined, name, output });
      }
    });
    expect(differing).toEqual([]);
    expect(verdicts.match + verdicts.none).toBe(2 * representatives.length * names.length);
    expect(Math.min(verdicts.match, verdicts.none)).toBeGreaterThan(100);
  });
});

describeWithTools("openssl s_client and a node with both certificates", ["openssl"], () => {
  /** One node of each region, so that every set of listing names is there. */
  const slots = [...Map.groupBy(tree.nodes, ({ region }) => region).values()].map(
    ([first]) => first?.slot ?? "",
  );

  test.each(slots)("sees the exact certificate by name, else the wildcard: %s", async (slot) => {
    const own = issued.filter(({ order }) => order.slot === slot);
    const [exact, wildcard] = own.toSorted((a, b) => (a.order.profile < b.order.profile ? -1 : 1));
    if (exact === undefined || wildcard === undefined) throw new Error(`${slot} has no two certificates`);
    const node = await startSipNode({
      slot,
      address: "127.88.6.1",
      ports: { tls: 0 },
      certificates: [exact, wildcard].map(({ chainPem, keyPem }) => ({ certPem: chainPem, keyPem })),
    });
    const client = (name: string, ...sni: string[]) =>
      openssl([
        ...["s_client", "-connect", `127.88.6.1:${node.ports.tls}`, "-CAfile", path.join(folder, "ca.pem")],
        ...["-verify_return_error", "-verify_hostname", name, ...sni],
      ]);
    try {
      const differing: object[] = [];
      await forEach(names, async (name) => {
        const { code, output } = await client(name, "-servername", name);
        const peer = /^Verified peername: (\S+)$/m.exec(output)?.[1];
        const strict = expected(exact.order, name).strict;
        const lenient = expected(wildcard.order, name);
        const ofWildcard = lenient.strict ? name.toLowerCase() : `*.${tree.domain}`;
        const wanted = strict ? name.toLowerCase() : lenient.wildcard ? ofWildcard : undefined;
        if (peer?.toLowerCase() !== wanted || (code === 0) !== (wanted !== undefined)) {
          differing.push({ name, wanted, peer, code, output: wanted === undefined ? undefined : output });
        }
      });
      expect(differing).toEqual([]);
      const unnamed = await client(tree.domain, "-noservername");
      expect(unnamed.output).toContain(`Verified peername: ${tree.domain}`);
      // Strict clients that send no server name, such as Sofia-SIP, find every name that lists the node there.
      const pem =
        /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(unnamed.output)?.[0] ?? "";
      expect(new X509Certificate(pem).fingerprint256).toBe(
        new X509Certificate(exact.chainPem).fingerprint256,
      );
    } finally {
      await node.close();
    }
  });
});
