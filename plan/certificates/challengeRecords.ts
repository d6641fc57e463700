/**
 * Delegated challenges: an alias in place of each challenge name, into a zone that holds nothing else (RFC 8555
 * section 8.4: the authority follows aliases). Who can write there can prove names, and can change none of them.
 */
import { ISSUANCE_TTL_SECONDS } from "../../dns/caa.ts";
import { challengeName } from "../../dns/challenge.ts";
import { type Fqdn, fqdn } from "../../dns/names.ts";
import { GLOBAL_KEY } from "../labels.ts";
import type { Cause, PlannedRecord } from "../rendering.ts";
import { nodesBySlot } from "../staticRecords.ts";
import type { Tree } from "../tree.ts";

/** One alias for each name of any certificate, a wildcard at its parent; none where nothing is delegated. */
export function challengeRecords(tree: Tree): PlannedRecord[] {
  const { challengeZone } = tree;
  if (challengeZone === undefined) return [];
  const names = new Set(
    tree.certificates.flatMap((order) => order.names.map((name) => name.replace(/^\*\./, ""))),
  );
  return [...names].map((name) => ({
    record: {
      name: challengeName(name),
      type: "CNAME",
      ttlSeconds: ISSUANCE_TTL_SECONDS,
      target: fqdn(`${name}.${challengeZone}`),
    },
    cause: { ...ownerOf(name as Fqdn, tree), purpose: "challenge" },
  }));
}

/**
 * Whom the name belongs to, by its labels below the domain: a name is challenged also while its tier has nobody to
 * list and is not in the tree.
 */
function ownerOf(name: Fqdn, tree: Tree): Pick<Cause, "tier" | "key"> {
  const { domain, policy } = tree;
  const [label = ""] = name === domain ? [] : name.slice(0, -domain.length - 1).split(".");
  if (label === "" || label === "geo-a" || label === "geo-b") return { tier: "global", key: GLOBAL_KEY };
  // Its own name, or the one below the idLabel that makes its wildcard certificate unique.
  if (nodesBySlot(tree).has(label)) return { tier: "node", key: label };
  const region = /^geo-(.+)-[ab]$/.exec(label)?.[1] ?? label;
  return { tier: Object.hasOwn(policy.regions, region) ? "region" : "pop", key: region };
}
