/** A tree published at one platform in the order in which the stack program does it, all under one component. */
import * as pulumi from "@pulumi/pulumi";
import type { DnsBackend } from "../../backends/backend.ts";
import type { Tree } from "../../plan/tree.ts";

export function publishTree(backend: DnsBackend, tree: Tree): void {
  const parent = new pulumi.ComponentResource("test:index:Tree", "tree");
  const placement = { parent, beforeListing: () => [] };
  for (const { slot } of tree.nodes) backend.publish({ tier: "node", key: slot }, placement);
  for (const tier of [...tree.pops, ...tree.regions, tree.global]) {
    backend.publish({ tier: tier.kind, key: tier.key }, placement);
  }
}
