import type * as pulumi from "@pulumi/pulumi";
import { type TierArgs, TierName } from "./tier.ts";

/** One region: a name over its nodes, or over those of the region that stands in for it. */
export class Region extends TierName {
  constructor(args: TierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("region", args, opts);
  }
}
