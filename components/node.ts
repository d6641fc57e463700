/** One SBC: its own addresses and health checks at every platform, and its certificates. */

import type { Certificate } from "@pulumi/acme";
import * as pulumi from "@pulumi/pulumi";
import type { AcmeIssuer } from "../backends/acme.ts";
import type { DnsBackend } from "../backends/backend.ts";
import type { CertificateOrder, TreeNode } from "../plan/tree.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface NodeArgs {
  readonly node: TreeNode;
  readonly backends: readonly DnsBackend[];
  /** Absent where certificates are no matter of this stack. */
  readonly issuer: AcmeIssuer | undefined;
  readonly certificates: readonly (CertificateOrder & { readonly requestPem: string | undefined })[];
}

export class Node extends pulumi.ComponentResource {
  readonly fqdn: string;
  readonly certificates: readonly { readonly order: CertificateOrder; readonly resource: Certificate }[];

  constructor(args: NodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.node, args.node.slot, {}, opts);
    for (const backend of args.backends) {
      backend.publish({ tier: "node", key: args.node.slot }, { parent: this, beforeListing: () => [] });
    }
    this.fqdn = args.node.name;
    this.certificates = args.certificates.flatMap((order) =>
      args.issuer === undefined
        ? []
        : [{ order, resource: args.issuer.issue(order, this, order.requestPem) }],
    );
    this.registerOutputs({ fqdn: this.fqdn });
  }
}
