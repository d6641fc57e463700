import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { AcmeIssuer, type IssuerArgs } from "../../backends/acme.ts";
import type { CertificateOrder } from "../../plan/tree.ts";
import { type Registration, registered, registrationsOf } from "../support/registrations.ts";

const ARGS: IssuerArgs = {
  directory: "https://acme.example.net/directory",
  contact: "sip@example.net",
  challenges: ["cloudflare"],
  keyType: "rsa2048",
  minDaysRemaining: 30,
};

const ORDERS: readonly CertificateOrder[] = ["fra1", "fra2", "lhr1"].map((slot) => ({
  slot,
  profile: "exact",
  names: [`${slot}.sip.example.net`, "sip.example.net"],
}));

const ACCOUNT = "acme/account/acme.example.net";

function issued(
  args: Partial<IssuerArgs> = {},
  requestPem?: string,
): Promise<ReadonlyMap<string, Registration>> {
  return registrationsOf(() => {
    const issuer = new AcmeIssuer({ ...ARGS, ...args });
    const parent = new pulumi.ComponentResource("test:index:Node", "node");
    for (const order of ORDERS) issuer.issue(order, parent, requestPem);
  });
}

function certificateBefore(all: ReadonlyMap<string, Registration>, slot: string): string[] {
  return registered(all, `${slot}/acme/exact`).dependsOn.filter((name) => name.endsWith("/acme/exact"));
}

describe("the ACME account", () => {
  test("never leaves the authority, and stays as it is when the contact changes", async () => {
    const { inputs, retainOnDelete, ignoreChanges } = registered(await issued(), ACCOUNT);
    expect(inputs).toEqual({ emailAddress: "sip@example.net" });
    expect(retainOnDelete).toBe(true);
    expect(ignoreChanges).toEqual(["emailAddress"]);
  });

  test("needs no contact", async () => {
    expect(registered(await issued({ contact: undefined }), ACCOUNT).inputs).toEqual({});
  });

  test("is another one at another authority, with a provider of its own", async () => {
    const staging = await issued({ directory: "https://staging.example.net/directory" });
    expect([...staging.keys()]).not.toContain(ACCOUNT);
    expect(registered(staging, "acme/staging.example.net").inputs).toEqual({
      serverUrl: "https://staging.example.net/directory",
    });
  });
});

describe("a certificate", () => {
  test("is neither revoked nor robbed of its authorizations, and renews by its date", async () => {
    const { inputs } = registered(await issued(), "fra1/acme/exact");
    expect(inputs).toMatchObject({
      revokeCertificateOnDestroy: false,
      deactivateAuthorizations: false,
      useRenewalInfo: false,
      minDaysRemaining: 30,
      certTimeout: 120,
    });
  });

  test("asks for nothing that replaces it later or that the authority refuses", async () => {
    const refused =
      "validityDays mustStaple preferredChain profile preCheckDelay propagationWait minDaysDynamic";
    const { inputs } = registered(await issued(), "fra1/acme/exact");
    for (const key of refused.split(" ")) expect(inputs).not.toHaveProperty(key);
    expect(inputs).not.toHaveProperty("disableCompletePropagation");
  });

  test("carries no credentials of the challenge's platforms", async () => {
    const { inputs } = registered(await issued({ challenges: ["cloudflare", "route53"] }), "fra1/acme/exact");
    expect(inputs.dnsChallenges).toEqual([{ provider: "cloudflare" }, { provider: "route53" }]);
  });

  test("has its names and its key's type from the plan where the provider makes the key", async () => {
    const { inputs } = registered(await issued(), "fra1/acme/exact");
    expect(inputs).toMatchObject({
      commonName: "fra1.sip.example.net",
      subjectAlternativeNames: ["sip.example.net"],
      keyType: "2048",
    });
    expect(inputs).not.toHaveProperty("certificateRequestPem");
  });

  test("has nothing but the request where the node makes the key", async () => {
    const { inputs } = registered(await issued({}, "PEM"), "fra1/acme/exact");
    expect(inputs.certificateRequestPem).toBe("PEM");
    for (const key of ["commonName", "subjectAlternativeNames", "keyType"])
      expect(inputs).not.toHaveProperty(key);
  });

  test("tells the provider which resolvers to ask only where the stack names some", async () => {
    expect(registered(await issued(), "fra1/acme/exact").inputs).not.toHaveProperty("recursiveNameservers");
    const { inputs } = registered(
      await issued({ recursiveNameservers: ["192.0.2.53:53"] }),
      "fra1/acme/exact",
    );
    expect(inputs.recursiveNameservers).toEqual(["192.0.2.53:53"]);
  });
});

describe("certificates that share a challenge name", () => {
  test.each(["route53", "rfc2136", "pdns", "acme-dns", "httpreq", "exec"])(
    "are issued one after the other where %s may lose a value",
    async (challenge) => {
      const all = await issued({ challenges: ["cloudflare", challenge] });
      expect(["fra1", "fra2", "lhr1"].map((slot) => certificateBefore(all, slot))).toEqual([
        [],
        ["fra1/acme/exact"],
        ["fra2/acme/exact"],
      ]);
    },
  );

  test("are issued side by side where the platform keeps every value", async () => {
    const all = await issued();
    expect(["fra1", "fra2", "lhr1"].map((slot) => certificateBefore(all, slot))).toEqual([[], [], []]);
  });
});
