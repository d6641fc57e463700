import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LabCa, requestedNames } from "../../../../lab/ca/labCa.ts";
import { newPrivateKeyPem, publicKeyOf } from "../../../../lab/providers/acmeKeys.ts";
import { certificateRequest } from "../../../support/certificateRequest.ts";
import { NOON } from "../../../support/labStores.ts";

test("a leaf is signed by the intermediate, lives 90 days and is for servers only", async () => {
  const ca = await LabCa.open({ now: NOON });
  const issued = await ca.issueFor(
    ["fra1.example.net", "*.sip.example.net"],
    publicKeyOf(newPrivateKeyPem("P256")),
  );
  const leaf = new X509Certificate(issued.certificatePem);
  const intermediate = new X509Certificate(ca.issuerPem);
  const root = new X509Certificate(ca.rootPem);
  expect(leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey)).toBe(true);
  expect(leaf.checkIssued(intermediate) && intermediate.checkIssued(root)).toBe(true);
  expect(leaf.subjectAltName).toBe("DNS:fra1.example.net, DNS:*.sip.example.net");
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(leaf.ca).toBe(false);
  expect(issued.notAfter.getTime() - issued.notBefore.getTime()).toBe(90 * 86_400_000 - 1_000);
  expect(new Date(leaf.validFrom).getTime()).toBe(Date.parse("2026-11-23T11:00:00Z"));
});

test("an authority opened again is the same one, and only its owner can read its keys", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dialtree-ca-"));
  try {
    const first = await LabCa.open({ folder });
    const second = await LabCa.open({ folder });
    expect(second.rootPem).toBe(first.rootPem);
    const { certificatePem } = await second.issueFor(
      ["a.example.net"],
      publicKeyOf(newPrivateKeyPem("P384")),
    );
    expect(new X509Certificate(certificatePem).verify(new X509Certificate(first.issuerPem).publicKey)).toBe(
      true,
    );
    const modes = readdirSync(folder).map((file) => (statSync(join(folder, file)).mode & 0o777).toString(8));
    expect(modes).toEqual(["600", "600"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a request gets exactly its own names and its own key", async () => {
  const ca = await LabCa.open();
  const { csrPem, publicKeyPem } = await certificateRequest(["ams1.example.net", "SIP.example.net"]);
  expect(requestedNames(csrPem)).toEqual(["ams1.example.net", "sip.example.net"]);
  const leaf = new X509Certificate((await ca.issue(csrPem)).certificatePem);
  expect(leaf.subjectAltName).toBe("DNS:ams1.example.net, DNS:sip.example.net");
  expect(leaf.publicKey.export({ type: "spki", format: "pem" })).toBe(publicKeyPem);
});

test("a request whose signature is not its key's, and text that is no request, are refused", async () => {
  const ca = await LabCa.open();
  const { csrPem } = await certificateRequest(["ams1.example.net"]);
  const der = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const place = der.indexOf("ams1");
  der.write("ams2", place);
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  await expect(ca.issue(forged)).rejects.toThrow(/not signed by its own key/);
  await expect(ca.issue("no request")).rejects.toThrow();
});
