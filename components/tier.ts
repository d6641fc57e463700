/** What POP, region and global name share: a name over nodes, published at every platform. */
import * as pulumi from "@pulumi/pulumi";
import type { DnsBackend, Placement } from "../backends/backend.ts";
import type { Tier, TierKind } from "../plan/tree.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface TierArgs {
  readonly tier: Tier;
  readonly backends: readonly DnsBackend[];
  /** Resources that must stand before a name lists this node. */
  readonly beforeListing: Placement["beforeListing"];
}

export abstract class TierName extends pulumi.ComponentResource {
  /** The name that customers dial. */
  readonly fqdn: string;

  constructor(
    kind: TierKind,
    { tier, backends, beforeListing }: TierArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(COMPONENT_TYPES[kind], tier.key, {}, opts);
    for (const backend of backends)
      backend.publish({ tier: kind, key: tier.key }, { parent: this, beforeListing });
    this.fqdn = tier.name;
    this.registerOutputs({ fqdn: this.fqdn });
  }
}
