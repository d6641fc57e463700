import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDatagram, readFromStream, StreamReader } from "../../../dial/sipFraming.ts";
import { formatMessage } from "../../../dial/sipMessage.ts";

const message = (body: string) =>
  formatMessage("OPTIONS sip:example.net SIP/2.0", [["Call-ID", "x"]], Buffer.from(body));

/** The stream cut into pieces at random places. */
const pieces = (octets: Buffer) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: Math.max(1, octets.length - 1) }), { maxLength: 12 })
    .map((cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), octets.length];
      return edges.slice(1).map((end, i) => octets.subarray(edges[i], end));
    });

describe("finding messages in a stream", () => {
  test("messages and keep-alives are the same however the stream is cut", () => {
    const stream = Buffer.concat([
      message("one"),
      Buffer.from("\r\n\r\n"),
      message(""),
      Buffer.from("\r\n"),
      message("three"),
      message("four"),
    ]);
    fc.assert(
      fc.property(pieces(stream), (parts) => {
        const reader = new StreamReader();
        const whole = parts.flatMap((part) => reader.push(part));
        expect(whole.map((framed) => framed.kind)).toEqual([
          "message",
          "ping",
          "message",
          "message",
          "message",
        ]);
        const read = whole.flatMap((framed) =>
          framed.kind === "message" && framed.message.kind === "request"
            ? [`${framed.message.method} ${framed.message.body}`]
            : [],
        );
        expect(read).toEqual(["OPTIONS one", "OPTIONS ", "OPTIONS three", "OPTIONS four"]);
      }),
    );
  });

  test("no octets whatever make the reader throw or hoard", () => {
    const start = fc.constantFrom(
      "",
      "OPTIONS sip:a SIP/2.0\r\n",
      "SIP/2.0 200 OK\r\nContent-Length: ",
      "\r\n",
      "\r\n\r\n",
    );
    fc.assert(
      fc.property(start, fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (first, chunks) => {
        const reader = new StreamReader();
        for (const chunk of [Buffer.from(first), ...chunks.map((chunk) => Buffer.from(chunk))])
          reader.push(chunk);
        readDatagram(Buffer.concat([Buffer.from(first), ...chunks]));
      }),
      { numRuns: 500 },
    );
  });

  test("a stream that never ends its headers is given up", () => {
    expect(readFromStream(Buffer.from(`OPTIONS sip:a SIP/2.0\r\nX: ${"y".repeat(20_000)}`)).kind).toBe(
      "malformed",
    );
    expect(readFromStream(Buffer.from("OPTIONS sip:a SIP/2.0\r\nX: y")).kind).toBe("incomplete");
  });

  test("a message without Content-Length is malformed on a stream, and read up to here", () => {
    const framed = readFromStream(Buffer.from("OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n"));
    expect(framed).toMatchObject({ kind: "malformed", partial: { method: "OPTIONS" } });
  });

  test("nothing after a malformed part is read", () => {
    const reader = new StreamReader();
    expect(reader.push(Buffer.from("nonsense\r\n\r\n")).map(({ kind }) => kind)).toEqual(["malformed"]);
    expect(reader.push(message("later"))).toEqual([]);
  });
});

describe("reading a datagram", () => {
  test("without Content-Length the body runs to the end", () => {
    const framed = readDatagram(Buffer.from("OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n\r\nbody"));
    expect(framed.kind === "message" && framed.message.body.toString()).toBe("body");
  });

  test("octets behind Content-Length are dropped", () => {
    const framed = readDatagram(Buffer.concat([message("body"), Buffer.from("more")]));
    expect(framed.kind === "message" && framed.message.body.toString()).toBe("body");
  });

  test("a body shorter than Content-Length is malformed", () => {
    expect(readDatagram(message("body").subarray(0, -1)).kind).toBe("malformed");
  });

  test("line breaks alone are a keep-alive", () => {
    expect(readDatagram(Buffer.from("\r\n\r\n")).kind).toBe("ping");
  });
});
