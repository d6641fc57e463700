import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { AcmeIssuer, type IssuerArgs } from "../../backends/acme.ts";
import type { CertificateOrder } from "../../plan/tree.ts";
import { certificateRequest, newNodeKeys } from "../support/certificateRequest.ts";
import { type Registration, registered, registrationsOf } from "../support/registrations.ts";

const ARGS: IssuerArgs = {
  directory: "https://acme.example.net/directory",
  contact: "sip@example.net",
  challenges: ["cloudflare"],
  acmeProfile: "classic",
  minDaysRemaining: 30,
  protect: true,
};

const ORDERS: readonly CertificateOrder[] = ["fra1", "fra2", "lhr1"].map((slot) => ({
  slot,
  profile: "exact",
  names: [`${slot}.sip.example.net`, "sip.example.net"],
  keyType: "rsa2048",
}));

const ACCOUNT = "acme/account/acme.example.net";

function issued(
  args: Partial<IssuerArgs> = {},
  requestPem?: string,
): Promise<ReadonlyMap<string, Registration>> {
  return registrationsOf(() => {
    const issuer = new AcmeIssuer({ ...ARGS, ...args });
    const parent = new pulumi.ComponentResource("test:index:Node", "node");
    for (const order of ORDERS) issuer.issue({ order, requestPem, waits: false }, { parent, after: [] });
  });
}

/** The certificate of fra1 that is there and due, and has to wait for the authority's limits. */
async function waiting(requestPem?: string): Promise<Registration> {
  const all = await registrationsOf(() => {
    const parent = new pulumi.ComponentResource("test:index:Node", "node");
    for (const order of ORDERS.slice(0, 1))
      new AcmeIssuer(ARGS).issue({ order, requestPem, waits: true }, { parent, after: [] });
  });
  return registered(all, "fra1/acme/exact");
}

function certificateBefore(all: ReadonlyMap<string, Registration>, slot: string): string[] {
  return registered(all, `${slot}/acme/exact`).dependsOn.filter((name) => name.endsWith("/acme/exact"));
}

describe("the ACME account", () => {
  test("never leaves the authority, and stays as it is when the contact changes", async () => {
    const { inputs, retainOnDelete, ignoreChanges } = registered(await issued(), ACCOUNT);
    expect(inputs).toEqual({ emailAddress: "sip@example.net" });
    expect(retainOnDelete).toBe(true);
    expect(ignoreChanges).toEqual(["emailAddress", "accountKeyPem"]);
  });

  test("is protected unless the stack is one to be thrown away", async () => {
    expect(registered(await issued(), ACCOUNT).protect).toBe(true);
    expect(registered(await issued({ protect: false }), ACCOUNT).protect).toBe(false);
  });

  test("is that of the key that the stack brings, which is a secret from the start", async () => {
    const { pair } = await newNodeKeys();
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", pair.privateKey);
    const accountKeyPem = x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
    const all = await issued({ accountKeyPem });
    expect(registered(all, ACCOUNT).inputs.accountKeyPem).toEqual({
      [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
      value: accountKeyPem,
    });
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

  test("is of the profile that the policy asks for, where that is not the authority's own choice", async () => {
    const { inputs } = registered(await issued({ acmeProfile: "tlsserver" }), "fra1/acme/exact");
    expect(inputs.profile).toBe("tlsserver");
    expect(registered(await issued(), "fra1/acme/exact").inputs).not.toHaveProperty("profile");
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
    const { csrPem } = await certificateRequest(["fra1.sip.example.net"]);
    const { inputs } = registered(await issued({}, csrPem), "fra1/acme/exact");
    expect(inputs.certificateRequestPem).toBe(csrPem);
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

describe("a certificate that waits for the authority's limits", () => {
  test("is neither renewed by its date nor replaced for its names, its key or its profile", async () => {
    const { inputs, ignoreChanges } = await waiting();
    expect(inputs.minDaysRemaining).toBe(-1);
    const replacing = [
      "commonName",
      "subjectAlternativeNames",
      "keyType",
      "certificateRequestPem",
      "profile",
    ];
    expect(ignoreChanges.toSorted()).toEqual(replacing.toSorted());
  });

  test("is left alone where the node makes the key too", async () => {
    const { csrPem } = await certificateRequest(["fra1.sip.example.net"]);
    const { inputs, ignoreChanges } = await waiting(csrPem);
    expect(inputs).toMatchObject({ certificateRequestPem: csrPem, minDaysRemaining: -1 });
    expect(ignoreChanges).toContain("certificateRequestPem");
  });

  test("hides no change once its turn has come", async () => {
    const { inputs, ignoreChanges } = registered(await issued(), "fra1/acme/exact");
    expect([inputs.minDaysRemaining, ignoreChanges]).toEqual([30, []]);
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
