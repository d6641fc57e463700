/** Outputs of the stack: names, certificates, the tree's digest, and the ledger that the next run reads. */
import type { Certificate } from "@pulumi/acme";
import * as pulumi from "@pulumi/pulumi";
import { type DeployedCertificate, type Issuer, type Ledger, ledgerAfter } from "../plan/ledger.ts";
import type { NamesByTier } from "../plan/names.ts";
import type { CertificateOrder } from "../plan/tree.ts";

export interface OutputArgs {
  readonly names: NamesByTier;
  readonly digest: string;
  /** The NS set to publish, and each platform's part of it; absent where one platform alone serves the zone. */
  readonly nameServers: Readonly<Record<string, readonly string[]>> | undefined;
  /** The ledger of the update before. */
  readonly ledger: Ledger;
  readonly goneSince: Ledger["goneSince"];
  /** Absent where certificates are no matter of this stack. */
  readonly issuer: Issuer | undefined;
  readonly certificates: readonly { readonly order: CertificateOrder; readonly resource: Certificate }[];
  /** The account at the authority, with the issue values of the domain's CAA; absent as the issuer is. */
  readonly account: AccountOutput | undefined;
  /** Everything deployed: the ledger waits for all of it. */
  readonly resources: readonly pulumi.CustomResource[];
}

interface AccountOutput {
  /** Directory URL of the authority. */
  readonly directory: string;
  readonly url: pulumi.Output<string>;
  /** SHA-256 of its public key, in hex. */
  readonly keyDigest: pulumi.Output<string>;
  readonly caa: readonly pulumi.Output<string>[];
}

export function stackOutputs(args: OutputArgs): pulumi.Inputs {
  const { names, digest, nameServers, account, certificates } = args;
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
    ...(account === undefined ? {} : { account }),
    certificates: entries,
    // Empty where every node makes its own key.
    privateKeys: pulumi.secret(
      keys.map(({ order, resource }) => ({
        slot: order.slot,
        profile: order.profile,
        privateKeyPem: resource.privateKeyPem,
      })),
    ),
    ledger: ledgerOutput(args),
  };
}

/**
 * Outputs are written together even when a create failed, so the ledger hangs on the id of every resource:
 * an update that could not finish keeps the ledger of the one before.
 */
function ledgerOutput({
  ledger,
  goneSince,
  issuer,
  certificates,
  resources,
}: OutputArgs): pulumi.Output<Ledger> {
  const deployed = pulumi.all(certificates.map(deployedCertificate));
  return pulumi
    .all([deployed, pulumi.all(resources.map(({ id }) => id))])
    .apply(([found]) => ledgerAfter(ledger, goneSince, found, issuer));
}

function deployedCertificate({
  order,
  resource,
}: OutputArgs["certificates"][number]): pulumi.Output<DeployedCertificate> {
  return pulumi
    .all([resource.certificateNotBefore, resource.certificateNotAfter, resource.certificateRequestPem])
    .apply(([notBefore, notAfter, requestPem]) => ({ order, notBefore, notAfter, requestPem }));
}
