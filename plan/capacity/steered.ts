/**
 * Loads of a steered name: the callers of each of its places are told the place's own nodes, and those of the next one
 * when all of these are gone. At Cloudflare these are pools, which hold every node of the place, listed or not; at
 * Route 53 the sets that the places' own names list.
 */
import type { ShareModel } from "../clients/shares.ts";
import { type PoolSite, type PreferredPart, poolSites, siteOrders, sitePools } from "../cloudflarePools.ts";
import type { OfferedTarget } from "../recovery/offer.ts";
import type { Backend } from "../rendering.ts";
import { siteTier } from "../siteTier.ts";
import { nodesBySlot } from "../staticRecords.ts";
import type { GeoSteering, Member, Tier, Tree } from "../tree.ts";
import { type ExpectedLoads, loadOf } from "./load.ts";
import { answeringTargets, type Flow, type Loads, loadsOf } from "./nodeLoad.ts";
import type { Case } from "./row.ts";

type SteeringBackend = Exclude<Backend, "static">;

type IsGone = (slot: string) => boolean;

/** Targets, and the key of the site whose they are; the callers' own where all nodes are gone. */
interface Told {
  readonly site: string;
  readonly targets: readonly OfferedTarget[];
}

/** What one kind of callers is told. */
interface Telling {
  readonly backend: SteeringBackend;
  readonly callers?: "by address";
  /** What callers of the site get while these nodes are gone. */
  told(site: PoolSite, isGone: IsGone): Told;
  /** The nodes of the site, in the groups among which a load is shared. */
  shared(site: PoolSite): readonly (readonly Member[])[];
}

/**
 * Every situation at Cloudflare, for callers by SRV and for those by address. At Route 53 a place that is gone: all
 * else is told by the rows of the places' own names, whose sets these are.
 */
export function steeredCases(
  tier: Tier,
  geo: GeoSteering,
  tree: Tree,
  backend: SteeringBackend,
  loads: ExpectedLoads,
): Case[] {
  const sites = poolSites(tier, geo, tree);
  const callsOf = new Map(sites.map((site) => [site.key, loadOf(siteTier(site, tree), loads)]));
  const loaded = sites.filter(({ key }) => callsOf.get(key) !== undefined);
  return tellings(tier, geo, tree, backend, sites).flatMap((telling): Case[] => {
    const flow = (site: PoolSite, isGone: IsGone): Flow => ({
      calls: callsOf.get(site.key) ?? 0,
      targets: telling.told(site, isGone).targets,
    });
    const own = new Map(loaded.map((site) => [site, remembered([flow(site, () => false)])]));
    const whole = remembered(loaded.map((site) => flow(site, () => false)));
    const without = ({ situation, key, of, isGone }: Gone): Case[] => {
      const affected = loaded.filter((site) => of.includes(site));
      const [first] = affected;
      if (first === undefined) return [];
      const { site: answeredBy } = telling.told(first, isGone);
      const flows = affected.map((site) => flow(site, isGone));
      return [
        {
          ...{ situation, ...marks(telling), gone: key },
          ...(answeredBy === first.key ? {} : { answeredBy }),
          loads: (model) =>
            moved(
              whole(model),
              affected.flatMap((site) => own.get(site)?.(model) ?? []),
              loadsOf(flows, model),
            ),
        },
      ];
    };
    const places = placesGone(tier, geo, sites).flatMap(without);
    if (backend === "route53") return places;
    const everything: Case = { situation: "all nodes", ...marks(telling), loads: whole };
    const smaller = [
      ...nodesGone(loaded, telling),
      ...(tier.kind === "global" ? popsGone(loaded, tree) : []),
    ];
    return [everything, ...smaller.flatMap(without), ...places];
  });
}

function marks({ backend, callers }: Telling): Pick<Case, "backend" | "callers"> {
  return { backend, ...(callers === undefined ? {} : { callers }) };
}

/** Reckoned once for each model, however many cases start from it. */
function remembered(flows: readonly Flow[]): (model: ShareModel) => Loads {
  const known = new Map<ShareModel, Loads>();
  return (model) => {
    const loads = known.get(model) ?? loadsOf(flows, model);
    known.set(model, loads);
    return loads;
  };
}

/** Loads of the nodes that callers are told now, on top of what others bring there: the rest carry no more than before. */
function moved(whole: Loads, before: readonly Loads[], now: Loads): Loads {
  const ofOthers = (slot: string) =>
    before.reduce((left, loads) => left - (loads.get(slot) ?? 0), whole.get(slot) ?? 0);
  return new Map([...now].map(([slot, calls]) => [slot, ofOthers(slot) + calls]));
}

function tellings(
  tier: Tier,
  geo: GeoSteering,
  tree: Tree,
  backend: SteeringBackend,
  sites: readonly PoolSite[],
): Telling[] {
  const orderFrom = siteOrders(sites, geo);
  const orders = new Map<PoolSite, readonly PoolSite[]>();
  const firstWith = (site: PoolSite, targetsOf: (site: PoolSite) => readonly OfferedTarget[]): Told => {
    const own = targetsOf(site);
    if (own.length > 0) return { site: site.key, targets: own };
    const order = orders.get(site) ?? orderFrom([site]);
    orders.set(site, order);
    for (const next of order) {
      const targets = targetsOf(next);
      if (targets.length > 0) return { site: next.key, targets };
    }
    return { site: site.key, targets: [] };
  };
  if (backend === "route53") {
    const groupsOf = (site: PoolSite) => siteTier(site, tree).groups;
    return [
      {
        backend,
        told: (site, isGone) => firstWith(site, (next) => answeringTargets(groupsOf(next), isGone)),
        shared: (site) => groupsOf(site).map(({ members }) => members),
      },
    ];
  }
  const fromPools = (parts: readonly PreferredPart[]): Omit<Telling, "backend"> => ({
    told: (site, isGone) => {
      const answers = parts.map((part) => firstWith(site, (next) => poolTarget(next, part, isGone)));
      return { site: answers[0]?.site ?? site.key, targets: answers.flatMap(({ targets }) => targets) };
    },
    shared: (site) =>
      parts.flatMap((part) =>
        sitePools(site, part)
          .slice(0, 1)
          .map(({ members }) => members),
      ),
  });
  if (tier.form === "addresses") return [{ backend, ...fromPools(["all"]) }];
  const bySrv = { backend, ...fromPools(["a", "b"]) };
  return tree.policy.tierAddresses
    ? [bySrv, { backend, callers: "by address", ...fromPools(["a"]) }]
    : [bySrv];
}

/** The host name that answers from the site's first pool with nodes; none where all are gone. */
function poolTarget(site: PoolSite, preferred: PreferredPart, isGone: IsGone): OfferedTarget[] {
  for (const { members } of sitePools(site, preferred)) {
    const left = members.filter(({ slot }) => !isGone(slot));
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    if (left.length > 0) {
      return [{ weight: 1, nodes: left.map(({ slot, weight }) => ({ slot, share: weight / sum })) }];
    }
  }
  return [];
}

/** Something that is gone, and the places whose nodes are among it. */
interface Gone extends Pick<Case, "situation"> {
  readonly key: string;
  readonly of: readonly PoolSite[];
  readonly isGone: IsGone;
}

/**
 * The nodes that are missed most: of those that share a load by weight the two heaviest, since what a node carries when
 * another is gone grows with the other's weight.
 */
function nodesGone(sites: readonly PoolSite[], { shared }: Telling): Gone[] {
  return sites.flatMap((site) => {
    const missed = shared(site).flatMap((members) =>
      members.toSorted((a, b) => b.weight - a.weight).slice(0, 2),
    );
    return [...new Set(missed.map(({ slot }) => slot))].map(
      (key): Gone => ({ situation: "one node gone", key, of: [site], isGone: (slot) => slot === key }),
    );
  });
}

function popsGone(sites: readonly PoolSite[], tree: Tree): Gone[] {
  const nodes = nodesBySlot(tree);
  const popOf = (slot: string) => nodes.get(slot)?.pop ?? "";
  return sites.flatMap((site) => {
    const pops = new Set(site.halves.flat().map(({ slot }) => popOf(slot)));
    return [...pops].sort().map(
      (key): Gone => ({
        situation: "one POP gone",
        key,
        of: [site],
        isGone: (slot) => popOf(slot) === key,
      }),
    );
  });
}

function placesGone(tier: Tier, geo: GeoSteering, sites: readonly PoolSite[]): Gone[] {
  // The last place has nobody who stands in.
  if (geo.sites.length < 2) return [];
  return geo.sites.map(({ key }): Gone => {
    const of = sites.filter((site) => site.key === key || (tier.kind === "global" && site.region === key));
    const slots = new Set(
      of.flatMap(({ halves, standby }) => [...halves.flat(), ...standby]).map(({ slot }) => slot),
    );
    return { situation: "one place gone", key, of, isGone: (slot) => slots.has(slot) };
  });
}
