import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalName,
  child,
  compareNames,
  type Fqdn,
  fqdn,
  hostNameFault,
  isHostLabel,
  isWithin,
  MAX_NAME_CHARACTERS,
  wireLength,
} from "../../../dns/names.ts";

const domain = fqdn("sip.example.net");

describe("a host label", () => {
  test.each(["a", "1", "fra1", "fra-1", "a--b", "x".repeat(63)])("%s is one", (label) => {
    expect(isHostLabel(label)).toBe(true);
  });

  test.each(["", "-a", "a-", "A", "fra_1", "_sips", "a.b", "*", "é", "a b", "x".repeat(64), "a\n"])(
    "%j is none",
    (label) => {
      expect(isHostLabel(label)).toBe(false);
    },
  );
});

describe("a host name", () => {
  test("in canonical form has no fault", () => {
    expect(hostNameFault("sip.example.net")).toBeUndefined();
    expect(hostNameFault("127.0.0.1")).toBeUndefined();
  });

  test.each([
    ["", "is empty"],
    ["sip.example.net.", "ends with a dot"],
    ["Sip.example.net", "has upper-case letters"],
    ["sip..example.net", 'has the label "", which is not letters, digits and inner hyphens'],
    ["_sip.example.net", 'has the label "_sip", which is not letters, digits and inner hyphens'],
    ["\u001b[1m\u009b.net", 'has the label "?[1m?", which is not letters, digits and inner hyphens'],
    [`${"x".repeat(64)}.net`, "has a label longer than 63 octets"],
    [`${"x.".repeat(126)}xx`, "is longer than 253 characters"],
  ])("%j is told what is wrong with it", (text, fault) => {
    expect(hostNameFault(text)).toBe(fault);
  });

  test("of exactly the longest length is legal", () => {
    const longest = `${"x.".repeat(126)}x`;
    expect(longest).toHaveLength(MAX_NAME_CHARACTERS);
    expect(hostNameFault(longest)).toBeUndefined();
    expect(wireLength(longest)).toBe(255);
  });

  test("may have service labels in front where a name of a record is read", () => {
    expect(fqdn("_sips._tcp.euro.sip.example.net")).toBe("_sips._tcp.euro.sip.example.net");
    expect(() => fqdn("euro._tcp.example.net")).toThrow('name "euro._tcp.example.net" has the label "_tcp"');
    expect(() => fqdn("Example.net")).toThrow("has upper-case letters");
  });
});

describe("a child name", () => {
  test("is made of a host label, a service label or an asterisk", () => {
    expect(child("fra1", domain)).toBe("fra1.sip.example.net");
    expect(child("_tcp", domain)).toBe("_tcp.sip.example.net");
    expect(child("*", domain)).toBe("*.sip.example.net");
  });

  test.each(["", "a.b", "Fra", "-a", "_", "**", "a ", "__sip"])("is not made of %j", (label) => {
    expect(() => child(label, domain)).toThrow("is no DNS label");
  });

  test("is never too long for the wire (RFC 1035 section 2.3.4)", () => {
    const deep = "x.".repeat(125).concat("x") as Fqdn;
    expect(child("y", deep)).toHaveLength(253);
    expect(() => child("yy", deep)).toThrow("is too long");
  });
});

test("a name that a platform wrote is read without its dot and in lower case", () => {
  expect(canonicalName("FRA1.Sip.Example.Net.")).toBe("fra1.sip.example.net");
  expect(canonicalName("fra1.sip.example.net")).toBe("fra1.sip.example.net");
});

test("a name lies within itself and the names above it, label by label", () => {
  expect(isWithin("sip.example.net", "sip.example.net")).toBe(true);
  expect(isWithin("a.b.sip.example.net", "sip.example.net")).toBe(true);
  expect(isWithin("gossip.example.net", "sip.example.net")).toBe(false);
  expect(isWithin("example.net", "sip.example.net")).toBe(false);
});

test("the root takes one octet on the wire", () => {
  expect(wireLength("")).toBe(1);
  expect(wireLength("example.net")).toBe(13);
});

describe("the order of names", () => {
  test("puts a parent before its children and names of one parent together", () => {
    const names = ["fra1.sip.example.net", "example.net", "_tcp.fra.sip.example.net", "fra.sip.example.net"];
    expect(names.sort(compareNames)).toEqual([
      "example.net",
      "fra.sip.example.net",
      "_tcp.fra.sip.example.net",
      "fra1.sip.example.net",
    ]);
  });

  test("is total: antisymmetric, transitive, and 0 for the same name alone", () => {
    const name = fc
      .array(fc.constantFrom("a", "b", "a-b", "_t", "a1", "a10"), { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join("."));
    fc.assert(
      fc.property(name, name, name, (x, y, z) => {
        expect(Math.sign(compareNames(x, y))).toBe(-Math.sign(compareNames(y, x)) + 0);
        expect(compareNames(x, y) === 0).toBe(x === y);
        if (compareNames(x, y) < 0 && compareNames(y, z) < 0) expect(compareNames(x, z)).toBeLessThan(0);
      }),
    );
  });
});
