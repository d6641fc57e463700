import "reflect-metadata";
import { createHash, createPublicKey } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CertificateRequest,
  readCertificateRequest,
  spkiDigest,
} from "../../../inventory/certificateRequest.ts";
import { certificateRequest, newNodeKeys, type RequestKey } from "../../support/certificateRequest.ts";

const NAMES = ["fra1.sip.example.net", "sip.example.net", "*.sip.example.net"];

function read(pem: string): CertificateRequest {
  const reading = readCertificateRequest(pem);
  if ("fault" in reading) throw new Error(reading.fault);
  return reading;
}

function faultOf(text: string): string {
  const reading = readCertificateRequest(text);
  if (!("fault" in reading)) throw new Error("it was accepted");
  return reading.fault;
}

function octetsOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64");
}

function pemOf(octets: Buffer): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${octets.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
}

describe("a certificate request says", () => {
  test.each<[RequestKey, string | undefined]>([
    ["RSA 1024", undefined],
    ["RSA 2048", "rsa2048"],
    ["RSA 3072", "rsa3072"],
    ["P-256", "p256"],
    ["P-384", "p384"],
    ["P-521", undefined],
  ])("that its key is %s, and whether authorities certify it", async (key, keyType) => {
    const { csrPem, publicKeyPem } = await certificateRequest(NAMES, { keys: await newNodeKeys(key) });
    const request = read(csrPem);
    expect({ key: request.key, keyType: request.keyType }).toEqual({ key, keyType });
    const spki = createPublicKey(publicKeyPem).export({ type: "spki", format: "der" });
    expect(request.keyDigest).toBe(createHash("sha256").update(spki).digest("hex"));
    expect(spkiDigest(createPublicKey(publicKeyPem))).toBe(request.keyDigest);
  });

  test("what it names, by kind, in lower case and each once", async () => {
    const { csrPem } = await certificateRequest(["FRA1.sip.example.net", "fra1.sip.example.net"], {
      commonName: "Fra1.SIP.example.net",
      others: [
        { type: "url", value: "sip:sip.example.net" },
        { type: "ip", value: "192.0.2.1" },
        { type: "email", value: "noc@example.net" },
        // A kind that libraries leave out where they do not know its type.
        { type: "guid", value: "8ee13e53-2c1c-42bb-8df7-39927c0bdbb6" },
      ],
    });
    expect(read(csrPem)).toMatchObject({
      names: ["fra1.sip.example.net"],
      commonNames: ["fra1.sip.example.net"],
      otherNames: [
        "uniformResourceIdentifier sip:sip.example.net",
        "iPAddress",
        "rfc822Name noc@example.net",
        "otherName",
      ],
      mustStaple: false,
    });
  });

  test("nothing where it names nothing, and that it must be stapled where it must", async () => {
    const { csrPem } = await certificateRequest([], { mustStaple: true });
    expect(read(csrPem)).toMatchObject({ names: [], commonNames: [], otherNames: [], mustStaple: true });
  });

  test("its names so that no terminal takes them for more than text", async () => {
    const { csrPem } = await certificateRequest(["sip.example.net\u001b[2J"], { commonName: "Zürich" });
    expect(read(csrPem)).toMatchObject({
      names: ["sip.example.net\\x1b[2j"],
      commonNames: ["z\\xc3\\xbcrich"],
    });
  });

  test("the same whatever the file's line ends and blank lines are", async () => {
    const { csrPem } = await certificateRequest(NAMES);
    const request = read(csrPem);
    expect(request.pem).toBe(csrPem);
    expect(read(`\n${csrPem.replaceAll("\n", "\r\n")}\n\n`)).toEqual(request);
    expect(read(csrPem.replaceAll("CERTIFICATE", "NEW CERTIFICATE"))).toEqual(request);
  });
});

describe("a text is no certificate request when", () => {
  test("there is anything beside one block", async () => {
    const { csrPem } = await certificateRequest(NAMES);
    expect(faultOf("")).toBe("is no certificate request in PEM form");
    expect(faultOf(`${csrPem}${csrPem}`)).toBe("holds 2 PEM blocks, not one");
    expect(faultOf(`${csrPem}and so on`)).toMatch(/text beside the request/);
    expect(faultOf(`Certificate Request:\n${csrPem}`)).toMatch(/text beside the request/);
    expect(faultOf(csrPem.slice(0, -10))).toMatch(/cut off/);
    expect(faultOf(csrPem.replaceAll("CERTIFICATE REQUEST", "CERTIFICATE"))).toMatch(
      /no certificate request/,
    );
  });

  test("it is not base64 inside, or not DER, or has more octets than the request", async () => {
    const { csrPem } = await certificateRequest(NAMES);
    expect(faultOf(csrPem.replace("\nM", "\n*"))).toMatch(/no base64/);
    expect(faultOf(pemOf(Buffer.from("hello, world")))).toMatch(/no certificate request inside/);
    const octets = octetsOf(csrPem);
    expect(faultOf(pemOf(Buffer.concat([octets, Buffer.from([5, 0])])))).toMatch(/more stands after/);
    // The same value with its length in one octet more than it needs.
    const [tag = 0, long = 0] = octets;
    expect(long).toBe(0x82);
    const loose = Buffer.concat([Buffer.from([tag, 0x83, 0]), octets.subarray(2)]);
    expect(faultOf(pemOf(loose))).toMatch(/more octets than it needs/);
  });

  test("it holds a private key, whatever else is there, and the remedy is not to use that key", () => {
    const reading = readCertificateRequest(
      "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n",
    );
    expect(reading).toMatchObject({ fault: expect.stringMatching(/private key/) });
    expect(reading).toMatchObject({ remedy: expect.stringMatching(/new key on the node/) });
  });

  test("the signature is another key's, or by a hash that authorities refuse", async () => {
    const [one, two] = [await newNodeKeys(), await newNodeKeys()];
    const mixed = {
      algorithm: one.algorithm,
      pair: { publicKey: two.pair.publicKey, privateKey: one.pair.privateKey },
    };
    expect(faultOf((await certificateRequest(NAMES, { keys: mixed })).csrPem)).toMatch(
      /not signed by the key/,
    );
    const rsa = await newNodeKeys("RSA 2048");
    const { csrPem } = await certificateRequest(NAMES, { keys: rsa });
    const sha1 = Buffer.from(
      octetsOf(csrPem).toString("hex").replace("2a864886f70d01010b", "2a864886f70d010105"),
      "hex",
    );
    expect(faultOf(pemOf(sha1))).toMatch(/signed in another way/);
  });

  test("any octet of it is another one, or any is missing", async () => {
    const octets = octetsOf((await certificateRequest(NAMES, { commonName: "sip.example.net" })).csrPem);
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const changed = Buffer.from(octets);
        changed[at] = (octets[at] ?? 0) ^ difference;
        expect(faultOf(pemOf(changed))).toMatch(/^(is|holds) /);
        const shorter = Buffer.concat([octets.subarray(0, at), octets.subarray(at + 1)]);
        expect(faultOf(pemOf(shorter))).toMatch(/^(is|holds) /);
      }),
      { numRuns: 1000 },
    );
  });

  test("it is anything at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        expect(faultOf(pemOf(Buffer.from(octets)))).toMatch(/^(is|holds) /);
      }),
      { numRuns: 1000 },
    );
  });
});

test("it is read as another reader of requests reads it", async () => {
  const keys = await newNodeKeys();
  const label = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(name, { maxLength: 30 }), fc.option(name), async (names, common) => {
      const { csrPem } = await certificateRequest(names, {
        keys,
        ...(common === null ? {} : { commonName: common }),
      });
      const other = new x509.Pkcs10CertificateRequest(csrPem);
      const extension = other.getExtension("2.5.29.17");
      const items = extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.items : [];
      const request = read(csrPem);
      expect(items).toHaveLength(names.length);
      expect(request.names).toEqual(items.map(({ value }) => value));
      expect(request.commonNames).toEqual(other.subjectName.getField("CN"));
      expect(request.pem.trim()).toBe(other.toString("pem"));
    }),
    { numRuns: 60 },
  );
});
