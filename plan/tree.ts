/**
 * The tree: what every published name means, before any platform has a say. Names, ordered groups of nodes
 * with weights, steering, certificates. Plain, sorted and JSON-safe; the same inventory in any order gives
 * the same tree.
 */
import type { Fqdn } from "../dns/names.ts";
import type { Transport } from "../dns/services.ts";
import type { CertificateProfile, KeyType } from "../inventory/certificateKinds.ts";
import type { Role, Status } from "../inventory/nodeSchema.ts";
import type { Area, GeoForm, Policy } from "../inventory/treeSchema.ts";

export interface Tree {
  readonly domain: Fqdn;
  readonly zone: Fqdn;
  /** Zone that ACME challenges are delegated to. */
  readonly challengeZone?: Fqdn;
  /** Published services, in the order of dns/services.ts. */
  readonly services: readonly Service[];
  /** Every node whose own name is published: all but the retired ones. Sorted by slot. */
  readonly nodes: readonly TreeNode[];
  /** Sorted by key. */
  readonly pops: readonly Tier[];
  /** Sorted by key. */
  readonly regions: readonly Tier[];
  readonly global: Tier;
  readonly certificates: readonly CertificateOrder[];
  readonly policy: Policy;
}

export interface Service {
  readonly transport: Transport;
  readonly port: number;
}

export interface TreeNode {
  readonly slot: string;
  readonly name: Fqdn;
  readonly region: string;
  readonly pop: string;
  readonly address: string;
  readonly address6?: string;
  readonly weight: number;
  readonly role: Role;
  readonly status: Exclude<Status, "retired">;
}

export type TierKind = "pop" | "region" | "global";

/** One dialable name above the nodes. */
export interface Tier {
  readonly kind: TierKind;
  /** POP or region key; `global` for the global name. */
  readonly key: string;
  /** Region that a POP lies in; on POPs only. */
  readonly region?: string;
  readonly name: Fqdn;
  /** `addresses`: the name has no SRV set, whether it can be steered at present or not. */
  readonly form: GeoForm;
  /** Who answers when nothing is steered, lowest priority value first, never empty. Already cut to size. */
  readonly groups: readonly Group[];
  /** Every active primary behind the name, uncut: what address records and pools are made of. */
  readonly members: readonly Member[];
  /** Active standby nodes behind the name, uncut. */
  readonly standby: readonly Member[];
  /** Whose nodes these are: the tier's own, or those of the tier that stands in. */
  readonly answeredBy: { readonly kind: "own" } | { readonly kind: "region"; readonly region: string };
  /** Present where the name is steered by the caller's location. */
  readonly geo?: GeoSteering;
}

/** Nodes tried together, their load shared by weight. */
export interface Group {
  readonly priority: number;
  /** Sorted by slot; never empty. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly slot: string;
  /** 1 to 65535. */
  readonly weight: number;
}

export interface GeoSteering {
  /** The places steered to, sorted by key; one where it has all active nodes of the name. */
  readonly sites: readonly GeoSite[];
  /** Key of the site for callers whose location nobody serves or nobody knows. */
  readonly defaultSite: string;
  /**
   * Nodes of several sites that stand behind the steered ones wherever SRV itself cannot be steered: primaries, and
   * standby nodes where there are fewer than two. Sorted by slot.
   */
  readonly net: readonly Member[];
}

/** One place of a steered name: a region of the global name, or a POP of a wide region. */
export interface GeoSite {
  readonly key: string;
  readonly kind: "pop" | "region";
  /** Callers that belong to this site. */
  readonly serves: Area;
  /** Keys of the sites that answer, in this order, when this one is down. */
  readonly fallback: readonly string[];
  /**
   * Active primaries, or the standby nodes where no primary is left, in two disjoint halves. A node's half hangs
   * on the nodes that are not retired, so that a drain moves no neighbour; a half can be empty meanwhile.
   */
  readonly halves: readonly [a: readonly Member[], b: readonly Member[]];
  readonly standby: readonly Member[];
}

/** Keys that the provider can make. */
export type ProvidedKeyType = Exclude<KeyType, "rsa3072">;

/** One certificate to hold: the names are sorted, the first is the subject. */
export interface CertificateOrder {
  readonly slot: string;
  readonly profile: CertificateProfile;
  readonly names: readonly string[];
  /** Path of the node's certificate request inside the inventory folder, where the node makes its own key. */
  readonly csr?: string;
  /** Key that the provider makes where there is no request. */
  readonly keyType?: ProvidedKeyType;
}
