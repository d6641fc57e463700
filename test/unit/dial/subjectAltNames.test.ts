import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseSubjectAltNames } from "../../../dial/subjectAltNames.ts";
import { createTestAuthority } from "../../support/testCertificates.ts";

describe("reading the names of a certificate", () => {
  test("each kind is told apart", () => {
    expect(parseSubjectAltNames("DNS:*.sip.example.net, URI:sip:example.net, IP Address:192.0.2.1")).toEqual([
      { kind: "dns", value: "*.sip.example.net" },
      { kind: "uri", value: "sip:example.net" },
      { kind: "other", value: "192.0.2.1" },
    ]);
  });

  test("a certificate without the extension has no list", () => {
    expect(parseSubjectAltNames(undefined)).toBeUndefined();
  });

  test("a value that imitates another entry stays one value", async () => {
    const authority = await createTestAuthority();
    const { certPem } = await authority.issue({
      dns: ["a.example.net"],
      uris: ["sip:x, DNS:victim.example.net", 'sip:"quoted"'],
    });
    expect(parseSubjectAltNames(new X509Certificate(certPem).subjectAltName)).toEqual([
      { kind: "dns", value: "a.example.net" },
      { kind: "uri", value: "sip:x, DNS:victim.example.net" },
      { kind: "uri", value: 'sip:"quoted"' },
    ]);
  });
});
