/**
 * Which node a name may list by now: one whose certificate an earlier update has issued for that name, so that
 * there was time to install it (RFC 5922 section 7.3: the certificate must hold the name that was dialed).
 */
import type { Fqdn } from "../../dns/names.ts";
import type { Ledger, LedgerCertificate } from "../ledger.ts";
import type { CertificateOrder } from "../tree.ts";

/** Whether the node may be listed where all these names lead to it. */
export type MayList = (slot: string, names: readonly Fqdn[]) => boolean;

/**
 * By the certificates that the ledger knows. A node's exact certificate decides; where it has none, because the
 * policy has only just begun to ask for one or never does, its wildcard certificate. Names that an earlier version
 * did not write down are taken as held.
 */
export function mayListIssued(ledger: Pick<Ledger, "certificates">): MayList {
  const bySlot = Map.groupBy(ledger.certificates, ({ slot }) => slot);
  return (slot, names) => {
    const held = bySlot.get(slot) ?? [];
    const exact = held.filter(({ profile }) => profile === "exact");
    const deciding = exact.length > 0 ? exact : held;
    return names.every((name) => deciding.some((certificate) => speaksFor(certificate, name)));
  };
}

/**
 * On a stack without any certificate yet: names wait for certificates inside the one update, so that every node may
 * be listed whose certificates are all among those that this update issues.
 */
export function mayListIssuing(
  issuing: readonly CertificateOrder[],
  all: readonly CertificateOrder[],
): MayList {
  const now = new Set(issuing.map(orderKey));
  const waiting = new Set(all.filter((order) => !now.has(orderKey(order))).map(({ slot }) => slot));
  return (slot) => !waiting.has(slot);
}

function orderKey({ slot, profile }: Pick<CertificateOrder, "slot" | "profile">): string {
  return `${slot} ${profile}`;
}

function speaksFor({ names }: LedgerCertificate, name: Fqdn): boolean {
  return names === undefined || names.includes(name) || names.includes(`*${name.slice(name.indexOf("."))}`);
}
