import { expect, test } from "vitest";
import { fqdn } from "../../../dns/names.ts";
import { recordLine, zoneFile } from "../../../dns/zoneFile.ts";

const origin = fqdn("sip.example.net");

test("a record is one line as people write it, every name with its dot", () => {
  const srv = {
    name: fqdn("_sips._tcp.euro.sip.example.net"),
    type: "SRV",
    ttlSeconds: 60,
    priority: 10,
    weight: 50,
    port: 5061,
    target: fqdn("fra1.sip.example.net"),
  } as const;
  expect(recordLine(srv)).toBe(
    "_sips._tcp.euro.sip.example.net.  60 IN SRV  10 50 5061 fra1.sip.example.net.",
  );
  const address = {
    name: fqdn("fra1.sip.example.net"),
    type: "AAAA",
    ttlSeconds: 300,
    address: "2001:db8::1",
  } as const;
  expect(recordLine(address)).toBe("fra1.sip.example.net.  300 IN AAAA  2001:db8::1");
  const name = fqdn("_acme-challenge.fra1.sip.example.net");
  const alias = { name, type: "CNAME", ttlSeconds: 60, target: fqdn("fra1.example.org") } as const;
  expect(recordLine(alias)).toBe("_acme-challenge.fra1.sip.example.net.  60 IN CNAME  fra1.example.org.");
});

test("the file is a whole zone: comments, origin, SOA, name server, records, a line end last", () => {
  const records = [
    { name: fqdn("fra1.sip.example.net"), type: "A", ttlSeconds: 60, address: "198.51.100.11" },
  ] as const;
  expect(zoneFile(records, { origin, ttlSeconds: 30, comments: ["one", "two"] })).toBe(
    [
      "; one",
      "; two",
      "$ORIGIN sip.example.net.",
      "$TTL 30",
      "sip.example.net.  30 IN SOA  ns.sip.example.net. hostmaster.sip.example.net. 1 7200 900 1209600 30",
      "sip.example.net.  30 IN NS  ns.sip.example.net.",
      "ns.sip.example.net.  30 IN A  192.0.2.53",
      "fra1.sip.example.net.  60 IN A  198.51.100.11",
      "",
    ].join("\n"),
  );
});
