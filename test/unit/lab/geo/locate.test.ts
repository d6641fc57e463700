import { expect, test } from "vitest";
import { createLocate } from "../../../../lab/geo/locate.ts";

const locate = createLocate([
  { network: "192.0.2.0/24", location: { country: "DE" } },
  { network: "192.0.2.128/25", location: { country: "PL" } },
  { network: "2001:db8::/32", location: { country: "JP" } },
]);

test("the longest network that holds the address decides", () => {
  expect(locate({ address: "192.0.2.1" })).toEqual({ country: "DE" });
  expect(locate({ address: "192.0.2.200" })).toEqual({ country: "PL" });
  expect(locate({ address: "2001:db8::1" })).toEqual({ country: "JP" });
});

test("an IPv4 address in IPv6 form is where the IPv4 address is", () => {
  expect(locate({ address: "::ffff:192.0.2.1" })).toEqual({ country: "DE" });
});

test("the client's network goes before the resolver's address", () => {
  const subnet = { address: "192.0.2.128", prefixLength: 25 };
  expect(locate({ address: "192.0.2.1", subnet })).toEqual({ country: "PL" });
});

test("an address that no network holds is nowhere", () => {
  expect(locate({ address: "198.51.100.1" })).toEqual({});
});
