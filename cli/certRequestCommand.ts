/** `dialtree cert request SLOT`: what a node runs to make its key and its certificate requests. */

import type { CertificateProfile, KeyType } from "../inventory/certificateKinds.ts";
import { valueText } from "../inventory/jsonc.ts";
import { nodeCertificates } from "../inventory/nodeCertificates.ts";
import type { Node } from "../inventory/nodeSchema.ts";
import { Refusal } from "../inventory/problem.ts";
import { nearest } from "../inventory/suggestion.ts";
import { inventoryFileOf, type NodeRequest, nodeRequest } from "../plan/certificates/nodeRequest.ts";
import { planTree } from "../plan/plan.ts";
import { DEFAULT_STACK, type SelectionOptions, select } from "./selection.ts";
import { EXIT, type Terminal } from "./usage.ts";

export interface CertRequestOptions extends SelectionOptions {
  readonly slot: string;
  readonly profile?: CertificateProfile;
  /** Key to make, in place of the inventory's. */
  readonly key?: KeyType;
  readonly json?: boolean;
}

/** @throws UsageError, Refusal */
export function certRequestCommand(options: CertRequestOptions, io: Terminal): number {
  // Requests that are missing or wrong are what this command mends: they are not looked at.
  const { inventory, folder } = select(options, { readRequests: false });
  const node = inventory.nodes.find(({ slot }) => slot === options.slot);
  if (node === undefined || node.status === "retired") throw unknownNode(options.slot, node, inventory.nodes);
  const held = nodeCertificates(node, inventory.policy);
  const { profile: only } = options;
  if (only !== undefined && held.every(({ profile }) => profile !== only)) throw unheld(node.slot, only);

  const orders = planTree(inventory).certificates.filter(({ slot }) => slot === node.slot);
  const requests = orders
    .filter(({ profile }) => only === undefined || profile === only)
    .map((order) => nodeRequest(order, options.key ?? keyTypeOf(order.profile, held)));
  const csr = Object.fromEntries(
    orders
      .filter((order) => order.csr !== undefined || requests.some(({ profile }) => profile === order.profile))
      .map((order) => [order.profile, inventoryFileOf(order)]),
  );
  const document = { version: 1, domain: inventory.domain, slot: node.slot, requests, csr };
  io.stdout.write(
    options.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : text(document, folder, options),
  );
  return EXIT.fine;
}

function keyTypeOf(profile: CertificateProfile, held: ReturnType<typeof nodeCertificates>): KeyType {
  const certificate = held.find((each) => each.profile === profile);
  if (certificate === undefined)
    throw new Error(`an order of the profile ${profile} that the node does not have`);
  return certificate.keyType;
}

interface RequestDocument {
  readonly domain: string;
  readonly slot: string;
  readonly requests: readonly NodeRequest[];
  /** The node's `csr` in nodes.json once the requests are in place. */
  readonly csr: Readonly<Record<string, string>>;
}

/** A script as a whole: what is for people is comments, so that it can be copied, or piped to a shell on the node. */
function text(
  { domain, slot, requests, csr }: RequestDocument,
  folder: string,
  options: CertRequestOptions,
): string {
  const selection =
    options.inventory === undefined
      ? ` --stack ${options.stack ?? DEFAULT_STACK}`
      : ` --inventory ${options.inventory}${options.domain === undefined ? "" : ` --domain ${options.domain}`}`;
  const head = [
    `Node ${slot} of ${domain}: run this on the node, in the folder for its keys, as the user who may read them.`,
    "Each block makes a key, or takes the one that is there, and prints the request for it. The key stays on the node.",
  ];
  const blocks = requests.map(({ profile, names, keyType, keyFile, requestFile, script }) => {
    const about = `${profile}: ${names.length} names, ${keyType} key in ${keyFile}, request in ${requestFile}`;
    return `${comment([about])}${script}`;
  });
  const tail = [
    `Then put what is printed into ${folder}:`,
    ...requests.map(({ requestFile, inventoryFile }) => `  ${requestFile} as ${inventoryFile}`),
    `and into nodes.json, in the entry of ${slot}:`,
    `  "csr": { ${Object.entries(csr)
      .map(([profile, file]) => `"${profile}": ${JSON.stringify(file)}`)
      .join(", ")} }`,
    `npx dialtree plan${selection} checks it.`,
  ];
  return [comment(head), ...blocks, comment(tail)].join("\n");
}

/** Whatever the path of a folder is, it ends no comment. */
function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line.replaceAll(/\p{Cc}/gu, "?")}\n`).join("");
}

function unknownNode(slot: string, retired: Node | undefined, nodes: readonly Node[]): Refusal {
  const slots = nodes.flatMap((node) => (node.status === "retired" ? [] : [node.slot]));
  const meant = nearest(slot, slots);
  return new Refusal([
    {
      place: "SLOT",
      key: "",
      value: valueText(slot),
      rule: "unknown-node",
      message:
        retired === undefined ? "is no node of the inventory" : "is retired: it gets no certificate any more",
      remedy:
        retired === undefined && meant !== undefined
          ? `did you mean ${meant}?`
          : `choose one of ${slots.join(", ")}`,
    },
  ]);
}

function unheld(slot: string, profile: CertificateProfile): Refusal {
  return new Refusal([
    {
      place: "--profile",
      key: "",
      value: profile,
      rule: "csr-profiles",
      message: `${slot} has no certificate of this profile`,
      remedy:
        "leave --profile away, or list it in policy.certificates.profiles or the node's certificates.profiles",
    },
  ]);
}
