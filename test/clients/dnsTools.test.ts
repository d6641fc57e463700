import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnsweredQuery } from "../../lab/dns/respond.ts";
import { type DnsServer, startDnsServer } from "../../lab/dns/server.ts";
import { describeWithTools } from "../support/systemTools.ts";
import { exampleZone, zoneOf } from "../support/zones.ts";

const run = promisify(execFile);
const HOST = "127.0.0.1";
const TOOLS = ["dig", "kdig", "drill"] as const;
type Tool = (typeof TOOLS)[number];

/** What a tool printed of a response, in one form for all of them. */
interface Printed {
  readonly rcode: string;
  readonly flags: readonly string[];
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** Any other line, for example the client subnet. */
  readonly rest: string;
}

/** The records under a section's heading: `name ttl type data`, sorted, names without trailing dot. */
function section(text: string, title: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`;; ${title} SECTION:`));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() === "" || line.startsWith(";;"));
  return rest
    .slice(0, end)
    .map((line) =>
      line
        .replace(/\s+/g, " ")
        .trim()
        .replace(" IN ", " ")
        .replace(/(?<=\S)\.(?= |$)/g, ""),
    )
    .sort();
}

function read(text: string): Printed {
  return {
    rcode: /(?:status|rcode): (\w+)/.exec(text)?.[1] ?? "",
    flags: (/flags: ([a-z ]+?) ?;/i.exec(text)?.[1] ?? "").split(" "),
    answer: section(text, "ANSWER"),
    authority: section(text, "AUTHORITY"),
    additional: section(text, "ADDITIONAL"),
    rest: text,
  };
}

let server: DnsServer;
const seen: AnsweredQuery[] = [];

/** A zone whose address depends on the network that the asker passes on. */
const geoZone = zoneOf("geo.example.net", [], (name, type, asker) =>
  name === "geo.example.net" && type === "A"
    ? {
        name,
        type,
        ttlSeconds: 30,
        data: [asker.subnet?.address.startsWith("198.51.100.") ? "192.0.2.10" : "192.0.2.20"],
        scopePrefixLength: 24,
      }
    : undefined,
);

beforeAll(async () => {
  const zones = () => [exampleZone, geoZone];
  server = await startDnsServer({ zones, host: HOST, onQuery: (query) => seen.push(query) });
});

afterAll(async () => server.close());

/** Each tool's plain form of a question, with EDNS at 1232 octets, and nothing but one attempt. */
function questionArguments(tool: Tool, name: string, type: string, options: readonly string[]): string[] {
  const port = ["-p", String(server.port), `@${HOST}`];
  if (tool === "drill") return [...port, "-b", "1232", ...options, name, type];
  const edns =
    tool === "dig" ? ["+noall", "+comments", "+answer", "+authority", "+additional"] : ["+bufsize=1232"];
  return [...port, name, type, "+norecurse", "+timeout=5", "+retry=0", ...edns, ...options];
}

async function ask(tool: Tool, name: string, type: string, ...options: string[]): Promise<Printed> {
  const { stdout } = await run(tool, questionArguments(tool, name, type, options), { timeout: 30_000 });
  return read(stdout);
}

const SOA = "sip.example.net 60 SOA ns.sip.example.net hostmaster.sip.example.net 1 7200 900 1209600 60";
const TCP: Record<Tool, string> = { dig: "+tcp", kdig: "+tcp", drill: "-t" };
const transports = () => seen.map((query) => query.transport);

for (const tool of TOOLS) {
  describeWithTools(`${tool} and the lab's name server`, [tool], () => {
    it("agree on A and AAAA records", async () => {
      const a = await ask(tool, "sip.example.net", "A");
      expect(a).toMatchObject({ rcode: "NOERROR", authority: [], additional: [] });
      expect(a.answer).toEqual(["sip.example.net 30 A 192.0.2.1", "sip.example.net 30 A 192.0.2.2"]);
      expect(a.flags).toContain("aa");
      const aaaa = await ask(tool, "fra1.sip.example.net", "AAAA");
      expect(aaaa.answer).toEqual(["fra1.sip.example.net 60 AAAA 2001:db8::1"]);
    });

    it("agree on SRV records and the addresses of their targets, in any case", async () => {
      const typed = "_SIPS._tcp.Euro.sip.example.net";
      // kdig asks in lower case whatever is typed.
      const asked = tool === "kdig" ? typed.toLowerCase() : typed;
      const srv = await ask(tool, typed, "SRV");
      expect(srv.answer).toEqual([
        `${asked} 60 SRV 10 50 5061 fra1.sip.example.net`,
        `${asked} 60 SRV 10 50 5061 lhr1.sip.example.net`,
      ]);
      expect(srv.additional).toEqual([
        "fra1.sip.example.net 60 A 192.0.2.1",
        "fra1.sip.example.net 60 AAAA 2001:db8::1",
        "lhr1.sip.example.net 60 A 192.0.2.2",
      ]);
    });

    it("agree on a service that is switched off, aliases, text, CAA and the apex", async () => {
      const off = await ask(tool, "_sip._udp.off.sip.example.net", "SRV");
      expect(off.answer).toEqual(["_sip._udp.off.sip.example.net 60 SRV 0 0 0 ."]);
      expect((await ask(tool, "www.sip.example.net", "A")).answer).toEqual([
        "alias.sip.example.net 60 CNAME fra1.sip.example.net",
        "fra1.sip.example.net 60 A 192.0.2.1",
        "www.sip.example.net 60 CNAME alias.sip.example.net",
      ]);
      expect((await ask(tool, "text.sip.example.net", "TXT")).answer).toEqual([
        'text.sip.example.net 60 TXT "one two" "three"',
      ]);
      expect((await ask(tool, "sip.example.net", "CAA")).answer).toEqual([
        'sip.example.net 60 CAA 0 issue "ca.example.com"',
      ]);
      const ns = await ask(tool, "sip.example.net", "NS");
      expect(ns.answer).toEqual(["sip.example.net 3600 NS ns.sip.example.net"]);
      expect(ns.additional).toEqual([`ns.sip.example.net 3600 A ${HOST}`]);
    });

    it("tell a missing name from a missing type", async () => {
      const missingName = await ask(tool, "nope.sip.example.net", "A");
      expect(missingName).toMatchObject({ rcode: "NXDOMAIN", answer: [], authority: [SOA] });
      const missingType = await ask(tool, "fra1.sip.example.net", "SRV");
      expect(missingType).toMatchObject({ rcode: "NOERROR", answer: [], authority: [SOA] });
      const between = await ask(tool, "euro.sip.example.net", "A");
      expect(between).toMatchObject({ rcode: "NOERROR", answer: [], authority: [SOA] });
      expect((await ask(tool, "example.com", "A")).rcode).toBe("REFUSED");
    });

    it("agree over TCP", async () => {
      seen.length = 0;
      const srv = await ask(tool, "_sips._tcp.many.sip.example.net", "SRV", TCP[tool]);
      expect(srv.answer).toHaveLength(40);
      expect(srv.additional).toHaveLength(40);
      expect(transports()).toEqual(["tcp"]);
    });
  });
}

for (const tool of ["dig", "kdig"] as const) {
  describeWithTools(`${tool} and the lab's name server, with EDNS`, [tool], () => {
    it("fall back to TCP when an answer is cut", async () => {
      seen.length = 0;
      const srv = await ask(tool, "_sips._tcp.many.sip.example.net", "SRV");
      expect(srv.answer).toHaveLength(40);
      expect(transports()).toEqual(["udp", "tcp"]);
    });

    it("see an answer that lost addresses only, without TC and without TCP", async () => {
      seen.length = 0;
      const srv = await ask(tool, "_sips._tcp.wide.sip.example.net", "SRV");
      expect(srv.answer).toHaveLength(22);
      expect(srv.additional.length).toBeLessThan(22);
      expect(srv.flags).not.toContain("tc");
      expect(transports()).toEqual(["udp"]);
    });

    it("get the answer for the network they pass on, and its scope", async () => {
      const here = await ask(tool, "geo.example.net", "A", "+subnet=198.51.100.0/24");
      expect(here.answer).toEqual(["geo.example.net 30 A 192.0.2.10"]);
      expect(here.rest).toContain("CLIENT-SUBNET: 198.51.100.0/24/24");
      const elsewhere = await ask(tool, "geo.example.net", "A", "+subnet=2001:db8::/48");
      expect(elsewhere.answer).toEqual(["geo.example.net 30 A 192.0.2.20"]);
      expect(elsewhere.rest).toContain("CLIENT-SUBNET: 2001:db8::/48/24");
    });

    it("are told that another EDNS version is not spoken", async () => {
      const printed = await ask(
        tool,
        "sip.example.net",
        "A",
        "+edns=1",
        ...(tool === "dig" ? ["+noednsnegotiation"] : []),
      );
      expect(printed.rest).toMatch(/BADVERS/);
      expect(printed.answer).toEqual([]);
    });
  });
}

describeWithTools("drill and the lab's name server, without EDNS", ["drill"], () => {
  it("agree that an answer above 512 octets is cut without EDNS", async () => {
    const port = ["-p", String(server.port), `@${HOST}`];
    const { stdout } = await run("drill", [...port, "_sips._tcp.wide.sip.example.net", "SRV"], {
      timeout: 30_000,
    });
    expect(read(stdout).flags).toContain("tc");
    expect(read(stdout).answer).toEqual([]);
  });
});
