import { expect, test } from "vitest";
import { type RecordSet, recordSetId } from "../../../../lab/store/route53Sets.ts";
import { addressSet, aliasSet, expectRefusal, memoryRoute53 } from "../../../support/labStores.ts";

const geolocation = (setIdentifier: string, country: string, more: Partial<RecordSet> = {}): RecordSet =>
  addressSet({ setIdentifier, routing: { kind: "geolocation", location: { country } }, ...more });

const refusedSets: readonly [string, RecordSet, RegExp][] = [
  ["an empty set", addressSet({ values: [] }), /has no resource records/],
  ["a value twice", addressSet({ values: ["192.0.2.1", "192.0.2.1"] }), /Duplicate Resource Record/],
  ["a malformed address", addressSet({ values: ["fra1"] }), /Illegal.*'fra1'/],
  ["a malformed SRV value", addressSet({ type: "SRV", values: ["10 20 fra1.example.net"] }), /FourFields/],
  ["CAA without quotation marks", addressSet({ type: "CAA", values: ["0 issue ca.example"] }), /InvalidCAA/],
  [
    "more than 400 values",
    addressSet({ type: "SRV", values: Array.from({ length: 401 }, (_, n) => `10 1 5061 n${n}.example.net`) }),
    /limit of 400 exceeded/,
  ],
  ["a name outside the zone", addressSet({ name: "fra1.example.org" }), /not permitted in zone/],
  [
    "routing without a set identifier",
    addressSet({ routing: { kind: "weighted", weight: 1 } }),
    /SetIdentifier/,
  ],
  [
    "an unknown continent",
    geolocation("x", "*", { routing: { kind: "geolocation", location: { continent: "XX" } } }),
    /XX/,
  ],
  ["an alias to a missing name", aliasSet("a.example.net", "gone.example.net"), /target was not found/],
  [
    "an alias into another zone",
    aliasSet("a.example.net", "b.example.net", {
      alias: { name: "b.example.net", zoneId: "Z2", evaluateTargetHealth: false },
    }),
    /does not lie within the target zone/,
  ],
];

test.each(refusedSets)("%s is refused", async (_what, set, text) => {
  const { store, route53 } = memoryRoute53();
  await expectRefusal(store, route53.createSet(set), "InvalidChangeBatch", text);
});

test("a second simple set at one name and type is refused as existing", async () => {
  const { store, route53 } = memoryRoute53();
  await route53.createSet(addressSet());
  const second = addressSet({ values: ["192.0.2.2"] });
  await expectRefusal(store, route53.createSet(second), "InvalidChangeBatch", /but it already exists/);
});

test("routing policies do not mix at one name and type", async () => {
  const { store, route53 } = memoryRoute53();
  await route53.createSet(geolocation("de", "DE"));
  const mixed = [
    addressSet(),
    addressSet({ setIdentifier: "w", routing: { kind: "weighted", weight: 1 } }),
    addressSet({ setIdentifier: "p", routing: { kind: "failover", role: "PRIMARY" } }),
  ];
  for (const set of mixed) {
    await expectRefusal(
      store,
      route53.createSet(set),
      "InvalidChangeBatch",
      /other RRSets exist with the same name/,
    );
  }
  await route53.createSet(addressSet({ type: "SRV", values: ["10 1 5061 fra1.example.net"] }));
});

test("two sets of one name may not share a location or a failover role", async () => {
  const { store, route53 } = memoryRoute53();
  const failover = (setIdentifier: string): RecordSet =>
    addressSet({ name: "f.example.net", setIdentifier, routing: { kind: "failover", role: "PRIMARY" } });
  await route53.createSet(geolocation("de", "DE"));
  await route53.createSet(failover("one"));
  await expectRefusal(
    store,
    route53.createSet(geolocation("de2", "DE")),
    "InvalidChangeBatch",
    /same routing/,
  );
  await expectRefusal(store, route53.createSet(failover("two")), "InvalidChangeBatch", /same routing/);
});

test("a continent and a country of the same code are two locations", async () => {
  const { route53 } = memoryRoute53();
  await route53.createSet(geolocation("saudi-arabia", "SA"));
  const southAmerica = { kind: "geolocation", location: { continent: "SA" } } as const;
  const set = addressSet({ name: geolocation("sa", "SA").name, setIdentifier: "sa", routing: southAmerica });
  await route53.createSet(set);
  expect(route53.sets(set.zoneId).map(({ setIdentifier }) => setIdentifier)).toEqual(["saudi-arabia", "sa"]);
});

test("an alias to a name that holds another type only is refused", async () => {
  const { store, route53 } = memoryRoute53();
  await route53.createSet(addressSet());
  const alias = aliasSet("a.example.net", "fra1.example.net", { type: "SRV" });
  await expectRefusal(store, route53.createSet(alias), "InvalidChangeBatch", /target was not found/);
});

test("a CNAME stands alone at its name", async () => {
  const { store, route53 } = memoryRoute53();
  await route53.createSet(addressSet());
  const cname = addressSet({ type: "CNAME", values: ["other.example.net"] });
  await expectRefusal(store, route53.createSet(cname), "InvalidChangeBatch", /conflicts with other records/);
});

test("a set that names an unknown health check is refused", async () => {
  const { store, route53 } = memoryRoute53();
  const set = geolocation("de", "DE", { healthCheckId: "h9" });
  await expectRefusal(store, route53.createSet(set), "NoSuchHealthCheck", /h9/);
});

test("a change of the set identifier is one operation that never leaves the name without its set", async () => {
  const { store, route53 } = memoryRoute53();
  const before = geolocation("old", "DE");
  const after = geolocation("new", "DE");
  await route53.createSet(before);
  const revision = store.revision;
  await route53.changeSet(recordSetId(before), after);
  expect(store.revision).toBe(revision + 1);
  expect(route53.sets("Z1")).toEqual([after]);
  expect(store.operations.at(-1)).toMatchObject({
    operation: "update",
    previousId: recordSetId(before),
    before,
    after,
  });
});

test("an update of a simple set to a routed one is refused while others route there", async () => {
  const { store, route53 } = memoryRoute53();
  await route53.createSet(geolocation("de", "DE"));
  await route53.createSet(geolocation("default", "*"));
  const simple = addressSet();
  const change = route53.changeSet(recordSetId(geolocation("de", "DE")), simple);
  await expectRefusal(store, change, "InvalidChangeBatch", /other RRSets exist/);
});

test("deleting a set that is gone is refused as not found", async () => {
  const { store, route53 } = memoryRoute53();
  await expectRefusal(store, route53.deleteSet("Z1_x_A"), "InvalidChangeBatch", /was not found/);
});

test("a health check is refused without an address, without a port, or with unknown children", async () => {
  const { store, route53 } = memoryRoute53();
  const tcp = { type: "TCP", ipAddress: "127.0.0.1", port: 5061 };
  await expectRefusal(
    store,
    route53.createHealthCheck({ type: "TCP", port: 1 }),
    "InvalidInput",
    /IP address/,
  );
  await expectRefusal(store, route53.createHealthCheck({ ...tcp, port: 0 }), "InvalidInput", /Port/);
  const calculated = { type: "CALCULATED", childHealthchecks: ["h9"], childHealthThreshold: 1 };
  await expectRefusal(store, route53.createHealthCheck(calculated), "NoSuchHealthCheck", /h9/);
});

test("an HTTP health check needs a path that begins with a slash, and a TCP one has none", async () => {
  const { store, route53 } = memoryRoute53();
  const http = { type: "HTTP", ipAddress: "127.0.0.1", port: 8080, resourcePath: "/health" };
  await route53.createHealthCheck(http);
  for (const wrong of [
    { resourcePath: "health" },
    { resourcePath: `/${"x".repeat(255)}` },
    { type: "TCP" },
  ]) {
    await expectRefusal(
      store,
      route53.createHealthCheck({ ...http, ...wrong }),
      "InvalidInput",
      /ResourcePath/,
    );
  }
  await expectRefusal(store, route53.createHealthCheck({ ...http, type: "SMTP" }), "InvalidInput", /SMTP/);
});

test("a health check that a set still names can be deleted, as at the service", async () => {
  const { route53 } = memoryRoute53();
  const { id } = await route53.createHealthCheck({ type: "TCP", ipAddress: "127.0.0.1", port: 5061 });
  await route53.createSet(geolocation("de", "DE", { healthCheckId: id }));
  await route53.deleteHealthCheck(id);
  expect(route53.healthChecks()).toEqual([]);
});
