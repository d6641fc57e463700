/** What a component asks of a platform. One implementation per platform; each holds its rendering of the tree. */
import type * as pulumi from "@pulumi/pulumi";
import type { Backend, Cause } from "../plan/rendering.ts";

/** The component that a line of the plan belongs to. */
export type Owner = Pick<Cause, "tier" | "key">;

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
   * owner: nodes, then POPs, then regions, then the global name, because each refers to those before it.
   */
  publish(owner: Owner, placement: Placement): void;
  /** Everything published so far. */
  readonly resources: readonly pulumi.CustomResource[];
}

/** Groups planned lines by the component that owns them. */
export function byOwner<T extends { readonly cause: Cause }>(
  lines: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(lines, ({ cause }) => ownerKey(cause));
}

export function ownerKey({ tier, key }: Owner): string {
  return `${tier} ${key}`;
}
