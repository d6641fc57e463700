import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fqdn } from "../../../dns/names.ts";
import { compareRecords, type DnsRecord, recordData, setKey } from "../../../dns/records.ts";

function srv(owner: string, priority: number, weight: number, target: string, port = 5061): DnsRecord {
  return {
    name: fqdn(`_sips._tcp.${owner}.example.net`),
    type: "SRV",
    ttlSeconds: 60,
    priority,
    weight,
    port,
    target: fqdn(`${target}.example.net`),
  };
}

function address(owner: string, type: "A" | "AAAA", text: string): DnsRecord {
  return { name: fqdn(`${owner}.example.net`), type, ttlSeconds: 60, address: text };
}

function alias(owner: string, target: string): DnsRecord {
  const name = fqdn(`_acme-challenge.${owner}.example.net`);
  return { name, type: "CNAME", ttlSeconds: 60, target: fqdn(target) };
}

test("data is in presentation form, targets without their dot", () => {
  expect(recordData(srv("euro", 10, 50, "fra1"))).toBe("10 50 5061 fra1.example.net");
  expect(recordData(address("fra1", "A", "192.0.2.1"))).toBe("192.0.2.1");
  expect(recordData(address("fra1", "AAAA", "2001:db8::1"))).toBe("2001:db8::1");
  expect(recordData(alias("fra1", "fra1.example.org"))).toBe("fra1.example.org");
  const caa = { name: fqdn("sip.example.net"), ttlSeconds: 60, flags: 0, tag: "issue", value: "ca.example" };
  expect(recordData({ ...caa, type: "CAA" })).toBe('0 issue "ca.example"');
});

test("a set is one owner name and one type", () => {
  expect(setKey(address("fra1", "A", "192.0.2.1"))).toBe("fra1.example.net A");
  expect(setKey(address("fra1", "A", "192.0.2.2"))).toBe(setKey(address("fra1", "A", "192.0.2.1")));
  expect(setKey(address("fra1", "AAAA", "2001:db8::1"))).not.toBe(setKey(address("fra1", "A", "192.0.2.1")));
});

describe("the order of records", () => {
  test("is by owner, type, and then as a client tries them", () => {
    const inOrder = [
      address("euro", "A", "192.0.2.1"),
      address("euro", "A", "192.0.2.2"),
      address("euro", "AAAA", "2001:db8::1"),
      srv("euro", 2, 1, "lhr1"),
      srv("euro", 10, 50, "ams1"),
      srv("euro", 10, 1, "fra1"),
      srv("euro", 10, 1, "ams1", 5062),
      srv("euro", 20, 1, "ams1"),
      address("fra1", "A", "192.0.2.1"),
      alias("fra1", "fra1.example.org"),
    ];
    expect([...inOrder].reverse().sort(compareRecords)).toEqual(inOrder);
  });

  test("does not hang on the order before", () => {
    const record = fc.oneof(
      fc
        .tuple(fc.constantFrom("a", "b"), fc.nat(2), fc.nat(2), fc.constantFrom("x", "y"))
        .map(([owner, priority, weight, target]) => srv(owner, priority, weight, target)),
      fc
        .tuple(fc.constantFrom("a", "b"), fc.constantFrom("A" as const, "AAAA" as const), fc.nat(3))
        .map(([owner, type, host]) =>
          address(owner, type, type === "A" ? `192.0.2.${host}` : `2001:db8::${host}`),
        ),
    );
    fc.assert(
      fc.property(fc.array(record), fc.nat(), (records, cut) => {
        const at = records.length === 0 ? 0 : cut % records.length;
        const other = [...records.slice(at), ...records.slice(0, at)].reverse();
        expect(other.sort(compareRecords)).toEqual([...records].sort(compareRecords));
      }),
    );
  });
});
