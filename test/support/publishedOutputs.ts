/** Outputs of a stack as `pulumi stack output --json` prints them, with certificates of a lab authority. */
import { LabCa } from "../../lab/ca/labCa.ts";
import { newPrivateKeyPem, publicKeyOf } from "../../lab/providers/acmeKeys.ts";
import { EMPTY_LEDGER } from "../../plan/ledger.ts";

const DOMAIN = "sip.example.net";

export const PROFILES = ["exact", "wildcard"] as const;
export type Profile = (typeof PROFILES)[number];

/** Names that a node of the POP fra in euro has in its certificate. */
export function certifiedNames(slot: string, profile: Profile): string[] {
  return profile === "exact"
    ? [`${slot}.${DOMAIN}`, `euro.${DOMAIN}`, `fra.${DOMAIN}`, DOMAIN]
    : [DOMAIN, `*.${DOMAIN}`, `${slot}.id.${DOMAIN}`];
}

export interface Issue {
  readonly slot: string;
  readonly profile: Profile;
  readonly keyPem: string;
  /** When it is issued; now when absent. */
  readonly at?: Date;
}

export interface Publisher {
  readonly rootPem: string;
  /** Certificate and chain, as a stack puts them out. */
  issue(issue: Issue): Promise<string>;
}

export async function createPublisher(): Promise<Publisher> {
  let at = new Date();
  const ca = await LabCa.open({ now: () => at });
  return {
    rootPem: ca.rootPem,
    async issue({ slot, profile, keyPem, at: time = new Date() }) {
      at = time;
      const { certificatePem } = await ca.issueFor(certifiedNames(slot, profile), publicKeyOf(keyPem));
      return `${certificatePem}${ca.issuerPem}`;
    },
  };
}

export const newKeyPem = (): string => newPrivateKeyPem("P256");

export interface OutputsSketch {
  readonly slots: readonly string[];
  readonly certificates: readonly { slot: string; profile: Profile; certificatePem: string }[];
  /** `[secret]`, as the engine masks it, when absent. */
  readonly privateKeys?: readonly { slot: string; profile: Profile; privateKeyPem: string }[];
}

export function outputsOf({ slots, certificates, privateKeys }: OutputsSketch) {
  return {
    names: {
      global: { name: DOMAIN, answers: slots },
      regions: {},
      pops: {},
      nodes: Object.fromEntries(
        slots.map((slot, index) => [
          slot,
          { name: `${slot}.${DOMAIN}`, addresses: [`192.0.2.${index + 1}`] },
        ]),
      ),
    },
    digest: "0".repeat(64),
    certificates: certificates.map((each) => ({ ...each, notAfter: "2027-02-21T17:10:34Z" })),
    privateKeys: privateKeys ?? "[secret]",
    ledger: EMPTY_LEDGER,
  };
}
