/**
 * Certificates by ACME DNS-01: one account, one Certificate per node and profile. The arguments that would
 * revoke, deactivate or hang are set here, each with its reason.
 */
import * as acme from "@pulumi/acme";
import * as pulumi from "@pulumi/pulumi";
import { accountKeyDigest } from "../inventory/accountKey.ts";
import type { CertificateOrder, ProvidedKeyType } from "../plan/tree.ts";

/** Key type as the inventory names it, to the provider's word. */
const KEY_TYPES: Readonly<Record<ProvidedKeyType, string>> = {
  rsa2048: "2048",
  rsa4096: "4096",
  p256: "P256",
  p384: "P384",
};

/** What the authority issues where no profile is asked for: the argument replaces every certificate. */
const DEFAULT_PROFILE = "classic";

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
  /** Key of the account, PEM; the provider makes one where it is absent. Once there is an account it is ignored. */
  readonly accountKeyPem?: string | undefined;
  /** Whether the engine refuses to delete the account from its state. */
  readonly protect: boolean;
  /** Names that lego has for the platforms that publish the challenge. */
  readonly challenges: readonly string[];
  /** Resolvers, `host:port`, that are asked whether the challenge is visible. */
  readonly recursiveNameservers?: readonly string[] | undefined;
  /** Profile at the authority. */
  readonly acmeProfile: string;
  readonly minDaysRemaining: number;
}

/** What makes another certificate of it. A certificate that waits for its turn keeps its old ones. */
const REPLACING = [
  "commonName",
  "subjectAlternativeNames",
  "keyType",
  "certificateRequestPem",
  "profile",
] as const satisfies readonly (keyof acme.CertificateArgs)[];

/** Days left that no certificate ever has (provider schema, minDaysRemaining; read 2026-11). */
const NEVER_RENEWED = -1;

export interface IssueArgs {
  readonly order: CertificateOrder;
  /** The node's own certificate request, where it keeps its key to itself. */
  readonly requestPem: string | undefined;
  /** Whether the certificate that is there is left as it is, although it is due. */
  readonly waits: boolean;
}

export interface IssuePlace {
  readonly parent: pulumi.ComponentResource;
  /** What must stand in DNS before the authority looks. */
  readonly after: readonly pulumi.Resource[];
}

export class AcmeIssuer {
  readonly resources: pulumi.CustomResource[] = [];
  /** Host of the authority's directory. */
  readonly authority: string;
  readonly #args: IssuerArgs;
  readonly #provider: acme.Provider;
  readonly #account: acme.Registration;
  readonly #serial: boolean;
  #previous: acme.Certificate | undefined;

  constructor(args: IssuerArgs) {
    this.#args = args;
    // Named by the authority: with another directory the old account would be looked for at the new authority.
    this.authority = new URL(args.directory).host;
    this.#provider = new acme.Provider(`acme/${this.authority}`, { serverUrl: args.directory });
    this.#account = new acme.Registration(
      `acme/account/${this.authority}`,
      {
        ...(args.contact === undefined ? {} : { emailAddress: args.contact }),
        ...(args.accountKeyPem === undefined ? {} : { accountKeyPem: args.accountKeyPem }),
      },
      // Another address or key would replace the account and with it every certificate, and to delete the account is
      // to deactivate it: it only ever leaves the state, never the authority.
      {
        provider: this.#provider,
        protect: args.protect,
        retainOnDelete: true,
        ignoreChanges: ["emailAddress", "accountKeyPem"],
      },
    );
    this.#serial = !args.challenges.every((challenge) => KEEPS_EVERY_VALUE.has(challenge));
    this.resources.push(this.#account);
  }

  /** URL of the account, by which CAA knows it (RFC 8657 section 3). */
  get accountUrl(): pulumi.Output<string> {
    return this.#account.registrationUrl;
  }

  /** Digest of the account's public key, which is no secret: the next run holds certificate requests against it. */
  get accountKeyDigest(): pulumi.Output<string> {
    return pulumi.unsecret(this.#account.accountKeyPem.apply(accountKeyDigest));
  }

  issue({ order, requestPem, waits }: IssueArgs, { parent, after }: IssuePlace): acme.Certificate {
    const previous = this.#serial && this.#previous !== undefined ? [this.#previous] : [];
    const certificate = new acme.Certificate(
      `${order.slot}/acme/${order.profile}`,
      {
        accountKeyPem: this.#account.accountKeyPem,
        ...identity(order, requestPem),
        ...(this.#args.acmeProfile === DEFAULT_PROFILE ? {} : { profile: this.#args.acmeProfile }),
        dnsChallenges: this.#args.challenges.map((provider) => ({ provider })),
        // Node keys are in use until the node has fetched the next certificate: nothing is revoked by an update.
        revokeCertificateOnDestroy: false,
        // Names are shared by many nodes: an authorization that one order deactivates is missing to the next.
        deactivateAuthorizations: false,
        // Renewal by date alone: with renewal information a run can wait for days.
        useRenewalInfo: false,
        minDaysRemaining: waits ? NEVER_RENEWED : this.#args.minDaysRemaining,
        certTimeout: SIGNING_TIMEOUT_SECONDS,
        ...(this.#args.recursiveNameservers === undefined
          ? {}
          : { recursiveNameservers: [...this.#args.recursiveNameservers] }),
      },
      {
        parent,
        provider: this.#provider,
        dependsOn: [...after, ...previous],
        ...(waits ? { ignoreChanges: [...REPLACING] } : {}),
      },
    );
    this.#previous = certificate;
    this.resources.push(certificate);
    return certificate;
  }
}

function identity(
  { names, keyType }: CertificateOrder,
  requestPem: string | undefined,
): Partial<acme.CertificateArgs> {
  if (requestPem !== undefined) return { certificateRequestPem: requestPem };
  const [commonName = "", ...others] = names;
  return {
    commonName,
    subjectAlternativeNames: others,
    ...(keyType === undefined ? {} : { keyType: KEY_TYPES[keyType] }),
  };
}
