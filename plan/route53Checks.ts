/** What Route 53 would refuse halfway through a deployment. Its provider checks none of it. */
import { recordData, setKey } from "../dns/records.ts";
import { isCountry } from "../inventory/countries.ts";
import type { Problem } from "../inventory/problem.ts";
import { CONTINENTS } from "../inventory/treeSchema.ts";
import { isInside, type PlainLimit, ROUTE53_LIMITS, rangeText } from "./platformLimits.ts";
import { recordKey } from "./recordChecks.ts";
import type { AliasSet, HealthCheck, PlannedRecord, Route53Rendering, Routing } from "./rendering.ts";

export function route53Problems(rendering: Route53Rendering): Problem[] {
  const { records, aliases, healthChecks } = rendering;
  const plain = Map.groupBy(records, ({ record }) => setKey(record));
  const groups = Map.groupBy(aliases, setKey);
  return [
    ...amount("setsInZone", "the zone", plain.size + aliases.length, "publish fewer transports or stand-ins"),
    ...amount("healthChecks", "the account", healthChecks.length, "steer over fewer nodes"),
    ...[...plain.values()].flatMap(setProblems),
    ...[...groups].flatMap(([owner, group]) => groupProblems(group, plain.has(owner))),
    ...healthChecks.flatMap(checkProblems),
  ];
}

function excess(key: string, limit: PlainLimit, figure: number, remedy: string): Problem[] {
  if (isInside(figure, limit.range)) return [];
  const message = `Route 53 takes ${rangeText(limit.range)} as ${limit.subject}`;
  return [{ place: "tree.json", key, value: String(figure), rule: "route53-amount", message, remedy }];
}

function amount(
  subject: "setsInZone" | "healthChecks",
  key: string,
  figure: number,
  relief: string,
): Problem[] {
  return excess(key, ROUTE53_LIMITS[subject], figure, `${relief}, or have the quota raised`);
}

function setProblems(lines: readonly PlannedRecord[]): Problem[] {
  const [first] = lines;
  if (first === undefined) return [];
  const key = recordKey(first.record);
  const longest = Math.max(...lines.map(({ record }) => recordData(record).length));
  const { ttlSeconds, valuesInSet, charactersInValue } = ROUTE53_LIMITS;
  return [
    ...excess(key, ttlSeconds, first.record.ttlSeconds, "correct policy.ttlSeconds"),
    ...excess(key, valuesInSet, lines.length, "lower policy.setSize.maxTargets"),
    ...excess(key, charactersInValue, longest, "use shorter names"),
  ];
}

/** Sets of one name and type: one policy, every location once, and one for callers that nobody serves. */
function groupProblems(group: readonly AliasSet[], besideRecords: boolean): Problem[] {
  const [first] = group;
  if (first === undefined) return [];
  const key = recordKey(first);
  const problem = (message: string, remedy: string): Problem => {
    return { place: "tree.json", key, rule: "route53-group", message, remedy };
  };
  const policies = new Set(group.map(({ routing }) => routing.policy));
  const mixed =
    policies.size > 1 || besideRecords || (policies.has("simple") && group.length > 1)
      ? [
          problem(
            "has sets of two kinds, and Route 53 refuses the second",
            "give each policy a name of its own",
          ),
        ]
      : [];
  const locations = group.flatMap(({ routing }) =>
    routing.policy === "geolocation" ? [routing.location] : [],
  );
  if (locations.length === 0) return mixed;
  const texts = locations.map(locationText);
  const twice = [...new Set(texts.filter((text, index) => texts.indexOf(text) !== index))].map((text) => {
    return problem(`has two sets for ${text}`, "let one site serve the place");
  });
  const unanswered = texts.includes("everybody else")
    ? []
    : [problem("leaves callers of unknown places without an answer", "name policy.defaultRegion")];
  const unknown = locations.flatMap((location) =>
    isLocation(location)
      ? []
      : [
          problem(
            `${locationText(location)} is no place that Route 53 knows`,
            "correct what the sites serve",
          ),
        ],
  );
  const size = excess(key, ROUTE53_LIMITS.setsOfOneName, group.length, "name countries in place of states");
  return [...mixed, ...twice, ...unanswered, ...unknown, ...size];
}

type Location = Extract<Routing, { policy: "geolocation" }>["location"];

function locationText(location: Location): string {
  if ("default" in location) return "everybody else";
  if ("continent" in location) return `continent ${location.continent}`;
  return `country ${[location.country, location.subdivision].filter((part) => part !== undefined).join("-")}`;
}

function isLocation(location: Location): boolean {
  if ("default" in location) return true;
  if ("continent" in location) return (CONTINENTS as readonly string[]).includes(location.continent);
  return isCountry(location.country) && (location.subdivision === undefined || location.country === "US");
}

function checkProblems(check: HealthCheck): Problem[] {
  if (check.kind === "calculated") {
    const remedy = "steer over fewer nodes at one site";
    return excess(`health check ${check.key}`, ROUTE53_LIMITS.childrenOfCheck, check.children.length, remedy);
  }
  const { failureThreshold } = ROUTE53_LIMITS;
  return excess(
    `health check ${check.key}`,
    failureThreshold,
    check.failureThreshold,
    "correct policy.probe.failureThreshold",
  );
}
