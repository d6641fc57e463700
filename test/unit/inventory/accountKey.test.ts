import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import { accountKeyDigest, readAccountKey } from "../../../inventory/accountKey.ts";
import { spkiDigest } from "../../../inventory/certificateRequest.ts";
import { Refusal } from "../../../inventory/problem.ts";

const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength });
const pem = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1") =>
  key.export({ type, format: "pem" }).toString();

function refusalOf(text: string): string {
  try {
    readAccountKey(text);
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  throw new Error("accepted");
}

test("without the variable, or with an empty one, the provider makes the key", () => {
  expect(readAccountKey(undefined)).toBeUndefined();
  expect(readAccountKey("\n")).toBeUndefined();
});

describe("a key", () => {
  test.each([
    ["P-256", ec("P-256"), "EC PRIVATE KEY"],
    ["P-384", ec("P-384"), "EC PRIVATE KEY"],
    ["RSA 2048", rsa(2048), "RSA PRIVATE KEY"],
    ["RSA 3072", rsa(3072), "RSA PRIVATE KEY"],
  ] as const)(
    "of %s is taken in any form and given in the one that every provider reads",
    (_, pair, label) => {
      const own = label === "EC PRIVATE KEY" ? "sec1" : "pkcs1";
      for (const form of ["pkcs8", own] as const) {
        const read = readAccountKey(pem(pair.privateKey, form)) ?? "";
        expect(read).toMatch(new RegExp(`^-----BEGIN ${label}-----\n`));
        expect(createPrivateKey(read).equals(pair.privateKey)).toBe(true);
        expect(accountKeyDigest(read)).toBe(spkiDigest(pair.publicKey));
      }
    },
  );

  test("may have text before it, as openssl writes it", () => {
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    expect(readAccountKey(`${parameters}${pem(ec("P-256").privateKey, "sec1")}`)).toMatch(
      /BEGIN EC PRIVATE KEY/,
    );
  });
});

describe("refused without a word of it is", () => {
  const secret = pem(ec("P-256").privateKey, "pkcs8");
  const body = secret.split("\n")[1] ?? "";

  test.each([
    ["a key cut off", secret.slice(0, 90), /is no private key in PEM form \[account-key\]/],
    ["a key without its line feeds", secret.replaceAll("\n", "\\n"), /is no private key in PEM form/],
    ["its base64 alone", body, /is no private key in PEM form/],
    [
      "a public key",
      ec("P-256").publicKey.export({ type: "spki", format: "pem" }).toString(),
      /is no private key/,
    ],
    ["P-521", pem(ec("P-521").privateKey, "pkcs8"), /of a kind that authorities refuse/],
    ["RSA 1024", pem(rsa(1024).privateKey, "pkcs8"), /of a kind that authorities refuse/],
    ["Ed25519", pem(generateKeyPairSync("ed25519").privateKey, "pkcs8"), /of a kind that authorities refuse/],
    [
      "an encrypted key",
      ec("P-256")
        .privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
        .toString(),
      /is an encrypted private key .*openssl pkey/,
    ],
  ])("%s", (_, text, expected) => {
    const message = refusalOf(text);
    expect(message).toMatch(/^environment: DIALTREE_ACME_ACCOUNT_KEY: is /);
    expect(message).toMatch(expected);
    for (const line of text.split(/\n|\\n/).filter((each) => each.length > 10 && !each.startsWith("-----"))) {
      expect(message).not.toContain(line);
    }
  });
});
