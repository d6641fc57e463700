import { describe, expect, test } from "vitest";
import { readDatagram } from "../../../dial/sipFraming.ts";
import { headerValues, onlyHeader, type SipMessage, viaValues } from "../../../dial/sipMessage.ts";
import { answerTo, datagramReturn, refusalOf } from "../../../lab/sipAnswer.ts";

const SOURCE = { address: "127.0.0.9", port: 40000 };
const CONTEXT = { slot: "fra1", contact: "<sip:127.88.0.1:5060>", source: SOURCE, unavailable: false };

const LINES = {
  start: "OPTIONS sip:euro.sip.example.net SIP/2.0",
  via: "Via: SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK1",
  from: "From: <sip:a@example.net>;tag=f",
  to: "To: <sip:euro.sip.example.net>",
  callId: "Call-ID: c@example.net",
  cseq: "CSeq: 4 OPTIONS",
};

function request(changes: Readonly<Partial<Record<keyof typeof LINES, string>>> = {}): SipMessage {
  const lines = Object.values({ ...LINES, ...changes }).filter((line) => line !== "");
  const framed = readDatagram(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
  if (framed.kind !== "message") throw new Error("the request of this test is malformed");
  return framed.message;
}

function reply(message: SipMessage, context: Partial<typeof CONTEXT> = {}): SipMessage {
  const octets = answerTo(message, { ...CONTEXT, ...context });
  const framed = readDatagram(octets ?? Buffer.alloc(0));
  if (framed.kind !== "message") throw new Error("no answer");
  return framed.message;
}

describe("the answers of a lab node", () => {
  test("OPTIONS is answered 200, repeating what an answer must repeat", () => {
    const answer = reply(request());
    expect(answer).toMatchObject({ kind: "response", status: 200 });
    expect(viaValues(answer)).toEqual(["SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK1"]);
    expect(onlyHeader(answer, "from")).toBe("<sip:a@example.net>;tag=f");
    expect(onlyHeader(answer, "to")).toMatch(/^<sip:euro\.sip\.example\.net>;tag=[0-9a-f]+$/);
    expect(onlyHeader(answer, "call-id")).toBe("c@example.net");
    expect(onlyHeader(answer, "cseq")).toBe("4 OPTIONS");
    expect(onlyHeader(answer, "contact")).toBe(CONTEXT.contact);
    expect(onlyHeader(answer, "allow")).toBe("OPTIONS");
    expect(onlyHeader(answer, "server")).toBe("dialtree lab fra1");
    expect(onlyHeader(answer, "content-length")).toBe("0");
  });

  test("a tag that the request has is kept", () => {
    expect(onlyHeader(reply(request({ to: "To: <sip:x@example.net>;tag=mine" })), "to")).toBe(
      "<sip:x@example.net>;tag=mine",
    );
  });

  test("every Via comes back in order, the topmost with its source", () => {
    const via =
      "Via: SIP/2.0/UDP host.example.net;branch=z9hG4bK1;rport, SIP/2.0/UDP b;branch=z9hG4bK2\r\nVia: SIP/2.0/TCP c";
    expect(headerValues(reply(request({ via })), "via")).toEqual([
      "SIP/2.0/UDP host.example.net;branch=z9hG4bK1;rport=40000;received=127.0.0.9",
      "SIP/2.0/UDP b;branch=z9hG4bK2",
      "SIP/2.0/TCP c",
    ]);
  });

  test("another method is answered 405 with what is allowed", () => {
    const answer = reply(request({ start: "INVITE sip:x@example.net SIP/2.0", cseq: "CSeq: 4 INVITE" }));
    expect(answer).toMatchObject({ status: 405 });
    expect(onlyHeader(answer, "allow")).toBe("OPTIONS");
  });

  test("a CSeq of another method is answered 400", () => {
    expect(reply(request({ cseq: "CSeq: 4 INVITE" }))).toMatchObject({ status: 400 });
  });

  test("a node that turns requests away answers 503 with Retry-After", () => {
    const answer = reply(request(), { unavailable: true });
    expect(answer).toMatchObject({ status: 503 });
    expect(onlyHeader(answer, "retry-after")).toMatch(/^\d+$/);
  });

  test.each(["via", "from", "to", "callId", "cseq"] as const)(
    "without %s nothing can be answered",
    (header) => {
      expect(answerTo(request({ [header]: "" }), CONTEXT)).toBeUndefined();
      expect(refusalOf(request({ [header]: "" }), CONTEXT)).toBeUndefined();
    },
  );

  test("an ACK and a response are never answered", () => {
    expect(answerTo(request({ start: "ACK sip:x SIP/2.0", cseq: "CSeq: 4 ACK" }), CONTEXT)).toBeUndefined();
    expect(answerTo(request({ start: "SIP/2.0 200 OK" }), CONTEXT)).toBeUndefined();
  });

  test("a datagram's answer goes to the port in Via, and with rport to where it came from", () => {
    expect(datagramReturn(request(), SOURCE)).toEqual({ address: "127.0.0.9", port: 5070 });
    expect(datagramReturn(request({ via: "Via: SIP/2.0/UDP h;branch=z9hG4bK1" }), SOURCE).port).toBe(5060);
    expect(datagramReturn(request({ via: "Via: SIP/2.0/UDP [2001:db8::1]:5099" }), SOURCE).port).toBe(5099);
    expect(datagramReturn(request({ via: "Via: SIP/2.0/UDP h:5070;rport" }), SOURCE)).toEqual(SOURCE);
  });
});
