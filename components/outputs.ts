/** Outputs of the stack: names, certificates, the tree's digest, and the ledger that the next run reads. */
import type { Certificate } from "@pulumi/acme";
import * as pulumi from "@pulumi/pulumi";
import { LEDGER_VERSION, type Ledger, type LedgerCertificate } from "../plan/ledger.ts";
import type { NamesByTier } from "../plan/names.ts";
import type { CertificateOrder } from "../plan/tree.ts";

export interface OutputArgs {
  readonly names: NamesByTier;
  readonly digest: string;
  /** The NS set to publish, and each platform's part of it; absent where one platform alone serves the zone. */
  readonly nameServers: Readonly<Record<string, readonly string[]>> | undefined;
  readonly goneSince: Ledger["goneSince"];
  readonly certificates: readonly { readonly order: CertificateOrder; readonly resource: Certificate }[];
  /** Everything deployed: the ledger waits for all of it. */
  readonly resources: readonly pulumi.CustomResource[];
}

export function stackOutputs({
  names,
  digest,
  nameServers,
  goneSince,
  certificates,
  resources,
}: OutputArgs): pulumi.Inputs {
  const entries = certificates.map(({ order, resource }) => ({
    slot: order.slot,
    profile: order.profile,
    notAfter: resource.certificateNotAfter,
    certificatePem: pulumi.interpolate`${resource.certificatePem}${resource.issuerPem}`,
  }));
  const keys = certificates.filter(({ order }) => order.csr === undefined);
  return {
    names,
    digest,
    ...(nameServers === undefined ? {} : { nameServers }),
    certificates: entries,
    // Empty where every node makes its own key.
    privateKeys: pulumi.secret(
      keys.map(({ order, resource }) => ({
        slot: order.slot,
        profile: order.profile,
        privateKeyPem: resource.privateKeyPem,
      })),
    ),
    ledger: ledgerOutput(goneSince, certificates.map(times), resources),
  };
}

function times({ order, resource }: OutputArgs["certificates"][number]): pulumi.Output<LedgerCertificate> {
  return pulumi
    .all([resource.certificateNotBefore, resource.certificateNotAfter])
    .apply(([notBefore, notAfter]) => ({ slot: order.slot, profile: order.profile, notBefore, notAfter }));
}

/**
 * Outputs are written together even when a create failed, so the ledger hangs on the id of every resource:
 * an update that could not finish keeps the ledger of the one before.
 */
function ledgerOutput(
  goneSince: Ledger["goneSince"],
  certificates: readonly pulumi.Output<LedgerCertificate>[],
  resources: readonly pulumi.CustomResource[],
): pulumi.Output<Ledger> {
  const deployed = pulumi.all(resources.map(({ id }) => id));
  return pulumi
    .all([pulumi.all([...certificates]), deployed])
    .apply(([issued]): Ledger => ({ version: LEDGER_VERSION, goneSince, certificates: issued }));
}
