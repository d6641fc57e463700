/**
 * The nodes' certificate requests against what the plan orders: an authority certifies a request as it is or not at
 * all, and a key that two certificates share is lost for both at once.
 */
import type { CertificateRequest } from "../../inventory/certificateRequest.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { nodeCertificates } from "../../inventory/nodeCertificates.ts";
import type { Problem } from "../../inventory/problem.ts";
import { listText } from "../lint/context.ts";
import type { CertificateOrder } from "../tree.ts";
import { orderText } from "./orderChecks.ts";

/** The request that the order is issued from; undefined where the provider makes the key. */
export function requestOf(
  { csr }: Pick<CertificateOrder, "csr">,
  requests: Inventory["requests"],
): CertificateRequest | undefined {
  return csr === undefined ? undefined : requests[csr];
}

/**
 * Rules `csr-names`, `csr-key`, `csr-extensions` and `csr-key-reuse`; empty where every request can be certified for
 * its order.
 * @param accountKeyDigest SHA-256 of the ACME account's public key, in hex, where it is known before the update.
 */
export function requestProblems(
  orders: readonly CertificateOrder[],
  inventory: Pick<Inventory, "nodes" | "policy" | "requests">,
  accountKeyDigest?: string,
): Problem[] {
  const found = orders.flatMap((order): Requested[] => {
    const request = requestOf(order, inventory.requests);
    return request === undefined ? [] : [{ order, request }];
  });
  return [
    ...found.flatMap((requested) => [
      ...nameProblems(requested, orders),
      ...keyProblems(requested),
      ...extensionProblems(requested),
    ]),
    ...reusedKeys(inventory, accountKeyDigest),
  ];
}

interface Requested {
  readonly order: CertificateOrder;
  readonly request: CertificateRequest;
}

function problem(order: CertificateOrder, rule: string, message: string, remedy: string): Problem {
  return {
    place: "nodes.json",
    key: orderText(order),
    ...(order.csr === undefined ? {} : { value: order.csr }),
    rule,
    message,
    remedy,
  };
}

function anew({ slot, profile }: CertificateOrder): string {
  return `\`npx dialtree cert request ${slot} --profile ${profile}\` prints how the node makes it anew`;
}

function nameProblems({ order, request }: Requested, orders: readonly CertificateOrder[]): Problem[] {
  const { names } = request;
  const missing = order.names.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !order.names.includes(name));
  const unlisted = request.commonNames.filter((name) => !names.includes(name));
  const other = orders.find((each) => sameNames(each.names, names));
  if (missing.length + extra.length > 0 && other !== undefined) {
    const message = `is the request of ${orderText(other)}: the names are those of another certificate`;
    return [problem(order, "csr-names", message, `name the file under ${orderText(other)}; ${anew(order)}`)];
  }
  const faults = [
    ...(missing.length === 0 ? [] : [`lacks ${listText(missing)}`]),
    ...(extra.length === 0 ? [] : [`has ${listText(extra)} besides`]),
    ...(unlisted.length === 0
      ? []
      : [`has the common name ${listText(unlisted)}, which its subjectAltName lacks`]),
  ];
  if (faults.length === 0) return [];
  const message = `does not name what the certificate holds: it ${faults.join(", and ")}`;
  return [problem(order, "csr-names", message, anew(order))];
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

const OTHER_KEY = "put the old key aside on the node, so that a new one is made";

function keyProblems({ order, request: { key, keyType } }: Requested): Problem[] {
  if (keyType !== undefined) return [];
  const message = `is for a key of the type ${key}, and authorities certify RSA 2048, 3072 and 4096, P-256 and P-384`;
  return [problem(order, "csr-key", message, `${OTHER_KEY}; ${anew(order)}`)];
}

function extensionProblems({ order, request: { mustStaple, otherNames } }: Requested): Problem[] {
  const faults = [
    ...(mustStaple
      ? ["must be stapled with an OCSP answer (RFC 7633), which authorities no longer give"]
      : []),
    ...(otherNames.length > 0 ? [`names ${listText(otherNames)}, where only dNSName is certified`] : []),
  ];
  return faults.map((fault) => problem(order, "csr-extensions", fault, anew(order)));
}

/** Over all entries, retired ones too: a certificate of theirs may still be valid. */
function reusedKeys(
  { nodes, policy, requests }: Pick<Inventory, "nodes" | "policy" | "requests">,
  accountKeyDigest: string | undefined,
): Problem[] {
  const first = new Map<string, CertificateOrder>();
  return nodes
    .flatMap((node) =>
      nodeCertificates(node, policy).map((held) => ({ ...held, slot: node.slot, names: [] })),
    )
    .flatMap(({ keyType: _, ...order }): Problem[] => {
      const digest = requestOf(order, requests)?.keyDigest;
      if (digest === undefined) return [];
      const remedy = `make a key for each: ${OTHER_KEY}; ${anew(order)}`;
      const earlier = first.get(digest);
      first.set(digest, earlier ?? order);
      return [
        ...(earlier === undefined
          ? []
          : [problem(order, "csr-key-reuse", `is for the key that ${orderText(earlier)} is for`, remedy)]),
        ...(digest === accountKeyDigest
          ? [problem(order, "csr-key-reuse", "is for the key of the ACME account", remedy)]
          : []),
      ];
    });
}
