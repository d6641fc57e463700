import { beforeAll, describe, expect, test } from "vitest";
import { readCertificateRequest } from "../../../../inventory/certificateRequest.ts";
import type { Inventory } from "../../../../inventory/inventory.ts";
import { problemLine, Refusal } from "../../../../inventory/problem.ts";
import { requestOf, requestProblems } from "../../../../plan/certificates/requestChecks.ts";
import { checkedRenderings } from "../../../../plan/checkedRender.ts";
import { lint } from "../../../../plan/lint/lint.ts";
import { planTree } from "../../../../plan/plan.ts";
import {
  certificateRequest,
  type NodeKeys,
  newNodeKeys,
  type RequestKey,
  type RequestOptions,
} from "../../../support/certificateRequest.ts";
import { inventoryOf, nodeAt } from "../../../support/inventories.ts";

const FILES = ["fra1-exact", "fra1-wildcard", "fra2-exact", "fra2-wildcard"] as const;

type File = (typeof FILES)[number];

const NAMES: Readonly<Record<File, readonly string[]>> = {
  "fra1-exact": ["fra1.sip.example.net", "sip.example.net", "euro.sip.example.net", "fra.sip.example.net"],
  "fra1-wildcard": ["sip.example.net", "*.sip.example.net", "fra1.id.sip.example.net"],
  "fra2-exact": ["fra2.sip.example.net", "sip.example.net", "euro.sip.example.net", "fra.sip.example.net"],
  "fra2-wildcard": ["sip.example.net", "*.sip.example.net", "fra2.id.sip.example.net"],
};

/** Two nodes, each with a request for either profile; the domain's other names are those of region and POP. */
const SKETCH = {
  nodes: ["fra1", "fra2"].map((slot) =>
    nodeAt("euro", slot, { csr: { exact: `${slot}-exact`, wildcard: `${slot}-wildcard` } }),
  ),
};

const keys: Partial<Record<File, NodeKeys>> = {};
beforeAll(async () => {
  for (const file of FILES) keys[file] = await newNodeKeys();
});

interface Change extends RequestOptions {
  readonly names?: readonly string[];
}

/** The inventory with good requests, but for the files that are told. */
async function withRequests(
  changes: Partial<Record<File, Change>> = {},
  sketch: Parameters<typeof inventoryOf>[0] = SKETCH,
): Promise<Inventory> {
  const requests = await Promise.all(
    FILES.map(async (file) => {
      const { names = NAMES[file], ...options } = changes[file] ?? {};
      const { csrPem } = await certificateRequest(names, { ...keyOf(file), ...options });
      const request = readCertificateRequest(csrPem);
      if ("fault" in request) throw new Error(request.fault);
      return [file, request] as const;
    }),
  );
  return { ...inventoryOf(sketch), requests: Object.fromEntries(requests) };
}

function keyOf(file: File): { keys?: NodeKeys } {
  const own = keys[file];
  return own === undefined ? {} : { keys: own };
}

function lines(inventory: Inventory, accountKeyDigest?: string): string[] {
  return requestProblems(planTree(inventory).certificates, inventory, accountKeyDigest).map(problemLine);
}

test("requests for the derived names, each with a key of its own, are accepted, in any case and order", async () => {
  const inventory = await withRequests({
    "fra1-exact": { names: NAMES["fra1-exact"].toReversed(), commonName: "fra1.sip.example.net" },
    "fra2-exact": { names: NAMES["fra2-exact"].map((name) => name.toUpperCase()) },
    "fra1-wildcard": { keys: await newNodeKeys("RSA 3072"), commonName: "sip.example.net" },
  });
  expect(lines(inventory)).toEqual([]);
  expect(() => checkedRenderings(planTree(inventory), ["static"], inventory)).not.toThrow();
});

test("certificates without a request are no matter of these checks", () => {
  expect(lines(inventoryOf({ nodes: [nodeAt("euro", "fra1")] }))).toEqual([]);
});

describe("names are the derived ones", () => {
  test("a missing and an extra one are both named, and the remedy is the command that makes a request", async () => {
    const names = ["fra1.sip.example.net", "sip.example.net", "fra.sip.example.net", "old.sip.example.net"];
    expect(lines(await withRequests({ "fra1-exact": { names } }))).toEqual([
      "nodes.json: fra1 exact: fra1-exact: does not name what the certificate holds: it lacks euro.sip.example.net, and has " +
        "old.sip.example.net besides [csr-names]; `npx dialtree cert request fra1 --profile exact` prints how the node makes " +
        "it anew",
    ]);
  });

  test("a common name has to be among them, and none is needed", async () => {
    const commonName = "pbx.example.net";
    const [line = "", ...more] = lines(await withRequests({ "fra1-exact": { commonName } }));
    expect(more).toEqual([]);
    expect(line).toContain(
      "it has the common name pbx.example.net, which its subjectAltName lacks [csr-names]",
    );
  });

  test("a request without any name lacks all", async () => {
    const [line = ""] = lines(await withRequests({ "fra1-wildcard": { names: [] } }));
    expect(line).toContain(
      "it lacks sip.example.net, *.sip.example.net and fra1.id.sip.example.net [csr-names]",
    );
  });

  test("another node's or another profile's request is told as such", async () => {
    const swapped = lines(
      await withRequests({
        "fra1-exact": { names: NAMES["fra2-exact"] },
        "fra2-wildcard": { names: NAMES["fra2-exact"] },
      }),
    );
    expect(swapped).toHaveLength(2);
    expect(swapped[0]).toContain(
      "fra1 exact: fra1-exact: is the request of fra2 exact: the names are those of another",
    );
    expect(swapped[1]).toContain("fra2 wildcard: fra2-wildcard: is the request of fra2 exact");
    expect(swapped.every((line) => line.includes("[csr-names]; name the file under fra2 exact"))).toBe(true);
  });
});

describe("keys are those that authorities certify, and each certificate has its own", () => {
  test.each<RequestKey>(["P-521", "RSA 1024"])("%s is refused", async (key) => {
    expect(lines(await withRequests({ "fra2-exact": { keys: await newNodeKeys(key) } }))).toEqual([
      `nodes.json: fra2 exact: fra2-exact: is for a key of the type ${key}, and authorities certify RSA 2048, 3072 and 4096, ` +
        "P-256 and P-384 [csr-key]; put the old key aside on the node, so that a new one is made; `npx dialtree cert request " +
        "fra2 --profile exact` prints how the node makes it anew",
    ]);
  });

  test("one key of two nodes is refused, and one of two profiles", async () => {
    const shared = keyOf("fra1-exact");
    const found = lines(await withRequests({ "fra2-exact": shared, "fra1-wildcard": shared }));
    expect(found).toHaveLength(2);
    expect(found[0]).toContain(
      "fra1 wildcard: fra1-wildcard: is for the key that fra1 exact is for [csr-key-reuse]",
    );
    expect(found[1]).toContain(
      "fra2 exact: fra2-exact: is for the key that fra1 exact is for [csr-key-reuse]",
    );
    expect(found[1]).toContain("make a key for each: put the old key aside on the node");
  });

  test("one file named for two certificates is a key used twice", async () => {
    const nodes = SKETCH.nodes.map((node) => ({ ...node, csr: { exact: "fra1-exact" } }));
    const found = lines(await withRequests({}, { nodes }));
    expect(found.map((line) => /\[(.*)\]/.exec(line)?.[1])).toEqual(["csr-names", "csr-key-reuse"]);
  });

  test("a retired node's key is not taken over: its certificate may still be valid", async () => {
    const nodes = [
      nodeAt("euro", "fra1", { csr: { exact: "fra1-exact" }, status: "retired" }),
      nodeAt("euro", "fra2", { csr: { exact: "fra2-exact" } }),
    ];
    const found = lines(await withRequests({ "fra2-exact": keyOf("fra1-exact") }, { nodes }));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      "fra2 exact: fra2-exact: is for the key that fra1 exact is for [csr-key-reuse]",
    );
  });

  test("the ACME account's key is no node's", async () => {
    const inventory = await withRequests();
    const found = lines(inventory, requestOf({ csr: "fra2-wildcard" }, inventory.requests)?.keyDigest);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      "fra2 wildcard: fra2-wildcard: is for the key of the ACME account [csr-key-reuse]",
    );
  });
});

describe("nothing is requested that no authority grants", () => {
  test("must-staple is refused", async () => {
    const [line = "", ...more] = lines(await withRequests({ "fra1-exact": { mustStaple: true } }));
    expect(more).toEqual([]);
    expect(line).toMatch(
      /fra1 exact: .* stapled with an OCSP answer .*\[csr-extensions\]; `npx dialtree cert request/,
    );
  });

  test("a SIP URI and an address beside the host names are refused", async () => {
    const others = [
      { type: "url" as const, value: "sip:sip.example.net" },
      { type: "ip" as const, value: "192.0.2.1" },
    ];
    const [line = "", ...more] = lines(await withRequests({ "fra1-exact": { others } }));
    expect(more).toEqual([]);
    expect(line).toContain(
      "names uniformResourceIdentifier sip:sip.example.net and iPAddress, where only dNSName is certified [csr-extensions]",
    );
  });
});

test("everything is refused at once, together with what the platforms refuse", async () => {
  const inventory = await withRequests({
    "fra1-exact": { mustStaple: true, keys: await newNodeKeys("P-521") },
    "fra2-exact": { names: ["fra2.sip.example.net"] },
  });
  const policy = { ...inventory.policy, ttlSeconds: { ...inventory.policy.ttlSeconds, srv: 30 } };
  const refused = () =>
    checkedRenderings(planTree({ ...inventory, policy }), ["cloudflare"], { ...inventory, policy });
  expect(refused).toThrow(Refusal);
  expect(refused).toThrow(/\[csr-key\][\s\S]*\[csr-extensions\][\s\S]*\[csr-names\][\s\S]*\[cloudflare-/);
});

test("an elliptic key of a request counts as one of the provider's for lint", async () => {
  const inventory = await withRequests({ "fra1-exact": { keys: await newNodeKeys("RSA 2048") } });
  const tree = planTree(inventory);
  const findings = lint({ inventory, tree, renderings: checkedRenderings(tree, ["static"], inventory) });
  expect(findings.find(({ rule }) => rule === "ecdsa-chain")?.message).toMatch(
    /^3 of 4 certificates .* fra1 and fra2:/,
  );
});
