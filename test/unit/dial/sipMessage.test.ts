import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contentLength,
  cseqOf,
  formatMessage,
  headerValues,
  onlyHeader,
  parameterOf,
  parseHead,
  type SipMessage,
  viaValues,
} from "../../../dial/sipMessage.ts";

function parsed(...lines: string[]): SipMessage {
  const head = parseHead(lines.join("\r\n"));
  if (!head.ok) throw new Error(head.fault);
  return head.message;
}

describe("reading a SIP message", () => {
  test("a request and its headers are read, compact forms in their long name", () => {
    const message = parsed(
      "OPTIONS sip:example.net SIP/2.0",
      "v: SIP/2.0/UDP h;branch=z9hG4bK1",
      "i: a@b",
      "CSeq: 7 OPTIONS",
    );
    expect(message).toMatchObject({ kind: "request", method: "OPTIONS", uri: "sip:example.net" });
    expect(onlyHeader(message, "via")).toBe("SIP/2.0/UDP h;branch=z9hG4bK1");
    expect(onlyHeader(message, "call-id")).toBe("a@b");
    expect(cseqOf(message)).toEqual({ number: 7, method: "OPTIONS" });
  });

  test("a status line is read, also without a reason", () => {
    expect(parsed("SIP/2.0 503 Service Unavailable")).toMatchObject({
      kind: "response",
      status: 503,
      reason: "Service Unavailable",
    });
    expect(parsed("SIP/2.0 200 ")).toMatchObject({ status: 200, reason: "" });
  });

  test("a folded header line is one value", () => {
    const message = parsed("SIP/2.0 200 OK", "Subject: one", " \t two", "Call-ID: x");
    expect(onlyHeader(message, "subject")).toBe("one two");
    expect(onlyHeader(message, "call-id")).toBe("x");
  });

  test("a header that stands twice has no single value", () => {
    const message = parsed("SIP/2.0 200 OK", "CSeq: 1 OPTIONS", "CSeq: 2 OPTIONS");
    expect(onlyHeader(message, "cseq")).toBeUndefined();
    expect(cseqOf(message)).toBeUndefined();
    expect(headerValues(message, "cseq")).toHaveLength(2);
  });

  test.each([
    "",
    "OPTIONS sip:example.net",
    "OPTIONS sip:example.net SIP/3.0",
    "OPTIONS  sip:example.net SIP/2.0",
    "SIP/2.0 099 Early",
    "SIP/2.0 700 Late",
    "GET / HTTP/1.1",
    "SIP/2.0 200 OK\r\nno header",
    "SIP/2.0 200 OK\r\nName with space: x",
    "SIP/2.0 200 OK\r\nBare: line\nfeed",
    "SIP/2.0 200 OK\r\n: no name",
  ])("%j is malformed", (head) => {
    expect(parseHead(head).ok).toBe(false);
  });

  test("endless headers are refused", () => {
    const lines = Array.from({ length: 200 }, (_, i) => `X-${i}: y`);
    expect(parseHead(["SIP/2.0 200 OK", ...lines].join("\r\n"))).toMatchObject({ ok: false });
    expect(parseHead(`SIP/2.0 200 OK\r\nX: ${"y".repeat(20_000)}`)).toMatchObject({ ok: false });
  });

  test("several Via values in one line are told apart, but not at a quoted comma", () => {
    const message = parsed(
      "SIP/2.0 200 OK",
      'Via: SIP/2.0/TCP a;branch=1, SIP/2.0/TCP b;x="p,\\",q";branch=2',
      "v: SIP/2.0/TCP c",
    );
    expect(viaValues(message)).toEqual([
      "SIP/2.0/TCP a;branch=1",
      'SIP/2.0/TCP b;x="p,\\",q";branch=2',
      "SIP/2.0/TCP c",
    ]);
    expect(parameterOf(viaValues(message)[1] ?? "", "branch")).toBe("2");
  });

  test("a parameter of the URI is none of the header", () => {
    expect(parameterOf("<sip:a@example.net;tag=uri>;tag=header", "tag")).toBe("header");
    expect(parameterOf("<sip:a@example.net;tag=uri>", "tag")).toBeUndefined();
    expect(parameterOf("SIP/2.0/UDP h;rport", "rport")).toBe("");
  });

  test.each([
    ["12", 12],
    ["0", 0],
    ["-1", "invalid"],
    ["1e3", "invalid"],
    ["65537", "invalid"],
    ["99999999999999", "invalid"],
  ] as const)("Content-Length %s reads as %s", (text, length) => {
    expect(contentLength(parsed("SIP/2.0 200 OK", `l: ${text}`))).toBe(length);
  });

  test("two lengths are none", () => {
    expect(contentLength(parsed("SIP/2.0 200 OK", "Content-Length: 1", "l: 2"))).toBe("invalid");
  });
});

describe("writing a SIP message", () => {
  test("what is written is read back as the same", () => {
    const value = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);
    const headers = fc.array(fc.tuple(fc.stringMatching(/^X-[A-Za-z0-9]{1,12}$/), value), { maxLength: 10 });
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 100 }), (list, octets) => {
        const written = formatMessage("SIP/2.0 200 OK", list, Buffer.from(octets));
        const end = written.indexOf("\r\n\r\n");
        const message = parsed(written.toString("utf8", 0, end));
        expect(message.headers.slice(0, -1)).toEqual(
          list.map(([name, text]) => ({ name: name.toLowerCase(), value: text })),
        );
        expect(contentLength(message)).toBe(octets.length);
        expect(written.subarray(end + 4)).toEqual(Buffer.from(octets));
      }),
    );
  });

  test("a value cannot smuggle in another header", () => {
    expect(() => formatMessage("SIP/2.0 200 OK", [["X", "a\r\nEvil: b"]])).toThrow("line break");
  });
});
