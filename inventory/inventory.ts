/** What one stack is made of, checked and with every default filled in. Plain data, safe to freeze and to print. */
import type { Fqdn } from "../dns/names.ts";
import type { CertificateRequest } from "./certificateRequest.ts";
import type { Node } from "./nodeSchema.ts";
import type { Environment, Policy } from "./treeSchema.ts";

export interface Inventory {
  /** The name that customers dial, for example `sip.example.net`. */
  readonly domain: Fqdn;
  /** The DNS zone that holds the domain: the domain or a name above it. */
  readonly zone: Fqdn;
  /** Sorted by slot. */
  readonly nodes: readonly Node[];
  /** The nodes' certificate requests by the path that `csr` names; empty where the folder was not read. */
  readonly requests: Readonly<Record<string, CertificateRequest>>;
  readonly environment: Environment;
  readonly policy: Policy;
}
