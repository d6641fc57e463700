import type * as pulumi from "@pulumi/pulumi";
import { type TierArgs, TierName } from "./tier.ts";

/** The name that means "anywhere": over all regions, steered where the policy says so. */
export class GlobalName extends TierName {
  constructor(args: TierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("global", args, opts);
  }
}
