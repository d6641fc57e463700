/** `acme.Certificate`, behaving as the real provider does: DNS-01 only, from names or from a request. */
import { randomUUID } from "node:crypto";
import { challengeName } from "../../dns/challenge.ts";
import { type AcmeAuthority, challengeValue, type Order } from "../ca/acmeAuthority.ts";
import { requestedNames } from "../ca/labCa.ts";
import type { AcmeCertificate, AcmeStore, Challenge } from "../store/acmeStore.ts";
import type { ChallengeSolver } from "./acmeChallenge.ts";
import { KEY_TYPES, newPrivateKeyPem, publicKeyOf, thumbprintOf } from "./acmeKeys.ts";
import { acme } from "./acmeRegistration.ts";
import type { CheckFailure, Properties, ResourceType } from "./provider.ts";

export interface AcmeCertificateOptions {
  readonly authority: AcmeAuthority;
  readonly store: AcmeStore;
  /** By the name that `dnsChallenges` calls the platform: `cloudflare`, `route53`. */
  readonly solvers: Readonly<Record<string, ChallengeSolver>>;
  readonly now: () => Date;
}

const DEFAULTS = { certTimeout: 30, deactivateAuthorizations: true, minDaysRemaining: 30, mustStaple: false };
const KEY_TYPE = "2048";
const MILLISECONDS_PER_DAY = 86_400_000;

const OTHER_CHALLENGES =
  "httpChallenge httpMemcachedChallenge httpS3Challenge httpWebrootChallenge tlsChallenge".split(" ");

const IN_PLACE = (
  "certificateP12Password disableCompletePropagation minDaysDynamic preCheckDelay propagationWait " +
  "recursiveNameservers renewalInfoIgnoreRetryAfter renewalInfoMaxSleep revokeCertificateReason useRenewalInfo validityDays"
).split(" ");

export function certificate(options: AcmeCertificateOptions): ResourceType {
  const { authority, store } = options;
  return {
    properties: {
      accountKeyPem: { required: true, replaces: true },
      commonName: { replaces: true },
      subjectAlternativeNames: { replaces: true, canonical: asSet },
      certificateRequestPem: { replaces: true },
      keyType: { computed: true, replaces: true },
      preferredChain: { replaces: true },
      profile: { replaces: true },
      mustStaple: { default: DEFAULTS.mustStaple, replaces: true },
      dnsChallenges: { secret: true },
      certTimeout: { default: DEFAULTS.certTimeout },
      deactivateAuthorizations: { default: DEFAULTS.deactivateAuthorizations },
      minDaysRemaining: { default: DEFAULTS.minDaysRemaining },
      revokeCertificateOnDestroy: { default: true },
      ...Object.fromEntries([...IN_PLACE, ...OTHER_CHALLENGES].map((key) => [key, {}])),
    },
    renewedOutputs: [
      "certificatePem",
      "certificateSerial",
      "certificateUrl",
      "certificateNotBefore",
      "certificateNotAfter",
    ],
    check: checkCertificate,
    due: (outputs, inputs) => (isDue(outputs, inputs, options.now()) ? ["certificatePem"] : []),
    async create(inputs) {
      const privateKeyPem =
        inputs.certificateRequestPem === undefined ? newPrivateKeyPem(keyTypeOf(inputs)) : "";
      const obtained = obtain(options, inputs, privateKeyPem).catch((error: unknown) => {
        throw new Error(`error creating certificate: ${messageOf(error)}`);
      });
      return { id: randomUUID(), outputs: await obtained };
    },
    // A refresh of the real provider asks the authority for renewal information only.
    read: async (id, outputs) => (Object.keys(outputs).length === 0 ? undefined : { id, outputs }),
    async update(_id, outputs, inputs) {
      const kept = { ...outputs, ...DEFAULTS, ...inputs };
      const renew = isDue(outputs, inputs, options.now()) || inputs.validityDays !== outputs.validityDays;
      // A renewal keeps the key: only a replacement rotates it.
      return renew ? obtain(options, inputs, String(outputs.privateKeyPem ?? "")) : kept;
    },
    async delete(_id, outputs) {
      if (outputs.revokeCertificateOnDestroy === false) return;
      await acme(() => store.revoke(String(outputs.certificateUrl)));
    },
  };

  async function obtain(
    { solvers }: AcmeCertificateOptions,
    inputs: Properties,
    privateKeyPem: string,
  ): Promise<Properties> {
    const csrPem =
      inputs.certificateRequestPem === undefined ? undefined : String(inputs.certificateRequestPem);
    const names = csrPem === undefined ? orderedNames(inputs) : requestedNames(csrPem);
    const order = await acme(() => authority.order(thumbprintOf(String(inputs.accountKeyPem)), names));
    await prove(authority, order, solversNamed(inputs, solvers));
    const issued = await acme(() =>
      csrPem === undefined
        ? authority.finalizeKey(order, publicKeyOf(privateKeyPem))
        : authority.finalizeRequest(order, csrPem),
    );
    return {
      ...DEFAULTS,
      revokeCertificateOnDestroy: true,
      ...inputs,
      ...issuedOutputs(issued, privateKeyPem),
      issuerPem: authority.issuerPem,
      keyType: keyTypeOf(inputs),
    };
  }
}

/**
 * One name after the other, as lego does it: present, validate, clean up, whatever came of it.
 * @throws Error in lego's words, a line for each name that was not proven.
 */
async function prove(
  authority: AcmeAuthority,
  order: Order,
  solvers: readonly ChallengeSolver[],
): Promise<void> {
  const failures: string[] = [];
  for (const challenge of order.challenges) {
    const { identifier } = challenge;
    try {
      await proveName(authority, order, challenge, solvers);
    } catch (error) {
      failures.push(`[${identifier}] ${messageOf(error)}\n`);
    }
  }
  if (failures.length > 0)
    throw new Error(`error: one or more domains had a problem:\n${failures.sort().join("")}`);
}

async function proveName(
  authority: AcmeAuthority,
  order: Order,
  challenge: Challenge,
  solvers: readonly ChallengeSolver[],
): Promise<void> {
  const { identifier } = challenge;
  const name = challengeName(identifier);
  const value = challengeValue(challenge.token, order.account.thumbprint);
  const removals: (() => Promise<void>)[] = [];
  try {
    for (const solver of solvers) {
      const presented = solver.present(name, value).catch((error: unknown) => {
        throw new Error(`[${identifier}] acme: error presenting token: ${messageOf(error)}`);
      });
      removals.push(await presented);
    }
    await acme(() => authority.validate(order, challenge)).catch((error: unknown) => {
      throw new Error(`invalid authorization: ${messageOf(error)}`);
    });
  } finally {
    for (const remove of removals) await remove();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Names in an order of their own that puts the subject first. */
function orderedNames(inputs: Properties): readonly string[] {
  const alternatives = Array.isArray(inputs.subjectAlternativeNames) ? inputs.subjectAlternativeNames : [];
  const names = [inputs.commonName, ...alternatives.toSorted()].filter((name) => name !== undefined);
  return [...new Set(names.map((name) => String(name).toLowerCase()))];
}

function issuedOutputs(issued: AcmeCertificate, privateKeyPem: string): Properties {
  return {
    certificateDomain: issued.names[0],
    certificateNotAfter: seconds(issued.notAfter),
    certificateNotBefore: seconds(issued.notBefore),
    // The real provider packs key and chain as PKCS #12 where it has made the key; this holds the key alone.
    certificateP12: Buffer.from(privateKeyPem).toString("base64"),
    certificatePem: issued.certificatePem,
    certificateSerial: BigInt(`0x${issued.serial}`).toString(),
    certificateUrl: issued.id,
    privateKeyPem,
  };
}

/**
 * Whether the certificate has reached its renewal time. Days are whole ones, cut towards zero, as the real provider
 * counts them: 30 is reached as soon as 31 are left no more. Below 0 days it never is.
 */
function isDue(outputs: Properties, inputs: Properties, now: Date): boolean {
  const notAfter = Date.parse(String(outputs.certificateNotAfter));
  const notBefore = Date.parse(String(outputs.certificateNotBefore));
  if (Number.isNaN(notAfter)) return false;
  const lifetime = notAfter - notBefore;
  const left = notAfter - now.getTime();
  if (inputs.minDaysDynamic === true) {
    return left <= lifetime * (lifetime <= 10 * MILLISECONDS_PER_DAY ? 1 / 2 : 1 / 3);
  }
  const days = Number(inputs.minDaysRemaining ?? DEFAULTS.minDaysRemaining);
  return days >= 0 && Math.trunc(left / MILLISECONDS_PER_DAY) <= days;
}

function solversNamed(
  inputs: Properties,
  solvers: Readonly<Record<string, ChallengeSolver>>,
): readonly ChallengeSolver[] {
  const challenges = Array.isArray(inputs.dnsChallenges) ? (inputs.dnsChallenges as Properties[]) : [];
  return challenges.map(({ provider }) => {
    const solver = solvers[String(provider)];
    if (solver === undefined) throw new Error(`unrecognized DNS provider: ${provider}`);
    return solver;
  });
}

function checkCertificate(inputs: Properties): readonly CheckFailure[] {
  const failures: CheckFailure[] = [];
  const byNames = inputs.commonName !== undefined || inputs.subjectAlternativeNames !== undefined;
  const fromRequest = inputs.certificateRequestPem !== undefined;
  if (byNames === fromRequest) {
    const reason =
      "exactly one of commonName and/or subjectAlternativeNames, or certificateRequestPem, must be given";
    failures.push({ property: "certificateRequestPem", reason });
  }
  if (fromRequest && inputs.keyType !== undefined) {
    failures.push({ property: "keyType", reason: '"certificate_request_pem": conflicts with key_type' });
  }
  if (inputs.keyType !== undefined && !KEY_TYPES.includes(String(inputs.keyType))) {
    failures.push({
      property: "keyType",
      reason: `Certificate key type must be one of ${KEY_TYPES.join(", ")}`,
    });
  }
  for (const key of OTHER_CHALLENGES.filter((challenge) => inputs[challenge] !== undefined)) {
    failures.push({ property: key, reason: "the lab validates by DNS only" });
  }
  const challenges = Array.isArray(inputs.dnsChallenges) ? (inputs.dnsChallenges as Properties[]) : [];
  if (challenges.length === 0) {
    failures.push({ property: "dnsChallenges", reason: "at least one challenge is required" });
  }
  const providers = challenges.map(({ provider }) => String(provider));
  const twice = providers.find((provider, index) => providers.indexOf(provider) !== index);
  if (twice !== undefined)
    failures.push({ property: "dnsChallenges", reason: `duplicate DNS provider ${twice}` });
  return failures;
}

function keyTypeOf(inputs: Properties): string {
  return String(inputs.keyType ?? KEY_TYPE);
}

/** RFC 3339 in UTC without fractions, as the provider writes times. */
function seconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, "Z");
}

function asSet(names: unknown): unknown {
  return Array.isArray(names) ? names.map(String).sort() : names;
}
