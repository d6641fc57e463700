import { expect, test } from "vitest";
import type { Asker } from "../../../../lab/dns/zoneData.ts";
import type { Location } from "../../../../lab/geo/locate.ts";
import type { GeoLocation, RecordSet } from "../../../../lab/store/route53Sets.ts";
import { Route53ZoneView } from "../../../../lab/store/route53Zone.ts";
import { addressSet, aliasSet, memoryRoute53, ZONE } from "../../../support/labStores.ts";

const places: Readonly<Record<string, Location>> = {
  "192.0.2.0": { continent: "EU", country: "DE" },
  "198.51.100.0": { continent: "NA", country: "US", subdivision: "NY" },
  "203.0.113.0": { continent: "AS", country: "JP" },
};
const resolver: Asker = { address: "127.0.0.1" };
const inGermany = from("192.0.2.0");
const inNewYork = from("198.51.100.0");
const inJapan = from("203.0.113.0");

function from(address: string): Asker {
  return { ...resolver, subnet: { address, prefixLength: 24 } };
}

function view() {
  const lab = memoryRoute53();
  const health = new Map<string, boolean>();
  const random = { value: 0 };
  const zone = new Route53ZoneView({
    zoneId: "Z1",
    origin: ZONE,
    ...lab,
    health: { isUp: (address, port) => health.get(`${address}:${port}`) },
    locate: ({ subnet }) => places[subnet?.address ?? ""] ?? {},
    random: () => random.value,
  });
  const answer = (name: string, asker = resolver) => zone.lookup(name, "A", asker)?.data;
  /** A set of one address that is found under its own name, and the id of a check of that address. */
  const plain = async (name: string, address: string) => {
    await lab.route53.createSet(addressSet({ name, values: [address] }));
    return name;
  };
  const check = async (ipAddress: string) =>
    (await lab.route53.createHealthCheck({ type: "TCP", ipAddress, port: 5061 })).id;
  return { ...lab, zone, health, random, answer, plain, check };
}

async function create(lab: ReturnType<typeof view>, sets: readonly RecordSet[]) {
  for (const set of sets) await lab.route53.createSet(set);
}

const at = (setIdentifier: string, location: GeoLocation, target: string, more: Partial<RecordSet> = {}) =>
  aliasSet("geo.example.net", target, { setIdentifier, routing: { kind: "geolocation", location }, ...more });

test("an alias chain is followed to its values and their TTL, and a loop ends without an answer", async () => {
  const lab = view();
  await create(lab, [
    addressSet({ ttl: 77 }),
    aliasSet("a.example.net", "fra1.example.net"),
    aliasSet("b.example.net", "a.example.net"),
  ]);
  expect(lab.zone.lookup("b.example.net", "A", resolver)).toEqual({
    name: "b.example.net",
    type: "A",
    ttlSeconds: 77,
    data: ["192.0.2.1"],
  });
  await lab.route53.changeSet("Z1_a.example.net_A", aliasSet("a.example.net", "b.example.net"));
  expect(lab.zone.lookup("b.example.net", "A", resolver)).toBeUndefined();
  expect(lab.zone.exists("b.example.net")).toBe(true);
});

test("SRV targets lose the final dot that Route 53 accepts", async () => {
  const lab = view();
  const values = ["10 1 5061 fra1.example.net.", "20 0 0 ."];
  await create(lab, [addressSet({ name: "_sip._tcp.example.net", type: "SRV", values })]);
  expect(lab.zone.lookup("_sip._tcp.example.net", "SRV", resolver)?.data).toEqual([
    "10 1 5061 fra1.example.net",
    "20 0 0 .",
  ]);
});

test("geolocation goes from subdivision to country to continent to the default", async () => {
  const lab = view();
  const [york, states, europe, rest] = [
    await lab.plain("york.example.net", "192.0.2.1"),
    await lab.plain("states.example.net", "192.0.2.2"),
    await lab.plain("europe.example.net", "192.0.2.3"),
    await lab.plain("rest.example.net", "192.0.2.4"),
  ];
  await create(lab, [
    at("states", { country: "US" }, states),
    at("york", { country: "US", subdivision: "NY" }, york),
    at("europe", { continent: "EU" }, europe),
  ]);
  expect(lab.answer("geo.example.net", inNewYork)).toEqual(["192.0.2.1"]);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.3"]);
  expect(lab.answer("geo.example.net", inJapan)).toBeUndefined();
  await create(lab, [at("rest", { country: "*" }, rest)]);
  expect(lab.answer("geo.example.net", inJapan)).toEqual(["192.0.2.4"]);
  expect(lab.answer("geo.example.net", resolver)).toEqual(["192.0.2.4"]);
  expect(lab.zone.lookup("geo.example.net", "A", inJapan)?.scopePrefixLength).toBe(24);
});

test("a place that is down gives way to the wider one, and when all are down the closest answers", async () => {
  const lab = view();
  const german = await lab.plain("german.example.net", "192.0.2.1");
  const rest = await lab.plain("rest.example.net", "192.0.2.2");
  const germanCheck = await lab.check("192.0.2.1");
  const restCheck = await lab.check("192.0.2.2");
  await create(lab, [
    at("german", { country: "DE" }, german, { healthCheckId: germanCheck }),
    at("rest", { country: "*" }, rest, { healthCheckId: restCheck }),
  ]);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.1"]);
  lab.health.set("192.0.2.1:5061", false);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.2"]);
  lab.health.set("192.0.2.2:5061", false);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.1"]);
});

test("failover answers with the primary while it is up, then the secondary, and the primary when both are down", async () => {
  const lab = view();
  const role = (kind: "PRIMARY" | "SECONDARY", address: string, healthCheckId: string): RecordSet =>
    addressSet({
      name: "f.example.net",
      values: [address],
      setIdentifier: kind,
      routing: { kind: "failover", role: kind },
      healthCheckId,
    });
  await create(lab, [
    role("SECONDARY", "192.0.2.2", await lab.check("192.0.2.2")),
    role("PRIMARY", "192.0.2.1", await lab.check("192.0.2.1")),
  ]);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
  lab.health.set("192.0.2.1:5061", false);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.2"]);
  lab.health.set("192.0.2.2:5061", false);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
});

test("failover groups one behind the other answer from the first that is up, and at the end from what has no check", async () => {
  const lab = view();
  const last = await lab.plain("last.example.net", "192.0.2.9");
  const group = async (name: string, number: number, next: string) => {
    const own = await lab.plain(`own-${number}.example.net`, `192.0.2.${number}`);
    const healthCheckId = await lab.check(`192.0.2.${number}`);
    const routing = (role: "PRIMARY" | "SECONDARY") => ({ kind: "failover", role }) as const;
    await create(lab, [
      aliasSet(name, own, { setIdentifier: "p", routing: routing("PRIMARY"), healthCheckId }),
      aliasSet(name, next, { setIdentifier: "s", routing: routing("SECONDARY") }),
    ]);
    return name;
  };
  const third = await group("third.example.net", 3, last);
  const second = await group("second.example.net", 2, third);
  await group("first.example.net", 1, second);
  const answers = [1, 2, 3].map((number) => {
    const before = lab.answer("first.example.net");
    lab.health.set(`192.0.2.${number}:5061`, false);
    return before;
  });
  expect(answers).toEqual([["192.0.2.1"], ["192.0.2.2"], ["192.0.2.3"]]);
  expect(lab.answer("first.example.net")).toEqual(["192.0.2.9"]);
  lab.health.set("192.0.2.2:5061", true);
  expect(lab.answer("first.example.net")).toEqual(["192.0.2.2"]);
});

test("an alias with a check that evaluates its target as well is up only when both are", async () => {
  const lab = view();
  const [inside, own] = [await lab.check("192.0.2.1"), await lab.check("192.0.2.2")];
  const failover = (role: "PRIMARY" | "SECONDARY") => ({
    setIdentifier: role,
    routing: { kind: "failover", role } as const,
  });
  const rest = await lab.plain("rest.example.net", "192.0.2.9");
  await create(lab, [
    addressSet({
      name: "group.example.net",
      setIdentifier: "only",
      routing: { kind: "multivalue" },
      healthCheckId: inside,
    }),
    aliasSet("f.example.net", "group.example.net", { ...failover("PRIMARY"), healthCheckId: own }),
    aliasSet("f.example.net", rest, failover("SECONDARY")),
  ]);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
  for (const down of ["192.0.2.1", "192.0.2.2"]) {
    lab.health.set(`${down}:5061`, false);
    expect(lab.answer("f.example.net")).toEqual(["192.0.2.9"]);
    lab.health.set(`${down}:5061`, true);
  }
});

test("an alias that evaluates its target is down with the target's whole group, one that does not is up", async () => {
  const lab = view();
  const healthCheckId = await lab.check("192.0.2.1");
  const only = addressSet({
    name: "group.example.net",
    setIdentifier: "only",
    routing: { kind: "multivalue" },
    healthCheckId,
  });
  const rest = await lab.plain("rest.example.net", "192.0.2.9");
  await create(lab, [
    only,
    at("german", { country: "DE" }, "group.example.net"),
    at("rest", { country: "*" }, rest),
  ]);
  lab.health.set("192.0.2.1:5061", false);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.9"]);
  const blind = { name: "group.example.net", zoneId: "Z1", evaluateTargetHealth: false };
  const german = at("german", { country: "DE" }, "group.example.net", { alias: blind });
  await lab.route53.changeSet("Z1_geo.example.net_A_german", german);
  expect(lab.answer("geo.example.net", inGermany)).toEqual(["192.0.2.1"]);
});

test("a calculated check counts its healthy children, and an inverted one turns its result round", async () => {
  const lab = view();
  const children = [await lab.check("192.0.2.1"), await lab.check("192.0.2.2")];
  const calculated = { type: "CALCULATED", childHealthchecks: children, childHealthThreshold: 1 };
  const { id } = await lab.route53.createHealthCheck(calculated);
  const primary = {
    setIdentifier: "p",
    routing: { kind: "failover", role: "PRIMARY" },
    healthCheckId: id,
  } as const;
  const secondary = { setIdentifier: "s", routing: { kind: "failover", role: "SECONDARY" } } as const;
  await create(lab, [
    addressSet({ name: "f.example.net", values: ["192.0.2.1"], ...primary }),
    addressSet({ name: "f.example.net", values: ["192.0.2.9"], ...secondary }),
  ]);
  lab.health.set("192.0.2.1:5061", false);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
  lab.health.set("192.0.2.2:5061", false);
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.9"]);
  await lab.route53.updateHealthCheck(id, { ...calculated, invertHealthcheck: true });
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
  await lab.route53.updateHealthCheck(id, { ...calculated, disabled: true });
  expect(lab.answer("f.example.net")).toEqual(["192.0.2.1"]);
});

test("weights share the answers among healthy sets, and among all when none is", async () => {
  const lab = view();
  const weighted = (n: number, weight: number, healthCheckId: string): RecordSet =>
    addressSet({
      name: "w.example.net",
      values: [`192.0.2.${n}`],
      setIdentifier: `n${n}`,
      routing: { kind: "weighted", weight },
      healthCheckId,
    });
  await create(lab, [
    weighted(1, 1, await lab.check("192.0.2.1")),
    weighted(2, 3, await lab.check("192.0.2.2")),
  ]);
  const answerAt = (value: number) => {
    lab.random.value = value;
    return lab.answer("w.example.net");
  };
  expect([answerAt(0.24), answerAt(0.26)]).toEqual([["192.0.2.1"], ["192.0.2.2"]]);
  lab.health.set("192.0.2.2:5061", false);
  expect(answerAt(0.9)).toEqual(["192.0.2.1"]);
  lab.health.set("192.0.2.1:5061", false);
  expect(answerAt(0.9)).toEqual(["192.0.2.2"]);
});

test("a multivalue answer has at most eight values, healthy ones if there are any", async () => {
  const lab = view();
  for (let n = 1; n <= 10; n += 1) {
    const healthCheckId = await lab.check(`192.0.2.${n}`);
    const routing = { kind: "multivalue" } as const;
    const set = {
      name: "m.example.net",
      values: [`192.0.2.${n}`],
      setIdentifier: `n${n}`,
      routing,
      healthCheckId,
    };
    await create(lab, [addressSet(set)]);
  }
  expect(lab.answer("m.example.net")).toHaveLength(8);
  for (let n = 1; n <= 10; n += 1) lab.health.set(`192.0.2.${n}:5061`, n === 9);
  expect(lab.answer("m.example.net")).toEqual(["192.0.2.9"]);
  lab.health.set("192.0.2.9:5061", false);
  expect(lab.answer("m.example.net")).toHaveLength(8);
});
