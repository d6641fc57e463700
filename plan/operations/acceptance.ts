/** All that one node must accept: names it may be reached by, ports, TLS server names, certificates, probes. */
import { child, type Fqdn } from "../../dns/names.ts";
import { SERVICES, type Transport, type Wire } from "../../dns/services.ts";
import type { CertificateProfile } from "../../inventory/certificateKinds.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import type { Status } from "../../inventory/nodeSchema.ts";
import { type GeoHalf, GLOBAL_KEY, geoHostName } from "../labels.ts";
import type { Ledger } from "../ledger.ts";
import { probeRequest } from "../probe.ts";
import type { ProbeRequest } from "../rendering.ts";
import type { Tier, TierKind, Tree } from "../tree.ts";
import { addressesOf, answeringSlots, namesThatMayList } from "./listing.ts";

export interface Acceptance {
  readonly slot: string;
  readonly status: Status;
  /** Its own name and addresses; no addresses where nothing is published of it. */
  readonly name: Fqdn;
  readonly addresses: readonly string[];
  /** Names by which callers come, or may come after a drain, a failure or a promotion: Request-URI and SNI. */
  readonly names: readonly ListingName[];
  readonly listeners: readonly Listener[];
  /** What the platforms probe; absent where no name is steered. */
  readonly probe?: ProbeRequest;
  readonly certificates: readonly HeldCertificate[];
}

export interface ListingName {
  readonly name: Fqdn;
  /** `host`: a load-balanced host name behind a steered name at Cloudflare. */
  readonly kind: TierKind | "node" | "host";
  /** Whether callers are led to the node by it at present. */
  readonly lists: boolean;
}

export interface Listener {
  readonly transport: Transport;
  readonly wire: Wire;
  readonly port: number;
  /** Port that clients use who find addresses only, where it is another one. */
  readonly withoutSrv?: number;
}

export interface HeldCertificate {
  readonly profile: CertificateProfile;
  readonly names: readonly string[];
  /** The node's own request, where its key never leaves it. */
  readonly csr?: string;
  /** Times of the one that an update issued, where the ledger has it. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

/** @param slot of an entry of the inventory. */
export function acceptanceOf(slot: string, inventory: Inventory, tree: Tree, ledger?: Ledger): Acceptance {
  const entry = inventory.nodes.find((node) => node.slot === slot);
  if (entry === undefined) throw new Error(`no slot ${slot}`);
  const node = tree.nodes.find((each) => each.slot === slot);
  const steered = [tree.global, ...tree.regions].some(({ geo }) => geo !== undefined);
  return {
    slot,
    status: entry.status,
    name: child(slot, inventory.domain),
    addresses: addressesOf(node),
    names: node === undefined ? [] : listingNames(slot, inventory, tree),
    listeners: node === undefined ? [] : listeners(tree),
    ...(steered && node !== undefined ? { probe: probeRequest(tree) } : {}),
    certificates: tree.certificates
      .filter((order) => order.slot === slot)
      .map(({ profile, names, csr }) => {
        const issued = ledger?.certificates.find((each) => each.slot === slot && each.profile === profile);
        return {
          profile,
          names,
          ...(csr === undefined ? {} : { csr }),
          ...(issued === undefined ? {} : { notBefore: issued.notBefore, notAfter: issued.notAfter }),
        };
      }),
  };
}

function listingNames(slot: string, inventory: Inventory, tree: Tree): ListingName[] {
  const tiers = [tree.global, ...tree.regions, ...tree.pops];
  const known = new Map<string, Omit<ListingName, "name">>([
    [child(slot, tree.domain), { kind: "node", lists: true }],
    ...tiers.flatMap((tier): [string, Omit<ListingName, "name">][] => [
      ...hostsOf(tier, tree).map(({ name, slots }): [string, Omit<ListingName, "name">] => [
        name,
        { kind: "host", lists: slots.includes(slot) },
      ]),
      [tier.name, { kind: tier.kind, lists: answeringSlots(tier).includes(slot) }],
    ]),
  ]);
  return (namesThatMayList(inventory).get(slot) ?? []).map((name) => ({
    name: name as Fqdn,
    ...(known.get(name) ?? { kind: "host" as const, lists: false }),
  }));
}

/** The host names behind a steered name, with the nodes of their pools. */
function hostsOf({ kind, key, geo }: Tier, { domain }: Tree): { name: Fqdn; slots: string[] }[] {
  if (geo === undefined) return [];
  const hostKey = kind === "global" ? GLOBAL_KEY : key;
  return (["a", "b"] as const satisfies GeoHalf[]).map((half) => ({
    name: geoHostName(hostKey, half, domain),
    // The other half and the standby nodes answer where this half is down.
    slots: geo.sites.flatMap(({ halves, standby }) => [...halves.flat(), ...standby].map(({ slot }) => slot)),
  }));
}

function listeners({ services }: Tree): Listener[] {
  return services.map(({ transport, port }) => {
    const { wire, defaultPort } = SERVICES[transport];
    return { transport, wire, port, ...(port === defaultPort ? {} : { withoutSrv: defaultPort }) };
  });
}
