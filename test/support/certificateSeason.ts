/**
 * A fleet's certificates through the years without the engine: each update does what the program does of them, at the
 * lab's authority with all its limits, and carries the ledger on as the stack does. The clock is the season's own.
 */
import { challengeName } from "../../dns/challenge.ts";
import { readCertificateRequest } from "../../inventory/certificateRequest.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { AcmeAuthority, challengeValue } from "../../lab/ca/acmeAuthority.ts";
import { LabCa } from "../../lab/ca/labCa.ts";
import { RateLimits } from "../../lab/ca/rateLimits.ts";
import { newPrivateKeyPem, publicKeyOf } from "../../lab/providers/acmeKeys.ts";
import { type AcmeCertificate, AcmeStore } from "../../lab/store/acmeStore.ts";
import { Store } from "../../lab/store/store.ts";
import { LETS_ENCRYPT } from "../../plan/certificates/authorities.ts";
import type { IssuanceFacts } from "../../plan/certificates/due.ts";
import { orderText } from "../../plan/certificates/orderChecks.ts";
import { type RunOrders, runOrders } from "../../plan/certificates/runOrders.ts";
import { stageUpdate } from "../../plan/certificates/stage.ts";
import {
  type DeployedCertificate,
  EMPTY_LEDGER,
  type Ledger,
  ledgerAfter,
  readLedger,
} from "../../plan/ledger.ts";
import { planTree } from "../../plan/plan.ts";
import type { CertificateOrder, Tree } from "../../plan/tree.ts";
import { certificateRequest } from "./certificateRequest.ts";
import { DOMAIN, type InventorySketch, inventoryOf } from "./inventories.ts";

export const DAY = 86_400_000;

/** What one certificate takes from order to issue. */
const ISSUE_MILLISECONDS = 20_000;

export interface Installed extends DeployedCertificate {
  readonly certificatePem: string;
}

export interface Update {
  readonly at: Date;
  readonly tree: Tree;
  readonly run: RunOrders;
  /** The tree as this update publishes it. */
  readonly published: Tree;
  /**
   * Certificates that nodes have had time to install, by slot and profile: those of earlier updates; on the first one,
   * where names wait for them, its own.
   */
  readonly installed: ReadonlyMap<string, Installed>;
  /** What the update has read. */
  readonly before: Ledger;
  /** What it leaves. */
  readonly ledger: Ledger;
}

export class CertificateSeason {
  readonly store: AcmeStore;
  ledger: Ledger = EMPTY_LEDGER;
  /** Updates so far. */
  updates = 0;
  #time: number;
  #authority: AcmeAuthority;
  #account = "";
  #inventory: Inventory;
  #tree: Tree;
  readonly #deployed = new Map<string, Installed>();
  readonly #requests = new Map<string, string>();
  /** TXT values that stand, by name. */
  readonly #challenges = new Map<string, string[]>();
  /** One for all: the limits do not look at keys, and to make one takes longer than all the rest. */
  readonly #publicKey = publicKeyOf(newPrivateKeyPem("P256"));

  private constructor(sketch: InventorySketch, start: Date, records: Store, ca: LabCa) {
    this.#time = start.getTime();
    this.store = new AcmeStore(records);
    const now = () => new Date(this.#time);
    this.#authority = new AcmeAuthority(
      this.store,
      ca,
      async (name, type) => [(type === "TXT" ? this.#challenges.get(name) : undefined) ?? []],
      { now, limits: new RateLimits(this.store, ["example.net"], now) },
    );
    this.#inventory = inventoryOf(sketch);
    this.#tree = planTree(this.#inventory);
  }

  static async begin(sketch: InventorySketch, start: Date): Promise<CertificateSeason> {
    const clock = { now: () => start };
    const records = new Store({ now: () => clock.now() });
    const season = new CertificateSeason(
      sketch,
      start,
      records,
      await LabCa.open({ now: () => clock.now() }),
    );
    clock.now = () => season.now;
    await season.newAccount("first");
    return season;
  }

  get now(): Date {
    return new Date(this.#time);
  }

  get tree(): Tree {
    return this.#tree;
  }

  /** @param time not before the present one: issuing takes its time. */
  waitUntil(time: Date): void {
    this.#time = Math.max(this.#time, time.getTime());
  }

  /** Requests that are in the inventory stay there. */
  setInventory(sketch: InventorySketch): void {
    this.#inventory = { ...inventoryOf(sketch), requests: this.#inventory.requests };
    this.#tree = planTree(this.#inventory);
  }

  /** Makes another account, which every later order is made with. */
  async newAccount(key: string): Promise<void> {
    await this.store.register(key);
    this.#account = key;
  }

  /** The node makes a new key for the certificate, and its request is in the inventory from then on. */
  async newRequest({ csr, names }: CertificateOrder): Promise<void> {
    if (csr === undefined) throw new Error("the order is not issued from a request");
    const { csrPem } = await certificateRequest(names);
    const request = readCertificateRequest(csrPem);
    if ("fault" in request) throw new Error(request.fault);
    this.#requests.set(csr, csrPem);
    this.#inventory = {
      ...this.#inventory,
      requests: { ...this.#inventory.requests, [csr]: request },
    };
  }

  facts(): IssuanceFacts {
    return {
      tree: this.#tree,
      authority: LETS_ENCRYPT,
      ledger: this.ledger,
      requests: this.#inventory.requests,
      otherIssued: 0,
      now: this.now,
    };
  }

  /**
   * One update of the stack.
   * @throws PlatformError when the authority refuses a request, Refusal when the plan does.
   */
  async update(): Promise<Update> {
    const at = this.now;
    const before = this.ledger;
    const run = runOrders(this.facts());
    const published = stageUpdate(this.#inventory, this.#tree, [], this.facts()).tree;
    const earlier = new Map(this.#deployed);
    for (const order of run.issue) this.#deployed.set(orderText(order), await this.#issue(order));
    const installed = before.certificates.length === 0 ? new Map(this.#deployed) : earlier;
    return this.#endUpdate({ at, tree: this.#tree, run, before, published, installed });
  }

  /** What happens where the account's key changes: the provider replaces everything, whatever is due. */
  async updateReplacingAll(): Promise<Update> {
    const at = this.now;
    const before = this.ledger;
    const run = runOrders(this.facts());
    const published = stageUpdate(this.#inventory, this.#tree, [], this.facts()).tree;
    const installed = new Map(this.#deployed);
    for (const order of [...run.issue, ...run.keep])
      this.#deployed.set(orderText(order), await this.#issue(order));
    return this.#endUpdate({ at, tree: this.#tree, run, before, published, installed });
  }

  #endUpdate(update: Omit<Update, "ledger">): Update {
    const { issue, keep } = update.run;
    const present = new Set([...issue, ...keep].map(orderText));
    const deployed = [...this.#deployed].filter(([key]) => present.has(key)).map(([, each]) => each);
    const { acmeProfile } = this.#inventory.policy.certificates;
    const after = ledgerAfter(update.before, {}, deployed, {
      directory: LETS_ENCRYPT.directory,
      acmeProfile,
    });
    this.updates += 1;
    // Between two updates it is JSON in the stack's outputs.
    this.ledger = readLedger(JSON.parse(JSON.stringify(after)));
    return { ...update, ledger: this.ledger };
  }

  async #issue(order: CertificateOrder): Promise<Installed> {
    this.#time += ISSUE_MILLISECONDS;
    const { notBefore, notAfter, certificatePem } = await this.obtain(order);
    const request = order.csr === undefined ? undefined : this.#inventory.requests[order.csr];
    return { order, notBefore, notAfter, certificatePem, requestPem: request?.pem };
  }

  /** Order, challenges, certificate, as the provider does it. */
  async obtain({ names, csr }: CertificateOrder): Promise<AcmeCertificate> {
    const order = await this.#authority.order(this.#account, names);
    for (const challenge of order.challenges) {
      const name = challengeName(challenge.identifier);
      this.#challenges.set(name, [challengeValue(challenge.token, this.#account)]);
      await this.#authority.validate(order, challenge);
      this.#challenges.delete(name);
    }
    const csrPem = csr === undefined ? undefined : this.#requests.get(csr);
    return csrPem === undefined
      ? this.#authority.finalizeKey(order, this.#publicKey)
      : this.#authority.finalizeRequest(order, csrPem);
  }
}

/** So many active nodes, by turns at six POPs of three regions, two of which have a fallback. */
export function fleetOf(count: number): InventorySketch {
  const places = [
    ["euro", "fra"],
    ["noam", "iad"],
    ["apac", "sin"],
    ["euro", "lhr"],
    ["noam", "lax"],
    ["apac", "syd"],
  ] as const;
  return {
    nodes: Array.from({ length: count }, (_, index) => {
      const [region, pop] = places[index % places.length] ?? places[0];
      const number = Math.floor(index / places.length) + 1;
      return {
        slot: `${pop}${number}`,
        region,
        pop,
        ip: `127.1.${index % places.length}.${number}`,
        weight: 100,
        status: "active",
      };
    }),
    environment: { domain: DOMAIN, zone: "example.net" },
    policy: {
      certificates: { keyType: "p256", waves: true },
      regions: {
        euro: { fallback: ["noam"] },
        noam: { fallback: ["apac"] },
        apac: {},
      },
    },
  };
}
