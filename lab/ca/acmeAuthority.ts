/**
 * The lab's ACME authority (RFC 8555, DNS-01 only), without its HTTP: accounts, orders, validation in the
 * lab's own DNS, issuance. It refuses what Let's Encrypt refuses; its rate limits are not imitated.
 */
import { createHash, randomBytes } from "node:crypto";
import type { PublicKey } from "@peculiar/x509";
import { type AcmeAccount, type AcmeCertificate, type AcmeStore, problem } from "../store/acmeStore.ts";
import { type IssuedCertificate, type LabCa, requestedNames } from "./labCa.ts";

/**
 * The TXT values at a name, one list for each name server of the domain. Quotation marks around a value are
 * presentation and do not count.
 */
export type LookupTxt = (name: string) => Promise<readonly (readonly string[])[]>;

export interface Challenge {
  /** The name to certify; a wildcard is challenged at its parent. */
  readonly identifier: string;
  readonly token: string;
}

export interface Order {
  readonly account: AcmeAccount;
  readonly names: readonly string[];
  readonly challenges: readonly Challenge[];
}

/** Names in one order under the `classic` profile (Let's Encrypt "Profiles", read 2026-11-23). */
const MAX_NAMES = 100;

export class AcmeAuthority {
  readonly #store: AcmeStore;
  readonly #ca: LabCa;
  readonly #lookupTxt: LookupTxt;

  constructor(store: AcmeStore, ca: LabCa, lookupTxt: LookupTxt) {
    this.#store = store;
    this.#ca = ca;
    this.#lookupTxt = lookupTxt;
  }

  get issuerPem(): string {
    return this.#ca.issuerPem;
  }

  /** @throws PlatformError when the account is of no use or the names cannot stand in one certificate. */
  order(thumbprint: string, names: readonly string[]): Order {
    const account = this.#store.account(thumbprint);
    if (names.length > MAX_NAMES) {
      throw problem(400, "malformed", `Order cannot contain more than ${MAX_NAMES} DNS names`);
    }
    const redundant = names.find((name) => !name.startsWith("*.") && names.includes(wildcardOver(name)));
    if (redundant !== undefined) {
      const text = `Domain name "${redundant}" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.`;
      throw problem(400, "malformed", text);
    }
    const challenges = names.map((identifier) => ({
      identifier,
      token: randomBytes(32).toString("base64url"),
    }));
    return { account, names, challenges };
  }

  /** @throws PlatformError unless every name server has the challenge's value: a validator may ask any of them. */
  async validate(order: Order, challenge: Challenge): Promise<void> {
    const name = challengeName(challenge.identifier);
    const expected = challengeValue(challenge.token, order.account.thumbprint);
    const servers = await this.#lookupTxt(name);
    if (servers.length === 0) throw problem(400, "dns", `no name server to ask for TXT at ${name}`);
    for (const values of servers.map((server) => server.map(withoutQuotes))) {
      if (values.includes(expected)) continue;
      const [first, ...more] = values;
      if (first === undefined) throw problem(403, "unauthorized", `No TXT record found at ${name}`);
      const others = more.length > 0 ? ` (and ${more.length} more)` : "";
      throw problem(403, "unauthorized", `Incorrect TXT record "${first}"${others} found at ${name}`);
    }
  }

  /** Issues for a certificate request, which must name exactly what was ordered. */
  async finalizeRequest(order: Order, csrPem: string): Promise<AcmeCertificate> {
    if (requestedNames(csrPem).toSorted().join() !== order.names.toSorted().join()) {
      throw problem(403, "unauthorized", "CSR does not specify same identifiers as Order");
    }
    return this.#record(order, await this.#ca.issue(csrPem));
  }

  /** Issues for a key that the provider has made itself. */
  async finalizeKey(order: Order, publicKey: PublicKey): Promise<AcmeCertificate> {
    return this.#record(order, await this.#ca.issueFor(order.names, publicKey));
  }

  #record(order: Order, issued: IssuedCertificate): Promise<AcmeCertificate> {
    return this.#store.record(order.account, issued);
  }
}

/** Where the challenge of a name, wildcard or not, is looked up (RFC 8555 section 8.4). */
export function challengeName(identifier: string): string {
  return `_acme-challenge.${identifier.replace(/^\*\./, "")}`;
}

/** The TXT value that proves control: the digest of the key authorization (RFC 8555 sections 8.1, 8.4). */
export function challengeValue(token: string, thumbprint: string): string {
  return createHash("sha256").update(`${token}.${thumbprint}`).digest("base64url");
}

function withoutQuotes(value: string): string {
  return value.replaceAll('"', "");
}

function wildcardOver(name: string): string {
  return `*${name.slice(name.indexOf("."))}`;
}
