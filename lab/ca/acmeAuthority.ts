/**
 * The lab's ACME authority (RFC 8555, DNS-01 only), without its HTTP: accounts, orders, validation in the
 * lab's own DNS, issuance. It refuses what Let's Encrypt refuses.
 */
import { createHash, randomBytes } from "node:crypto";
import type { PublicKey } from "@peculiar/x509";
import { challengeName } from "../../dns/challenge.ts";
import {
  type AcmeAccount,
  type AcmeCertificate,
  type AcmeOrder,
  type AcmeStore,
  type Challenge,
  problem,
} from "../store/acmeStore.ts";
import { refuseByCaa } from "./caa.ts";
import { type IssuedCertificate, type LabCa, requestedNames } from "./labCa.ts";
import type { LookupSets } from "./lookupSets.ts";
import { type RateLimits, setOf } from "./rateLimits.ts";

export interface Order {
  readonly id: string;
  readonly account: AcmeAccount;
  readonly names: readonly string[];
  readonly challenges: readonly Challenge[];
}

/** Names in one order under the `classic` profile (Let's Encrypt "Profiles", read 2026-11-23). */
const MAX_NAMES = 100;

/** An order that nobody finishes is forgotten after this time (profile `classic`). */
const ORDER_MILLISECONDS = 7 * 86_400_000;

export class AcmeAuthority {
  readonly #store: AcmeStore;
  readonly #ca: LabCa;
  readonly #lookup: LookupSets;
  readonly #limits: RateLimits | undefined;
  readonly #now: () => Date;
  /** Order to the names that are proven for it. */
  readonly #proven = new Map<string, Set<string>>();
  /** Orders that are being issued. */
  readonly #processing = new Set<string>();

  /** @param options without `limits` there are none. */
  constructor(
    store: AcmeStore,
    ca: LabCa,
    lookup: LookupSets,
    options: { readonly limits?: RateLimits; readonly now?: () => Date } = {},
  ) {
    this.#store = store;
    this.#ca = ca;
    this.#lookup = lookup;
    this.#limits = options.limits;
    this.#now = options.now ?? (() => new Date());
  }

  get issuerPem(): string {
    return this.#ca.issuerPem;
  }

  /**
   * A new order, or the account's unfinished one for the same names: whoever asks for it a second time shares it.
   * @throws PlatformError when the account is of no use, the names cannot stand in one certificate, or it is one too
   *   many.
   */
  async order(thumbprint: string, names: readonly string[]): Promise<Order> {
    const account = this.#store.account(thumbprint);
    if (names.length > MAX_NAMES) {
      throw problem(400, "malformed", `Order cannot contain more than ${MAX_NAMES} DNS names`);
    }
    const redundant = names.find((name) => !name.startsWith("*.") && names.includes(wildcardOver(name)));
    if (redundant !== undefined) {
      const text = `Domain name "${redundant}" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.`;
      throw problem(400, "malformed", text);
    }
    const { id, challenges } = await this.#store.order(account, names, () => {
      const renewal = this.#limits?.isRenewal(names) ?? false;
      this.#limits?.check(account, names);
      return this.#unfinished(account, names) ?? { challenges: names.map(newChallenge), renewal };
    });
    return { id, account, names, challenges };
  }

  #unfinished(account: AcmeAccount, names: readonly string[]): AcmeOrder | undefined {
    const oldest = this.#now().getTime() - ORDER_MILLISECONDS;
    return this.#store
      .orders()
      .findLast(
        (order) =>
          order.account === account.id &&
          ["pending", "ready"].includes(this.#status(order)) &&
          Date.parse(order.createdAt) > oldest &&
          setOf(order.names) === setOf(names),
      );
  }

  #status({ id, names, status }: AcmeOrder): AcmeOrder["status"] | "ready" | "processing" {
    if (status !== "pending") return status;
    if (this.#processing.has(id)) return "processing";
    return names.every((name) => this.#proven.get(id)?.has(name)) ? "ready" : "pending";
  }

  /**
   * @throws PlatformError unless every name server has the challenge's value and lets the account have the name: a
   *   validator may ask any of them.
   */
  async validate(order: Order, challenge: Challenge): Promise<void> {
    try {
      await this.#prove(order, challenge);
    } catch (error) {
      await this.#store.failAuthorization(order.account, challenge.identifier);
      await this.#store.endOrder(order.id, "invalid");
      throw error;
    }
    const proven = this.#proven.get(order.id) ?? new Set();
    this.#proven.set(order.id, proven.add(challenge.identifier));
  }

  async #prove(order: Order, challenge: Challenge): Promise<void> {
    const name = challengeName(challenge.identifier);
    const expected = challengeValue(challenge.token, order.account.thumbprint);
    const servers = await this.#lookup(name, "TXT");
    if (servers.length === 0) throw problem(400, "dns", `no name server to ask for TXT at ${name}`);
    for (const values of servers.map((server) => server.map(withoutQuotes))) {
      if (values.includes(expected)) continue;
      const [first, ...more] = values;
      if (first === undefined) throw problem(403, "unauthorized", `No TXT record found at ${name}`);
      const others = more.length > 0 ? ` (and ${more.length} more)` : "";
      throw problem(403, "unauthorized", `Incorrect TXT record "${first}"${others} found at ${name}`);
    }
    await refuseByCaa(challenge.identifier, order.account.id, this.#lookup);
  }

  /** Issues for a certificate request, which must name exactly what was ordered. */
  finalizeRequest(order: Order, csrPem: string): Promise<AcmeCertificate> {
    return this.#finalize(order, () => {
      if (setOf(requestedNames(csrPem)) !== setOf(order.names)) {
        throw problem(403, "unauthorized", "CSR does not specify same identifiers as Order");
      }
      return this.#ca.issue(csrPem);
    });
  }

  /** Issues for a key that the provider has made itself. */
  finalizeKey(order: Order, publicKey: PublicKey): Promise<AcmeCertificate> {
    return this.#finalize(order, () => this.#ca.issueFor(order.names, publicKey));
  }

  async #finalize(order: Order, issue: () => Promise<IssuedCertificate>): Promise<AcmeCertificate> {
    const stored = this.#store.orders().find(({ id }) => id === order.id);
    const status = stored === undefined ? "invalid" : this.#status(stored);
    if (status !== "ready") {
      throw problem(403, "orderNotReady", `Order's status ("${status}") is not acceptable for finalization`);
    }
    this.#processing.add(order.id);
    try {
      const issued = await issue();
      await this.#store.endOrder(order.id, "valid");
      return await this.#store.record(order.account, issued);
    } finally {
      this.#processing.delete(order.id);
    }
  }
}

function newChallenge(identifier: string): Challenge {
  return { identifier, token: randomBytes(32).toString("base64url") };
}

/** The TXT value that proves control: the digest of the key authorization (RFC 8555 sections 8.1, 8.4). */
export function challengeValue(token: string, thumbprint: string): string {
  return createHash("sha256").update(`${token}.${thumbprint}`).digest("base64url");
}

/** Quotation marks around a value are presentation and do not count. */
function withoutQuotes(value: string): string {
  return value.replaceAll('"', "");
}

function wildcardOver(name: string): string {
  return `*${name.slice(name.indexOf("."))}`;
}
