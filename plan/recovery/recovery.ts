/**
 * The recovery model: for every name, from a node's death until new calls succeed, and what part of them is hurt
 * meanwhile. Pure: a tree, a platform and the inputs; docs/recovery.md has the formulas.
 */
import type { Fqdn } from "../../dns/names.ts";
import type { Wire } from "../../dns/services.ts";
import { KNOWN_CLIENTS, type KnownClient } from "../clients/known.ts";
import type { Backend } from "../rendering.ts";
import type { Tier, TierKind, Tree } from "../tree.ts";
import { type ArticleFormula, articleFormula } from "./article.ts";
import type { CallRecovery } from "./call.ts";
import { wholeSite, worstNode } from "./exposure.ts";
import { type FailbackRecovery, failbackRecovery } from "./failback.ts";
import type { Inputs } from "./inputs.ts";
import {
  exposuresOf,
  type Lines,
  type RecoveryOptions,
  recoveryLines,
  type Situation,
  standardExposure,
  type WindowsByProbe,
} from "./lines.ts";
import type { Holding } from "./lookup.ts";
import { type TierOffers, tierOffers } from "./offer.ts";
import type { RegistrationRecovery } from "./registration.ts";
import { changeWindow, probeWindow, shorter } from "./window.ts";

export interface NameRecovery {
  readonly name: Fqdn;
  readonly kind: TierKind;
  readonly key: string;
  /** One node is dead: the one whose loss hurts most callers. */
  readonly node: NodeDeath;
  /** C1: clients that go by SRV; empty where the name has no set. */
  readonly srv: readonly CallRecovery[];
  /** Clients that go by addresses; empty where the name has none. */
  readonly addresses: readonly CallRecovery[];
  /** Clients that find nothing at the name over a wire. */
  readonly unreached: readonly { readonly client: KnownClient; readonly wire: Wire }[];
  /** C2: every node of one place is dead; absent where the name is not steered. */
  readonly site?: SiteDeath;
  /** C3: trunks that register at the name, by SRV and by address. */
  readonly registration: RegistrationDeath;
  /** C4: the node is back. */
  readonly failback: readonly FailbackRecovery[];
  readonly article: ArticleFormula;
}

export interface NodeDeath {
  readonly slot: string;
  /** The place near which its callers are, where the name is steered. */
  readonly site?: string;
  /** Part of these callers who try it first, 0 to 1, of clients that draw as RFC 2782 says. */
  readonly share: number;
  /** Whether such a client is told of any node beside it. */
  readonly hasLiveTarget: boolean;
  readonly window: { readonly srv: WindowsByProbe; readonly addresses: WindowsByProbe };
}

export interface SiteDeath {
  /** The places that the name is steered to. */
  readonly sites: readonly string[];
  /** The one whose death hurts most. */
  readonly site: string;
  readonly window: WindowsByProbe;
  /** What its callers meet. */
  readonly srv: readonly CallRecovery[];
  readonly addresses: readonly CallRecovery[];
}

export interface RegistrationDeath {
  readonly srv: readonly RegistrationRecovery[];
  readonly addresses: readonly RegistrationRecovery[];
}

/** The model of one tree on one platform: asked for names one by one, or for all of them. */
export function recoveryModel(tree: Tree, backend: Backend, inputs: Inputs, options: RecoveryOptions = {}) {
  const lines = recoveryLines(tree, inputs, options);
  const failback = failbackRecovery(options.clients ?? KNOWN_CLIENTS, inputs);
  const article = articleFormula(inputs);
  return (tier: Tier): NameRecovery => {
    const offers = tierOffers(tier, tree, backend);
    const holding = { srv: offers.srv.length > 0, addresses: offers.addresses.length > 0 };
    const srv: Situation = {
      by: "srv",
      exposures: exposuresOf("srv", offers.srv, worstNode),
      windows: windows(offers.nodesProbed, backend, inputs, inputs.srvTtlSeconds),
      holding,
    };
    const addresses: Situation = {
      by: "addresses",
      exposures: exposuresOf("addresses", offers.addresses, worstNode),
      windows: windows(offers.nodesProbed, backend, inputs, inputs.addressTtlSeconds),
      holding,
    };
    const dead = standardExposure(srv) ?? standardExposure(addresses);
    if (dead === undefined) throw new Error(`${tier.name} is offered to nobody`);
    const site = siteDeath(offers, backend, inputs, holding, lines);
    return {
      name: tier.name,
      kind: tier.kind,
      key: tier.key,
      node: {
        slot: dead.dead,
        ...(dead.site === undefined ? {} : { site: dead.site }),
        share: dead.share,
        hasLiveTarget: dead.hasLiveTarget,
        window: { srv: srv.windows, addresses: addresses.windows },
      },
      srv: lines.calls(srv),
      addresses: lines.calls(addresses),
      unreached: lines.unreached(holding),
      ...(site === undefined ? {} : { site }),
      registration: { srv: lines.registrations(srv), addresses: lines.registrations(addresses) },
      failback,
      article,
    };
  };
}

/** The recovery of every name: the global name, regions, POPs. Linear in the names. */
export function recovery(
  tree: Tree,
  backend: Backend,
  inputs: Inputs,
  options: RecoveryOptions = {},
): NameRecovery[] {
  return [tree.global, ...tree.regions, ...tree.pops].map(recoveryModel(tree, backend, inputs, options));
}

/** Until what is dead is out of the answers: one node, or a whole place. */
function windows(probed: boolean, backend: Backend, inputs: Inputs, ttlSeconds: number): WindowsByProbe {
  if (!probed || backend === "static") {
    const change = changeWindow(inputs, ttlSeconds);
    return { probed: change, unprobed: change };
  }
  // What callers keep of a load-balanced host name is its address; an alias has the TTL of the set behind it.
  const keptSeconds = backend === "cloudflare" ? inputs.geoTtlSeconds : ttlSeconds;
  const change = changeWindow(inputs, keptSeconds);
  return { probed: shorter(probeWindow(inputs, backend, keptSeconds), change), unprobed: change };
}

function siteDeath(
  offers: TierOffers,
  backend: Backend,
  inputs: Inputs,
  holding: Holding,
  lines: Lines,
): SiteDeath | undefined {
  if (!offers.steered) return undefined;
  const situation = (by: Situation["by"], ttlSeconds: number): Situation => ({
    by,
    exposures: exposuresOf(by, offers[by], wholeSite),
    windows: windows(true, backend, inputs, ttlSeconds),
    holding,
  });
  const srv = situation("srv", inputs.srvTtlSeconds);
  const addresses = situation("addresses", inputs.addressTtlSeconds);
  const first = holding.srv ? srv : addresses;
  return {
    sites: offers[first.by].flatMap(({ site }) => site ?? []),
    site: standardExposure(first)?.dead ?? "",
    window: first.windows,
    srv: lines.calls(srv),
    addresses: lines.calls(addresses),
  };
}
