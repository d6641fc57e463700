/** What stands in DNS before any certificate is asked for: who may issue (CAA), and where challenges are answered. */
import * as pulumi from "@pulumi/pulumi";
import type { AcmeIssuer } from "../backends/acme.ts";
import type { CaaValue, DnsBackend } from "../backends/backend.ts";
import { accountIssueValue } from "../dns/caa.ts";
import { challengeName } from "../dns/challenge.ts";
import type { Fqdn } from "../dns/names.ts";
import type { CaaPolicy } from "../plan/certificates/issuance.ts";
import { ISSUANCE_NAME } from "../plan/logicalNames.ts";
import { COMPONENT_TYPES } from "./types.ts";

export interface IssuanceArgs {
  readonly domain: Fqdn;
  readonly backends: readonly DnsBackend[];
  /** Absent where certificates are no matter of this stack: challenges of others are delegated all the same. */
  readonly issuer: AcmeIssuer | undefined;
  /** Absent: the domain has no CAA of its own. */
  readonly caa: CaaPolicy | undefined;
}

export class Issuance extends pulumi.ComponentResource {
  /** Issue values at the domain, the own account's first; none without CAA. */
  readonly caa: readonly pulumi.Output<string>[];
  readonly #args: IssuanceArgs;

  constructor(args: IssuanceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPES.issuance, ISSUANCE_NAME, {}, opts);
    this.#args = args;
    const values = caaValues(args);
    for (const backend of args.backends) {
      if (values.length > 0) backend.authorize(values, this);
      backend.publish("issuance", { parent: this, beforeListing: () => [] });
    }
    this.caa = values.map(({ value }) => pulumi.output(value));
    this.registerOutputs({});
  }

  /** What an order for these names waits for, at every platform: the authority may ask any of them. */
  before(names: readonly string[]): pulumi.Resource[] {
    const challenges = new Set(names.map(challengeName));
    return this.#args.backends.flatMap((backend) => [
      ...backend.at(this.#args.domain, "CAA"),
      ...[...challenges].flatMap((name) => backend.at(name, "CNAME")),
    ]);
  }
}

function caaValues({ issuer, caa }: IssuanceArgs): CaaValue[] {
  if (issuer === undefined || caa === undefined) return [];
  // The account is made first: its URL is not known before.
  const own = issuer.accountUrl.apply((url) => accountIssueValue(caa.issuer, url));
  return [{ key: issuer.authority, value: own }, ...caa.also];
}
