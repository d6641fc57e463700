/** What a component asks of a platform. One implementation per platform; each holds its rendering of the tree. */
import type * as pulumi from "@pulumi/pulumi";
import type { RecordType } from "../dns/records.ts";
import type { Backend, Cause } from "../plan/rendering.ts";

/** The component that a line of the plan belongs to: a node, a tier, or the issuance of their certificates. */
export type Owner = Pick<Cause, "tier" | "key"> | "issuance";

/** One value of the domain's CAA set, of property `issue` (RFC 8659 section 4.2). */
export interface CaaValue {
  /** Identity of the value, for platforms that have a record per value. */
  readonly key: string;
  readonly value: pulumi.Input<string>;
}

export interface Placement {
  /** The component that owns what is published. */
  readonly parent: pulumi.ComponentResource;
  /** Resources that must stand before a name lists this node: its certificates, where they are new. */
  readonly beforeListing: (slot: string) => readonly pulumi.Resource[];
}

export interface DnsBackend {
  readonly name: Exclude<Backend, "static">;
  /**
   * Creates everything that `owner` puts at this platform, in the order of its dependencies. Called once per
   * owner: the issuance, nodes, then POPs, then regions, then the global name, because each refers to those before it.
   */
  publish(owner: Owner, placement: Placement): void;
  /** Creates the domain's CAA set. The first value is that of the stack's own account. */
  authorize(values: readonly CaaValue[], parent: pulumi.ComponentResource): void;
  /** What has been published at an owner name and type. */
  at(name: string, type: RecordType): readonly pulumi.CustomResource[];
  /** Everything published so far. */
  readonly resources: readonly pulumi.CustomResource[];
}

/** Groups planned lines by the component that owns them. */
export function byOwner<T extends { readonly cause: Cause }>(
  lines: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(lines, ({ cause }) => ownerKey(cause.purpose === "challenge" ? "issuance" : cause));
}

export function ownerKey(owner: Owner): string {
  return owner === "issuance" ? owner : `${owner.tier} ${owner.key}`;
}
