import { describe, expect, test } from "vitest";
import type { SipChannel } from "../../../dial/channel.ts";
import { askOptions } from "../../../dial/options.ts";
import { readFromStream } from "../../../dial/sipFraming.ts";
import { headerValues, onlyHeader, type SipMessage, type SipRequest } from "../../../dial/sipMessage.ts";
import { seededRandom } from "../../support/seededRandom.ts";

/** A channel whose peer is the test: it gets each request, and sends and fails as it likes. */
function channelTo(
  peer: (request: SipRequest, send: (message: SipMessage) => void, fail: (reason: string) => void) => void,
) {
  const requests: SipRequest[] = [];
  let send: (message: SipMessage) => void = () => {};
  let fail: (reason: string) => void = () => {};
  const channel: SipChannel = {
    transport: "udp",
    sentBy: "192.0.2.9:40000",
    send(octets) {
      const framed = readFromStream(octets);
      if (framed.kind !== "message" || framed.message.kind !== "request")
        throw new Error("not one whole request");
      requests.push(framed.message);
      peer(framed.message, send, fail);
    },
    listen(onMessage, onFault) {
      send = onMessage;
      fail = onFault;
    },
    close() {},
  };
  return { channel, requests };
}

const ask = (channel: SipChannel, timeoutMilliseconds = 1000) =>
  askOptions(channel, { name: "euro.sip.example.net", random: seededRandom(1), timeoutMilliseconds });

/** The answer that repeats what an answer must, with some headers replaced. */
function answer(
  request: SipRequest,
  status: number,
  replaced: Readonly<Record<string, string>> = {},
): SipMessage {
  const headers = ["via", "from", "to", "call-id", "cseq"].map((name) => ({
    name,
    value: replaced[name] ?? onlyHeader(request, name) ?? "",
  }));
  return { kind: "response", status, reason: "", headers, body: Buffer.alloc(0) };
}

describe("asking with OPTIONS", () => {
  test("the request has every header that RFC 3261 section 8.1.1 asks for", async () => {
    const { channel, requests } = channelTo((request, send) => send(answer(request, 200)));
    await ask(channel);
    const [request] = requests;
    if (request === undefined) throw new Error("nothing was sent");
    expect(request).toMatchObject({ method: "OPTIONS", uri: "sip:euro.sip.example.net" });
    expect(onlyHeader(request, "via")).toMatch(
      /^SIP\/2\.0\/UDP 192\.0\.2\.9:40000;branch=z9hG4bK[0-9a-z]{16};rport$/,
    );
    expect(onlyHeader(request, "max-forwards")).toBe("70");
    expect(onlyHeader(request, "from")).toMatch(/;tag=[0-9a-z]+$/);
    expect(onlyHeader(request, "to")).toBe("<sip:euro.sip.example.net>");
    expect(onlyHeader(request, "cseq")).toBe("1 OPTIONS");
    expect(headerValues(request, "call-id")).toHaveLength(1);
  });

  test("provisional answers are waited out", async () => {
    const { channel } = channelTo((request, send) => {
      send(answer(request, 100));
      send(answer(request, 183));
      send(answer(request, 200));
    });
    expect(await ask(channel)).toMatchObject({ kind: "answer", response: { status: 200 } });
  });

  test.each([
    ["branch", { via: "SIP/2.0/UDP 192.0.2.9:40000;branch=z9hG4bKother" }],
    ["Call-ID", { "call-id": "other" }],
    ["From tag", { from: "<sip:dialtree@dialtree.invalid>;tag=other" }],
    ["CSeq number", { cseq: "2 OPTIONS" }],
    ["CSeq method", { cseq: "1 INVITE" }],
  ])("an answer with another %s belongs to something else", async (_what, replaced) => {
    const { channel } = channelTo((request, send) => {
      send(answer(request, 500, replaced));
      send(answer(request, 200));
    });
    expect(await ask(channel)).toMatchObject({ kind: "answer", response: { status: 200 } });
  });

  test("an answer with a second Via went astray", async () => {
    const { channel } = channelTo((request, send) => {
      const via = onlyHeader(request, "via") ?? "";
      send(answer(request, 500, { via: `${via}, SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKx` }));
      send(answer(request, 404));
    });
    expect(await ask(channel)).toMatchObject({ response: { status: 404 } });
  });

  test("over UDP the same request is sent again until it is answered", async () => {
    let seen = 0;
    const { channel, requests } = channelTo((request, send) => {
      seen++;
      if (seen === 2) send(answer(request, 200));
    });
    expect(await ask(channel, 5000)).toMatchObject({ response: { status: 200 } });
    expect(requests).toHaveLength(2);
    expect(requests[1]).toEqual(requests[0]);
  });

  test("silence ends at the time given", async () => {
    const { channel } = channelTo(() => {});
    expect(await ask(channel, 20)).toEqual({ kind: "none", reason: "no final answer within 20 ms" });
  });

  test("a fault of the channel ends the wait with its reason", async () => {
    const { channel } = channelTo((_request, _send, fail) => fail("connection refused"));
    expect(await ask(channel)).toEqual({ kind: "none", reason: "connection refused" });
  });
});
