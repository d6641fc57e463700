import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fqdn } from "../../../dns/names.ts";
import type { SrvRecord } from "../../../dns/records.ts";
import { loadInventory } from "../../../inventory/load.ts";
import { problemLine } from "../../../inventory/problem.ts";
import type { Environment } from "../../../inventory/treeSchema.ts";
import { planTree } from "../../../plan/plan.ts";
import { platformProblems } from "../../../plan/platformChecks.ts";
import type { CloudflarePlan } from "../../../plan/platformLimits.ts";
import { render } from "../../../plan/render.ts";
import {
  type AliasSet,
  BACKENDS,
  type CloudflareRendering,
  type HealthCheck,
  type LoadBalancer,
  type PlannedRecord,
  type Pool,
  type Rendering,
  type Route53Rendering,
} from "../../../plan/rendering.ts";
import { arbitrarySketch } from "../../support/arbitraryInventory.ts";
import { inventoryOf } from "../../support/inventories.ts";
import { steeredFleet } from "../../support/steeredFleet.ts";

type Account = Pick<Environment, "accountPlan" | "zone">;

function account(cloudflare: CloudflarePlan, zone?: string): Account {
  return { accountPlan: { cloudflare, route53: "standard" }, ...(zone === undefined ? {} : { zone }) };
}

const BUSINESS = account("business");

const tree = planTree(inventoryOf(steeredFleet));
const atCloudflare = render(tree, "cloudflare");
const atRoute53 = render(tree, "route53");

/** Rule and value of every problem, the whole line of which is short enough to be read. */
function found(rendering: Rendering, where: Account = BUSINESS): string[] {
  return platformProblems(rendering, where).map((problem) => {
    expect(problemLine(problem)).not.toContain("undefined");
    return `${problem.rule}: ${problem.value}`;
  });
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const SRV: SrvRecord = {
  name: "_sips._tcp.sip.example.net" as Fqdn,
  type: "SRV",
  ttlSeconds: 60,
  priority: 10,
  weight: 100,
  port: 5061,
  target: "fra1.sip.example.net" as Fqdn,
};

function withRecords<R extends Rendering>(rendering: R, records: readonly PlannedRecord["record"][]): R {
  const cause = { tier: "global", key: "global" } as const;
  return { ...rendering, records: records.map((record) => ({ record, cause })) };
}

describe("a plan that the platforms take", () => {
  test.each(["prod", "staging", "lab"])("is that of the stack %s", (stack) => {
    const inventory = loadInventory(`inventory/${stack}`);
    for (const backend of BACKENDS) {
      expect(platformProblems(render(planTree(inventory), backend), inventory.environment)).toEqual([]);
    }
  });

  test("is that of every inventory that is small enough", () => {
    const property = fc.property(arbitrarySketch, (sketch) => {
      const any = planTree(inventoryOf(sketch));
      for (const backend of BACKENDS) expect(found(render(any, backend), account("enterprise"))).toEqual([]);
    });
    fc.assert(property, { numRuns: 100 });
  });
});

describe("a record is refused", () => {
  const backends = [
    { ...atCloudflare, loadBalancers: [], pools: [] },
    { ...atRoute53, aliases: [] },
    render(tree, "static"),
  ];

  test.each([
    ["whose name has upper-case letters", { name: "_sips._tcp.SIP.example.net" }, "record-name"],
    ["whose target ends with a dot", { target: "fra1.sip.example.net." }, "record-name"],
    ["whose target is no host name", { target: "fra_1.sip.example.net" }, "record-name"],
    ["outside the zone", { name: "_sips._tcp.sip.example.org" }, "record-zone"],
    ["with a priority above 65535", { priority: 65_536 }, "srv-range"],
    ["with a weight of 0", { weight: 0 }, "srv-range"],
    ["with a weight of 70000", { weight: 70_000 }, "srv-range"],
    ["with a broken weight", { weight: 1.5 }, "srv-range"],
    ["with port 0", { port: 0 }, "srv-range"],
  ])("%s", (_, fault, rule) => {
    for (const rendering of backends) {
      const problems = platformProblems(
        withRecords(rendering, [{ ...SRV, ...fault } as SrvRecord]),
        BUSINESS,
      );
      expect(problems.map((problem) => problem.rule)).toContain(rule);
    }
  });

  test("that stands twice in its set", () => {
    for (const rendering of backends) {
      expect(found(withRecords(rendering, [SRV, SRV]))).toEqual([
        "record-twice: 10 100 5061 fra1.sip.example.net",
      ]);
      expect(found(withRecords(rendering, [SRV, { ...SRV, priority: 20 }]))).toEqual([]);
    }
  });
});

describe("Cloudflare", () => {
  const bare: CloudflareRendering = { ...atCloudflare, loadBalancers: [], pools: [] };

  test.each<[number, CloudflarePlan, boolean]>([
    [59, "business", true],
    [60, "free", false],
    [30, "enterprise", false],
    [29, "enterprise", true],
    [86_400, "pro", false],
    [86_401, "enterprise", true],
  ])("has a TTL of %i seconds on the %s plan refused: %s", (ttlSeconds, plan, refused) => {
    const problems = platformProblems(withRecords(bare, [{ ...SRV, ttlSeconds }]), account(plan));
    expect(problems.map(({ rule, key, value }) => [rule, key, value])).toEqual(
      refused ? [["cloudflare-ttl", "policy.ttlSeconds.srv", String(ttlSeconds)]] : [],
    );
  });

  test("has each key of the policy named once whose TTL is out of range, with the figure and the limit", () => {
    const records = atCloudflare.records.map((line) => ({
      ...line,
      record: { ...line.record, ttlSeconds: 10 },
    }));
    const lines = platformProblems({ ...bare, records }, BUSINESS)
      .map(problemLine)
      .sort();
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(
      "tree.json: policy.ttlSeconds.node: 10: Cloudflare takes 60 to 86400 seconds on the business plan " +
        "[cloudflare-ttl]; set it to 60 or more, or environment.accountPlan.cloudflare to the plan that the account has",
    );
  });

  test.each<[number, CloudflarePlan, boolean]>([
    [200, "free", false],
    [201, "free", true],
    [3500, "business", false],
    [3501, "business", true],
    [3501, "enterprise", false],
  ])("has %i records in a zone of the %s plan refused: %s", (count, plan, refused) => {
    const records = many(count, (i) => ({ ...SRV, name: `_sips._tcp.p${i}.sip.example.net` as Fqdn }));
    expect(found(withRecords(bare, records), account(plan))).toEqual(
      refused ? [`cloudflare-amount: ${plan}`] : [],
    );
  });

  test("has a set refused that is longer than 8192 characters in all", () => {
    const target = (i: number) => `n${String(i).padStart(40, "0")}.sip.example.net` as Fqdn;
    const set = (count: number) =>
      withRecords(
        bare,
        many(count, (i) => ({ ...SRV, target: target(i) })),
      );
    // 69 characters each.
    expect(found(set(118))).toEqual([]);
    expect(found(set(119))).toEqual(["cloudflare-set: 119 records"]);
  });

  const pool = (key: string, origins: Pool["origins"]): Pool => {
    return { key, origins, cause: { tier: "region", key } };
  };
  const origin = (index: number, weight = 1) => ({ slot: `n${index}`, address: `192.0.2.${index}`, weight });
  const [balancer] = atCloudflare.loadBalancers;
  const withBalancer = (more: Partial<LoadBalancer>): CloudflareRendering => {
    return { ...bare, loadBalancers: [{ ...(balancer as LoadBalancer), ...more }] };
  };

  test("has more than 20 load balancers, pools or endpoints refused below the enterprise plan", () => {
    const twenty = {
      ...bare,
      loadBalancers: many(20, () => balancer as LoadBalancer),
      pools: many(20, (i) => pool(`p${i}`, [origin(i)])),
    };
    expect(found(twenty)).toEqual([]);
    const more = {
      ...bare,
      loadBalancers: many(21, () => balancer as LoadBalancer),
      pools: many(21, (i) => pool(`p${i}`, [origin(i)])),
    };
    expect(found(more)).toEqual(many(3, () => "cloudflare-amount: business"));
    expect(found(more, account("enterprise"))).toEqual([]);
    const wide = {
      ...bare,
      pools: [
        pool(
          "p",
          many(21, (i) => origin(i)),
        ),
      ],
    };
    expect(platformProblems(wide, BUSINESS).map(({ message }) => message)).toEqual([
      "the tree needs 21 endpoints of pools, the plan allows at most 20",
    ]);
  });

  test.each([0, 0.001, 0.015, 1.01])("has an endpoint's weight of %f refused", (weight) => {
    expect(found({ ...bare, pools: [pool("p", [origin(1, weight)])] })).toEqual([
      `cloudflare-pool: ${weight}`,
    ]);
  });

  test.each([0.01, 0.29, 0.57, 1])("takes an endpoint's weight of %f", (weight) => {
    expect(found({ ...bare, pools: [pool("p", [origin(1, weight)])] })).toEqual([]);
  });

  test("has a pool refused that is empty, twice, misnamed, or holds an address twice", () => {
    expect(found({ ...bare, pools: [pool("p", [])] })).toEqual(["cloudflare-pool: no origin"]);
    expect(found({ ...bare, pools: [pool("p", [origin(1)]), pool("p", [origin(2)])] })).toHaveLength(1);
    expect(found({ ...bare, pools: [pool("p.q", [origin(1)])] })).toEqual(["cloudflare-pool: p.q"]);
    expect(found({ ...bare, pools: [pool("p", [origin(1), { ...origin(1), slot: "n2" }])] })).toEqual([
      "cloudflare-pool: 192.0.2.1",
    ]);
  });

  test("has an unknown region refused, which its provider takes without a word", () => {
    expect(found(withBalancer({ regionPools: { WEU: ["euro-a"], MARS: ["euro-a"] } }))).toEqual([
      "cloudflare-area: MARS",
    ]);
  });

  test.each(["UK", "gb", "GBR", ""])(
    "has the country %j refused, which its provider takes without a word",
    (code) => {
      expect(found(withBalancer({ countryPools: { GB: ["euro-a"], [code]: ["euro-a"] } }))).toEqual([
        `cloudflare-area: ${code}`,
      ]);
    },
  );

  test.each<[string | undefined, CloudflarePlan, boolean]>([
    ["example.net", "free", false],
    ["sip.example.net", "business", true],
    ["sip.example.net", "enterprise", false],
    // Whether three labels are a registered domain under a country's code is for a list to say.
    ["example.co.uk", "business", false],
    // Not stated: the zone is then only supposed to be the domain.
    [undefined, "business", false],
  ])("has the zone %s on the %s plan refused: %s", (zone, plan, refused) => {
    expect(found(bare, account(plan, zone))).toEqual(refused ? [`cloudflare-zone: ${zone}`] : []);
  });

  test.each<[number, CloudflarePlan, boolean]>([
    [15, "business", false],
    [14, "business", true],
    [10, "enterprise", false],
    [9, "enterprise", true],
  ])(
    "has a monitor's interval of %i seconds on the %s plan refused: %s",
    (intervalSeconds, plan, refused) => {
      const monitor = { type: "tcp" as const, port: 5061, intervalSeconds, timeoutSeconds: 1, retries: 0 };
      expect(found({ ...bare, monitor }, account(plan))).toEqual(
        refused ? [`cloudflare-probe: ${intervalSeconds}`] : [],
      );
    },
  );
});

describe("Route 53", () => {
  const bare: Route53Rendering = { ...atRoute53, records: [], aliases: [], healthChecks: [] };
  const cause = { tier: "global", key: "global" } as const;
  const alias = (routing: AliasSet["routing"], name = "g.sip.example.net"): AliasSet => {
    return { name: name as Fqdn, type: "A", target: "fra1.sip.example.net" as Fqdn, routing, cause };
  };
  const located = (location: Extract<AliasSet["routing"], { policy: "geolocation" }>["location"]): AliasSet =>
    alias({ policy: "geolocation", setIdentifier: JSON.stringify(location), location });
  const fallback = located({ default: true });
  const messages = (aliases: readonly AliasSet[], more: Partial<Route53Rendering> = {}) =>
    platformProblems({ ...bare, aliases, ...more }, BUSINESS).map(({ message }) => message);

  test("takes 400 values in a set and no more", () => {
    const set = (count: number) =>
      withRecords(
        bare,
        many(count, (i) => ({ ...SRV, target: `n${i}.example.net` as Fqdn })),
      );
    expect(found(set(400))).toEqual([]);
    expect(found(set(401))).toEqual(["route53-amount: 401"]);
  });

  test("takes 10,000 sets in a zone and no more, aliases counted", () => {
    const zone = (count: number) => ({
      ...bare,
      aliases: many(count, (i) => alias({ policy: "simple" }, `n${i}.example.net`)),
    });
    expect(found(zone(10_000))).toEqual([]);
    expect(found(zone(10_001))).toEqual(["route53-amount: 10001"]);
  });

  test("takes 200 health checks, and 255 children of one", () => {
    const checks = (count: number) =>
      many(count, (i): HealthCheck => {
        return {
          kind: "tcp",
          key: `n${i}`,
          address: "192.0.2.1",
          port: 5061,
          intervalSeconds: 30,
          failureThreshold: 3,
          cause,
        };
      });
    expect(found({ ...bare, healthChecks: checks(200) })).toEqual([]);
    expect(found({ ...bare, healthChecks: checks(201) })).toEqual(["route53-amount: 201"]);
    const sum = (children: number): HealthCheck => {
      return {
        kind: "calculated",
        key: "euro",
        children: many(children, (i) => `n${i}`),
        threshold: 1,
        cause,
      };
    };
    expect(found({ ...bare, healthChecks: [sum(255)] })).toEqual([]);
    expect(found({ ...bare, healthChecks: [sum(256)] })).toEqual(["route53-amount: 256"]);
  });

  test.each([0, 11])("has a failure threshold of %i refused", (failureThreshold) => {
    const [first] = atRoute53.healthChecks;
    const healthChecks = [
      { ...(first as Extract<HealthCheck, { kind: "tcp" }>), kind: "tcp", failureThreshold } as const,
    ];
    expect(found({ ...bare, healthChecks })).toEqual([`route53-amount: ${failureThreshold}`]);
  });

  test("has a TTL refused that no DNS message can carry (RFC 2181 section 8)", () => {
    expect(found(withRecords(bare, [{ ...SRV, ttlSeconds: 2 ** 31 }]))).toEqual([
      "route53-amount: 2147483648",
    ]);
    expect(found(withRecords(bare, [{ ...SRV, ttlSeconds: 2 ** 31 - 1 }]))).toEqual([]);
  });

  test("takes 100 locations at one name and no more", () => {
    const codes = many(26 * 26, (i) => String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26)));
    const known = codes.filter((code) => messages([located({ country: code }), fallback]).length === 0);
    expect(known).toHaveLength(249);
    const group = (count: number) => [
      fallback,
      ...known.slice(0, count - 1).map((country) => located({ country })),
    ];
    expect(messages(group(100))).toEqual([]);
    expect(messages(group(101))).toEqual([
      "Route 53 takes at most 100 as geolocation sets of one name and type",
    ]);
  });

  test("has two sets for one location refused, a default among them", () => {
    expect(messages([fallback, located({ country: "CA" }), located({ country: "CA" })])).toEqual([
      "has two sets for country CA",
    ]);
    expect(messages([fallback, fallback])).toEqual(["has two sets for everybody else"]);
  });

  test("has a group without a default location refused: unmapped callers would get nothing", () => {
    expect(messages([located({ continent: "EU" })])).toEqual([
      "leaves callers of unknown places without an answer",
    ]);
  });

  test("has a place refused that it does not know", () => {
    const unknown = [{ continent: "XX" }, { country: "UK" }, { country: "CA", subdivision: "QC" }];
    for (const location of unknown) expect(messages([fallback, located(location)])).toHaveLength(1);
  });

  test("has two policies, two simple sets, or an alias beside values refused at one name and type", () => {
    const failover = alias({ policy: "failover", setIdentifier: "primary", role: "PRIMARY" });
    const simple = alias({ policy: "simple" });
    const record = { name: simple.name, type: "A" as const, ttlSeconds: 60, address: "192.0.2.1" };
    const records: PlannedRecord[] = [{ record, cause }];
    const refusal = "has sets of two kinds, and Route 53 refuses the second";
    expect(messages([failover, simple])).toEqual([refusal]);
    expect(messages([simple, simple])).toEqual([refusal]);
    expect(messages([simple], { records })).toEqual([refusal]);
    expect(messages([simple])).toEqual([]);
  });
});
