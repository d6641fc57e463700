import type * as pulumi from "@pulumi/pulumi";
import { type TierArgs, TierName } from "./tier.ts";

/** One data centre: a name over its nodes, or over its region's while it has none that is active. */
export class Pop extends TierName {
  constructor(args: TierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pop", args, opts);
  }
}
