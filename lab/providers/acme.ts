/** The ACME provider of the lab: both resources of `@pulumi/acme`. */
import type { AcmeAuthority } from "../ca/acmeAuthority.ts";
import type { AcmeStore } from "../store/acmeStore.ts";
import { certificate } from "./acmeCertificate.ts";
import type { ChallengeSolver } from "./acmeChallenge.ts";
import { registration } from "./acmeRegistration.ts";
import type { ProviderDefinition } from "./provider.ts";
import { sdkVersion } from "./sdkVersion.ts";

export function acmeProvider(options: {
  readonly authority: AcmeAuthority;
  readonly store: AcmeStore;
  readonly solvers: Readonly<Record<string, ChallengeSolver>>;
  readonly now: () => Date;
}): ProviderDefinition {
  return {
    name: "acme",
    version: sdkVersion("@pulumi/acme"),
    resources: {
      "acme:index/registration:Registration": registration(options.store),
      "acme:index/certificate:Certificate": certificate(options),
    },
    functions: {},
    checkConfig: (inputs) =>
      inputs.serverUrl === undefined
        ? [{ property: "serverUrl", reason: "Missing required configuration key acme:serverUrl" }]
        : [],
  };
}
