/**
 * What the lab's ACME authority keeps: accounts, orders, failed authorizations and issued certificates. No private key
 * is ever in it.
 */
import { randomBytes } from "node:crypto";
import type { IssuedCertificate } from "../ca/labCa.ts";
import { PlatformError } from "./platformError.ts";
import type { Store, Table } from "./store.ts";

export interface AcmeAccount {
  /** The account's URL. */
  readonly id: string;
  /** JWK thumbprint of the account's public key (RFC 7638). */
  readonly thumbprint: string;
  readonly email?: string;
  readonly status: "valid" | "deactivated";
}

export interface Challenge {
  /** The name to certify; a wildcard is challenged at its parent. */
  readonly identifier: string;
  readonly token: string;
}

export interface AcmeOrder {
  /** The order's URL. */
  readonly id: string;
  /** URL of the account. */
  readonly account: string;
  readonly names: readonly string[];
  readonly challenges: readonly Challenge[];
  /** Whether the names were certified before, lately. */
  readonly renewal: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** `pending` until it ends well or not: what is proven of it is forgotten by a restart. */
  readonly status: "pending" | "valid" | "invalid";
}

export interface FailedAuthorization {
  readonly id: string;
  /** URL of the account. */
  readonly account: string;
  readonly identifier: string;
  /** ISO 8601, UTC. */
  readonly failedAt: string;
}

export interface AcmeCertificate {
  /** The certificate's URL. */
  readonly id: string;
  /** URL of the account. */
  readonly account: string;
  readonly serial: string;
  readonly names: readonly string[];
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly certificatePem: string;
  readonly revoked: boolean;
}

const DIRECTORY = "https://acme.lab.invalid";

export class AcmeStore {
  readonly #store: Store;
  readonly #accounts: Table<AcmeAccount>;
  readonly #orders: Table<AcmeOrder>;
  readonly #failures: Table<FailedAuthorization>;
  readonly #certificates: Table<AcmeCertificate>;

  constructor(store: Store) {
    this.#store = store;
    this.#accounts = store.table<AcmeAccount>("acme", "account");
    this.#orders = store.table<AcmeOrder>("acme", "order");
    this.#failures = store.table<FailedAuthorization>("acme", "authorization");
    this.#certificates = store.table<AcmeCertificate>("acme", "certificate");
  }

  accounts(): readonly AcmeAccount[] {
    return this.#accounts.all();
  }

  orders(): readonly AcmeOrder[] {
    return this.#orders.all();
  }

  failedAuthorizations(): readonly FailedAuthorization[] {
    return this.#failures.all();
  }

  certificates(): readonly AcmeCertificate[] {
    return this.#certificates.all();
  }

  /** The account of a key: a new one, or the one that the key has already (RFC 8555 section 7.3.1). */
  async register(thumbprint: string, email?: string): Promise<AcmeAccount> {
    const request = {
      platform: "acme",
      kind: "account",
      operation: "create",
      id: "",
      name: email ?? "",
    } as const;
    return this.#store.perform(request, () => {
      const known = this.#accounts.all().find((account) => account.thumbprint === thumbprint);
      if (known !== undefined) return { answer: usable(known) };
      const id = `${DIRECTORY}/acct/${newNumber()}`;
      const after: AcmeAccount = { id, thumbprint, ...(email !== undefined && { email }), status: "valid" };
      return { answer: after, change: { id, after } };
    });
  }

  /** @throws PlatformError 401 when the key has no account or a deactivated one. */
  account(thumbprint: string): AcmeAccount {
    const account = this.#accounts.all().find((candidate) => candidate.thumbprint === thumbprint);
    if (account === undefined)
      throw problem(400, "accountDoesNotExist", "No account exists with the provided key");
    return usable(account);
  }

  /** A deactivated account and its key are of no use any more (RFC 8555 section 7.3.6). */
  async deactivate(id: string): Promise<void> {
    const before = this.#accounts.get(id);
    const name = before?.email ?? "";
    return this.#store.perform({ platform: "acme", kind: "account", operation: "delete", id, name }, () => {
      if (before === undefined)
        throw problem(400, "accountDoesNotExist", "No account exists with the provided URL");
      return { answer: undefined, change: { id, before, after: { ...before, status: "deactivated" } } };
    });
  }

  /**
   * A new order, or the one that `decide` has found instead.
   * @throws PlatformError that `decide` throws: there is no order then.
   */
  async order(
    account: AcmeAccount,
    names: readonly string[],
    decide: () => AcmeOrder | Pick<AcmeOrder, "challenges" | "renewal">,
  ): Promise<AcmeOrder> {
    const name = names[0] ?? "";
    const request = { platform: "acme", kind: "order", operation: "create", id: "", name } as const;
    return this.#store.perform(request, () => {
      const decided = decide();
      if ("id" in decided) return { answer: decided };
      const id = `${DIRECTORY}/order/${newNumber()}`;
      const createdAt = this.#store.timestamp();
      const after: AcmeOrder = { id, account: account.id, names, ...decided, createdAt, status: "pending" };
      return { answer: after, change: { id, after } };
    });
  }

  async endOrder(id: string, status: "valid" | "invalid"): Promise<void> {
    const before = this.#orders.get(id);
    const name = before?.names[0] ?? "";
    return this.#store.perform({ platform: "acme", kind: "order", operation: "update", id, name }, () => {
      if (before === undefined) throw problem(404, "malformed", "No order for ID");
      return { answer: undefined, change: { id, before, after: { ...before, status } } };
    });
  }

  async failAuthorization(account: AcmeAccount, identifier: string): Promise<void> {
    const request = {
      platform: "acme",
      kind: "authorization",
      operation: "create",
      id: "",
      name: identifier,
    } as const;
    return this.#store.perform(request, () => {
      const id = `${DIRECTORY}/authz/${newNumber()}`;
      const after: FailedAuthorization = {
        id,
        account: account.id,
        identifier,
        failedAt: this.#store.timestamp(),
      };
      return { answer: undefined, change: { id, after } };
    });
  }

  async record(account: AcmeAccount, issued: IssuedCertificate): Promise<AcmeCertificate> {
    const name = issued.names[0] ?? "";
    const request = { platform: "acme", kind: "certificate", operation: "create", id: "", name } as const;
    return this.#store.perform(request, () => {
      const id = `${DIRECTORY}/cert/${issued.serial}`;
      const after: AcmeCertificate = {
        id,
        account: account.id,
        serial: issued.serial,
        names: issued.names,
        notBefore: issued.notBefore.toISOString(),
        notAfter: issued.notAfter.toISOString(),
        certificatePem: issued.certificatePem,
        revoked: false,
      };
      return { answer: after, change: { id, after } };
    });
  }

  async revoke(id: string): Promise<void> {
    const before = this.#certificates.get(id);
    const name = before?.names[0] ?? "";
    return this.#store.perform(
      { platform: "acme", kind: "certificate", operation: "delete", id, name },
      () => {
        if (before === undefined) throw problem(404, "malformed", "Certificate not found");
        if (before.revoked) throw problem(400, "alreadyRevoked", "Certificate already revoked");
        return { answer: undefined, change: { id, before, after: { ...before, revoked: true } } };
      },
    );
  }
}

/** An ACME problem document (RFC 8555 section 6.7). */
export function problem(status: number, type: string, detail: string): PlatformError {
  return new PlatformError(status, `urn:ietf:params:acme:error:${type}`, detail);
}

function usable(account: AcmeAccount): AcmeAccount {
  if (account.status === "valid") return account;
  throw problem(401, "unauthorized", 'Account is not valid, has status "deactivated"');
}

function newNumber(): string {
  return String(randomBytes(4).readUInt32BE());
}
