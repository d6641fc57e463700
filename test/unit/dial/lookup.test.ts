import { describe, expect, test } from "vitest";
import { type DnsAnswer, lookupThrough } from "../../../dial/lookup.ts";

/** A server that answers with the lines of the name asked for: `name type data`. */
function server(lines: readonly string[], rcode = "NOERROR") {
  const asked: string[] = [];
  const records = lines.map((line) => {
    const [name = "", type = "", ...data] = line.split(" ");
    return { name, type, ttlSeconds: 60, data: data.join(" ") };
  });
  const lookup = lookupThrough(async (name): Promise<DnsAnswer> => {
    asked.push(name);
    return { rcode, records: records.filter((record) => record.name.toLowerCase() === name) };
  });
  return { asked, lookup };
}

describe("lookups through a name server", () => {
  test("records of the type asked for are found, whatever the case of their owner", async () => {
    const { lookup } = server(["FRA1.example.net A 192.0.2.1", "fra1.example.net TXT x"]);
    expect(await lookup("fra1.example.net", "A")).toEqual({
      status: "found",
      records: [{ ttlSeconds: 60, data: "192.0.2.1" }],
    });
  });

  test("an alias that the server leaves to the client is followed and named", async () => {
    const { lookup, asked } = server([
      "www.example.net CNAME host.example.org",
      "host.example.org A 192.0.2.1",
    ]);
    expect(await lookup("www.example.net", "A")).toMatchObject({
      status: "found",
      canonicalName: "host.example.org",
    });
    expect(asked).toEqual(["www.example.net", "host.example.org"]);
  });

  test("a whole chain in one answer costs no further question", async () => {
    const asked: string[] = [];
    const lookup = lookupThrough(async (name) => {
      asked.push(name);
      return {
        rcode: "NOERROR",
        records: [
          { name: "b.example.net", type: "A", ttlSeconds: 60, data: "192.0.2.1" },
          { name: "a.example.net", type: "CNAME", ttlSeconds: 60, data: "b.example.net" },
        ],
      };
    });
    expect(await lookup("a.example.net", "A")).toMatchObject({ canonicalName: "b.example.net" });
    expect(asked).toHaveLength(1);
  });

  test("aliases in a circle end", async () => {
    const { lookup, asked } = server([
      "a.example.net CNAME b.example.net",
      "b.example.net CNAME a.example.net",
    ]);
    expect(await lookup("a.example.net", "A")).toEqual({ status: "failed", reason: "more than 8 aliases" });
    expect(asked.length).toBeLessThan(12);
  });

  test("no records, no name and no service are told apart", async () => {
    expect(await server([]).lookup("a.example.net", "A")).toEqual({ status: "nodata" });
    expect(await server([], "NXDOMAIN").lookup("a.example.net", "A")).toEqual({ status: "nxdomain" });
    expect(await server([], "SERVFAIL").lookup("a.example.net", "A")).toEqual({
      status: "failed",
      reason: "SERVFAIL",
    });
  });

  test("a server that does not answer is a failure, not an absence", async () => {
    const lookup = lookupThrough(() => Promise.reject(new Error("no answer within 10 ms")));
    expect(await lookup("a.example.net", "A")).toEqual({
      status: "failed",
      reason: "no answer within 10 ms",
    });
  });
});
