/** What the outputs of a stack hold for one node: its name, its certificates, and the keys that the provider made. */
import { z } from "zod";
import { CERTIFICATE_PROFILES, type CertificateProfile } from "../../inventory/certificateKinds.ts";
import { type Problem, Refusal } from "../../inventory/problem.ts";
import { nearest } from "../../inventory/suggestion.ts";
import { readLedger } from "../ledger.ts";
import { compareSlots } from "../order.ts";

export interface NodeOutputs {
  readonly slot: string;
  /** The node's own name. */
  readonly name: string;
  /** The name that all others are below. */
  readonly domain: string;
  /** Sorted by profile; empty while none has been issued. */
  readonly certificates: readonly PublishedCertificate[];
  /** `masked` where the engine was not asked to show secrets. */
  readonly keys: readonly ProviderKey[] | "masked";
}

export interface PublishedCertificate {
  readonly profile: CertificateProfile;
  /** The node's certificate, then those that sign it. */
  readonly certificatePem: string;
}

/** A key that the provider has made; a node with requests in the inventory has none. */
export interface ProviderKey {
  readonly profile: CertificateProfile;
  readonly privateKeyPem: string;
}

const owned = { slot: z.string(), profile: z.enum(CERTIFICATE_PROFILES) };

/** components/outputs.ts writes it. */
const outputsSchema = z.looseObject({
  names: z.looseObject({
    global: z.looseObject({ name: z.string() }),
    nodes: z.record(z.string(), z.looseObject({ name: z.string() })),
  }),
  certificates: z.array(z.looseObject({ ...owned, certificatePem: z.string() })),
  privateKeys: z
    .union([z.string(), z.array(z.looseObject({ ...owned, privateKeyPem: z.string() }))])
    .default([]),
  ledger: z.unknown(),
});

/**
 * Picks the node's part.
 * @param place where the outputs are from, for messages
 * @throws Refusal when they are no outputs of a stack of this version, or hold no such node
 */
export function nodeOutputs(outputs: unknown, slot: string, place: string): NodeOutputs {
  const parsed = outputsSchema.safeParse(outputs);
  // Another version may have another shape: that is the better message.
  if (typeof outputs === "object" && outputs !== null && "ledger" in outputs) readLedger(outputs.ledger);
  if (!parsed.success) throw new Refusal([notOutputs(place, parsed.error.issues[0]?.path ?? [])]);
  const { names, certificates, privateKeys } = parsed.data;
  const node = Object.hasOwn(names.nodes, slot) ? names.nodes[slot] : undefined;
  if (node === undefined) throw new Refusal([unknownNode(slot, Object.keys(names.nodes))]);
  const byProfile = (a: { profile: string }, b: { profile: string }) => (a.profile < b.profile ? -1 : 1);
  return {
    slot,
    name: node.name,
    domain: names.global.name,
    certificates: certificates.filter((each) => each.slot === slot).sort(byProfile),
    keys: typeof privateKeys === "string" ? "masked" : privateKeys.filter((each) => each.slot === slot),
  };
}

function notOutputs(place: string, path: readonly PropertyKey[]): Problem {
  return {
    place,
    key: path.map(String).join("."),
    rule: "stack-outputs",
    message:
      path.length === 0
        ? "is no object of stack outputs"
        : "is missing, or not as a deployed stack writes it",
    remedy: "give what `pulumi stack output --json` prints for a stack that has been deployed",
  };
}

function unknownNode(slot: string, slots: readonly string[]): Problem {
  const meant = nearest(slot, slots);
  return {
    place: "--node",
    key: "",
    value: slot,
    rule: "unknown-node",
    message: "is no node that the stack has deployed",
    remedy:
      meant !== undefined
        ? `did you mean ${meant}?`
        : `choose one of ${slots.toSorted(compareSlots).join(", ") || "none: it has not deployed any"}`,
  };
}
