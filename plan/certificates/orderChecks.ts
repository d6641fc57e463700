/**
 * What no authority would certify of the planned orders, found before it is asked: an order that it refuses costs
 * the other orders of the update their turn.
 */
import { ACME_PROFILE_FACTS } from "../../inventory/acmeProfiles.ts";
import type { Problem } from "../../inventory/problem.ts";
import type { CertificateOrder, Tree } from "../tree.ts";

/** Rules `certificate-names`, `certificate-redundant` and `certificate-twice`; empty where all can be ordered. */
export function orderProblems({
  certificates,
  nodes,
  policy,
}: Pick<Tree, "certificates" | "nodes" | "policy">): Problem[] {
  return [
    ...tooManyNames(certificates, nodes, policy),
    ...certificates.flatMap(redundantNames),
    ...setsTwice(certificates),
  ];
}

/** How a problem names an order: `fra1 exact`. */
export function orderText({ slot, profile }: Pick<CertificateOrder, "slot" | "profile">): string {
  return `${slot} ${profile}`;
}

/** One for each region and profile: nodes of a region share their names. */
function tooManyNames(
  orders: Tree["certificates"],
  nodes: Tree["nodes"],
  { certificates: { acmeProfile } }: Tree["policy"],
): Problem[] {
  const { mostNames } = ACME_PROFILE_FACTS[acmeProfile];
  const regionOf = new Map(nodes.map(({ slot, region }) => [slot, region]));
  const tooMany = orders.filter(({ names }) => names.length > mostNames);
  const places = Map.groupBy(tooMany, ({ slot, profile }) => `region ${regionOf.get(slot)}: ${profile}`);
  return [...places].map(([key, group]) => ({
    place: "nodes.json",
    key,
    rule: "certificate-names",
    message:
      `certificates of ${group.length === 1 ? group[0]?.slot : `${group.length} nodes`} need ` +
      `${Math.max(...group.map(({ names }) => names.length))} names, and one of the profile ${acmeProfile} holds ${mostNames}`,
    remedy:
      acmeProfile === "classic"
        ? "divide the region: a node's certificate has every POP and region name that can ever list it"
        : "divide the region, or set policy.certificates.acmeProfile to classic, which holds " +
          `${ACME_PROFILE_FACTS.classic.mostNames}`,
  }));
}

/** A wildcard stands for one label more (RFC 9525 section 6.3), so the name it covers is refused beside it. */
function redundantNames(order: CertificateOrder): Problem[] {
  const names = new Set(order.names);
  return order.names.flatMap((name): Problem[] => {
    const wildcard = `*${name.slice(name.indexOf("."))}`;
    if (name === wildcard || !names.has(wildcard)) return [];
    return [
      {
        place: "tree.json",
        key: orderText(order),
        value: name,
        rule: "certificate-redundant",
        message: `is covered by ${wildcard} in the same certificate, which authorities refuse`,
        remedy: "plan the two in certificates of their own: the profiles wildcard and exact",
      },
    ];
  });
}

/** Let's Encrypt issues one exact set of names five times in seven days, whoever asks. */
function setsTwice(orders: readonly CertificateOrder[]): Problem[] {
  const first = new Map<string, CertificateOrder>();
  return orders.flatMap((order): Problem[] => {
    const set = [...order.names].sort().join();
    const earlier = first.get(set);
    if (earlier === undefined) {
      first.set(set, order);
      return [];
    }
    return [
      {
        place: "tree.json",
        key: orderText(order),
        rule: "certificate-twice",
        message: `has the same names as ${orderText(earlier)}: an authority issues one exact set five times a week`,
        remedy: "give each certificate a name of its own",
      },
    ];
  });
}
