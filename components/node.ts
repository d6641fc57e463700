/** One SBC: its own addresses and health checks at every platform, and its certificates. */

import type { Certificate } from "@pulumi/acme";
import * as pulumi from "@pulumi/pulumi";
import type { AcmeIssuer } from "../backends/acme.ts";
import type { DnsBackend } from "../backends/backend.ts";
import type { StagedCertificate } from "../plan/certificates/stage.ts";
import type { CertificateOrder, TreeNode } from "../plan/tree.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface NodeArgs {
  readonly node: TreeNode;
  readonly backends: readonly DnsBackend[];
  /** Absent where certificates are no matter of this stack. */
  readonly issuer: AcmeIssuer | undefined;
  readonly certificates: readonly (StagedCertificate & { readonly requestPem: string | undefined })[];
  /** Resources that must stand before a certificate for these names is asked for. */
  readonly beforeIssuing: (names: readonly string[]) => readonly pulumi.Resource[];
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
    this.certificates = args.certificates.flatMap((staged) =>
      args.issuer === undefined
        ? []
        : [
            {
              order: staged.order,
              resource: args.issuer.issue(staged, {
                parent: this,
                after: args.beforeIssuing(staged.order.names),
              }),
            },
          ],
    );
    this.registerOutputs({ fqdn: this.fqdn });
  }
}
