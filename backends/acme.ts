/**
 * Certificates by ACME DNS-01: one account, one Certificate per node and profile. The arguments that would
 * revoke, deactivate or hang are set here, each with its reason.
 */
import * as acme from "@pulumi/acme";
import type * as pulumi from "@pulumi/pulumi";
import type { CertificateOrder } from "../plan/tree.ts";

/** Key type as the inventory names it, to the provider's word. */
const KEY_TYPES = { rsa2048: "2048", rsa4096: "4096", p256: "P256", p384: "P384" } as const;

/**
 * Challenge providers that keep a record per value, so that certificates which share a challenge name may be
 * issued at one time. The others read the whole TXT set, change it and write it back, and lose each other's
 * values; of a script or a web service nobody can know (lego's sources, read 2026-11).
 */
const KEEPS_EVERY_VALUE: ReadonlySet<string> = new Set(["cloudflare"]);

/** Wait for the authority to sign once all names are proven; after it a certificate that was paid for is lost. */
const SIGNING_TIMEOUT_SECONDS = 120;

export interface IssuerArgs {
  /** Directory URL of the certificate authority. */
  readonly directory: string;
  /** E-mail address given when the account is created; a later change is ignored. */
  readonly contact?: string | undefined;
  /** Names that lego has for the platforms that publish the challenge. */
  readonly challenges: readonly string[];
  /** Resolvers, `host:port`, that are asked whether the challenge is visible. */
  readonly recursiveNameservers?: readonly string[] | undefined;
  readonly keyType: keyof typeof KEY_TYPES;
  readonly minDaysRemaining: number;
}

export class AcmeIssuer {
  readonly resources: pulumi.CustomResource[] = [];
  readonly #args: IssuerArgs;
  readonly #provider: acme.Provider;
  readonly #account: acme.Registration;
  readonly #serial: boolean;
  #previous: acme.Certificate | undefined;

  constructor(args: IssuerArgs) {
    this.#args = args;
    // Named by the authority: with another directory the old account would be looked for at the new authority.
    const authority = new URL(args.directory).host;
    this.#provider = new acme.Provider(`acme/${authority}`, { serverUrl: args.directory });
    this.#account = new acme.Registration(
      `acme/account/${authority}`,
      args.contact === undefined ? {} : { emailAddress: args.contact },
      // Another address would replace the account and with it every certificate, and to delete the account is to
      // deactivate it: it only ever leaves the state, never the authority.
      { provider: this.#provider, retainOnDelete: true, ignoreChanges: ["emailAddress"] },
    );
    this.#serial = !args.challenges.every((challenge) => KEEPS_EVERY_VALUE.has(challenge));
    this.resources.push(this.#account);
  }

  /** @param requestPem the node's own certificate request, where it keeps its key to itself. */
  issue(
    order: CertificateOrder,
    parent: pulumi.ComponentResource,
    requestPem: string | undefined,
  ): acme.Certificate {
    const certificate = new acme.Certificate(
      `${order.slot}/acme/${order.profile}`,
      {
        accountKeyPem: this.#account.accountKeyPem,
        ...this.#identity(order, requestPem),
        dnsChallenges: this.#args.challenges.map((provider) => ({ provider })),
        // Node keys are in use until the node has fetched the next certificate: nothing is revoked by an update.
        revokeCertificateOnDestroy: false,
        // Names are shared by many nodes: an authorization that one order deactivates is missing to the next.
        deactivateAuthorizations: false,
        // Renewal by date alone: with renewal information a run can wait for days.
        useRenewalInfo: false,
        minDaysRemaining: this.#args.minDaysRemaining,
        certTimeout: SIGNING_TIMEOUT_SECONDS,
        ...(this.#args.recursiveNameservers === undefined
          ? {}
          : { recursiveNameservers: [...this.#args.recursiveNameservers] }),
      },
      {
        parent,
        provider: this.#provider,
        dependsOn: this.#serial && this.#previous !== undefined ? [this.#previous] : [],
      },
    );
    this.#previous = certificate;
    this.resources.push(certificate);
    return certificate;
  }

  #identity(order: CertificateOrder, requestPem: string | undefined): Partial<acme.CertificateArgs> {
    if (requestPem !== undefined) return { certificateRequestPem: requestPem };
    const [commonName = "", ...others] = order.names;
    return { commonName, subjectAlternativeNames: others, keyType: KEY_TYPES[this.#args.keyType] };
  }
}
