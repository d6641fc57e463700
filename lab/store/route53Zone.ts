/** A zone as Route 53 serves it: simple sets, alias chains and routed groups, answered for each asker. */
import type { Asker, ServedSet, ZoneData } from "../dns/zoneData.ts";
import type { Locate, Location } from "../geo/locate.ts";
import type { HealthView } from "../health/healthView.ts";
import { Route53Health } from "./route53Health.ts";
import type { GeoLocation, RecordSet, RoutingPolicy } from "./route53Sets.ts";
import type { Route53 } from "./route53Store.ts";
import type { Store } from "./store.ts";
import { namesWithAncestors } from "./zoneNames.ts";

/** A multivalue answer holds at most this many values (Developer Guide "Multivalue answer routing"). */
const MAX_MULTIVALUE_ANSWERS = 8;

export interface Route53ZoneOptions {
  readonly zoneId: string;
  readonly origin: string;
  readonly store: Store;
  readonly route53: Route53;
  readonly health: HealthView;
  readonly locate: Locate;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

interface Answer {
  readonly ttlSeconds: number;
  readonly values: readonly string[];
}

/** One question on its way through aliases. */
interface Question {
  readonly asker: Asker;
  readonly visited: readonly string[];
  /** Set as soon as the asker's place has decided something. */
  readonly geography: { decided: boolean };
}

type RoutedSet<Kind extends RoutingPolicy["kind"]> = RecordSet & {
  readonly routing: Extract<RoutingPolicy, { readonly kind: Kind }>;
};

export class Route53ZoneView implements ZoneData {
  readonly origin: string;
  readonly #options: Route53ZoneOptions;
  readonly #health: Route53Health;
  #revision = -1;
  #groups = new Map<string, RecordSet[]>();
  #names = new Set<string>();

  constructor(options: Route53ZoneOptions) {
    this.origin = options.origin;
    this.#options = options;
    this.#health = new Route53Health(options.route53, options.health);
  }

  exists(name: string): boolean {
    this.#refresh();
    return this.#names.has(name);
  }

  lookup(name: string, type: string, asker: Asker): ServedSet | undefined {
    this.#refresh();
    const geography = { decided: false };
    const answer = this.#answer(name, type, { asker, visited: [], geography });
    if (answer === undefined || answer.values.length === 0) return undefined;
    const scope = geography.decided ? asker.subnet?.prefixLength : undefined;
    return {
      name,
      type,
      ttlSeconds: answer.ttlSeconds,
      data: answer.values.map((value) => withoutFinalDot(type, value)),
      ...(scope !== undefined && { scopePrefixLength: scope }),
    };
  }

  #refresh(): void {
    const { store, route53, zoneId } = this.#options;
    if (store.revision === this.#revision) return;
    this.#revision = store.revision;
    const sets = route53.sets(zoneId);
    this.#groups = Map.groupBy(sets, (set) => `${set.name} ${set.type}`);
    this.#names = namesWithAncestors(
      sets.map((set) => set.name),
      this.origin,
    );
  }

  readonly #setsAt = (name: string, type: string): readonly RecordSet[] =>
    this.#groups.get(`${name} ${type}`) ?? [];

  #answer(name: string, type: string, question: Question): Answer | undefined {
    if (question.visited.includes(name)) return undefined;
    const sets = this.#setsAt(name, type);
    const onwards = { ...question, visited: [...question.visited, name] };
    if (routedBy(sets, "multivalue")) return this.#multivalue(sets);
    const chosen = this.#choose(sets, onwards);
    if (chosen?.alias !== undefined) return this.#answer(chosen.alias.name, type, onwards);
    return chosen && { ttlSeconds: chosen.ttl ?? 0, values: chosen.values };
  }

  #choose(sets: readonly RecordSet[], question: Question): RecordSet | undefined {
    if (routedBy(sets, "geolocation")) {
      question.geography.decided = true;
      return this.#byLocation(sets, this.#options.locate(question.asker));
    }
    if (routedBy(sets, "failover")) return this.#byRole(sets);
    if (routedBy(sets, "weighted")) return this.#byWeight(sets);
    return sets[0];
  }

  /** The closest place with a healthy set; the closest at all when none is healthy; none without a default. */
  #byLocation(sets: readonly RoutedSet<"geolocation">[], at: Location): RecordSet | undefined {
    const closestFirst = [
      sets.find(
        ({ routing }) => at.subdivision !== undefined && isCountry(routing.location, at, at.subdivision),
      ),
      sets.find(({ routing }) => at.country !== undefined && isCountry(routing.location, at, undefined)),
      sets.find(({ routing }) => at.continent !== undefined && routing.location.continent === at.continent),
      sets.find(({ routing }) => routing.location.country === "*"),
    ].filter((set) => set !== undefined);
    return closestFirst.find((set) => this.#isHealthy(set)) ?? closestFirst[0];
  }

  #byRole(sets: readonly RoutedSet<"failover">[]): RecordSet | undefined {
    const primary = sets.find(({ routing }) => routing.role === "PRIMARY");
    const secondary = sets.find(({ routing }) => routing.role === "SECONDARY");
    if (primary !== undefined && this.#isHealthy(primary)) return primary;
    return secondary !== undefined && (primary === undefined || this.#isHealthy(secondary))
      ? secondary
      : primary;
  }

  #byWeight(sets: readonly RoutedSet<"weighted">[]): RecordSet | undefined {
    const usable = this.#healthyOrAll(sets);
    const total = usable.reduce((sum, set) => sum + set.routing.weight, 0);
    let left = this.#options.random() * total;
    for (const set of usable) {
      left -= set.routing.weight;
      if (left < 0) return set;
    }
    return usable[0];
  }

  #multivalue(sets: readonly RecordSet[]): Answer {
    const usable = this.#healthyOrAll(sets)
      .map((set) => ({ set, order: this.#options.random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, MAX_MULTIVALUE_ANSWERS);
    return { ttlSeconds: usable[0]?.set.ttl ?? 0, values: usable.flatMap(({ set }) => set.values) };
  }

  /** When every set of a group is unhealthy, Route 53 treats them all as healthy: a name never goes empty. */
  #healthyOrAll<Set extends RecordSet>(sets: readonly Set[]): readonly Set[] {
    const healthy = sets.filter((set) => this.#isHealthy(set));
    return healthy.length > 0 ? healthy : sets;
  }

  #isHealthy(set: RecordSet): boolean {
    return this.#health.isHealthy(set, this.#setsAt);
  }
}

function routedBy<Kind extends RoutingPolicy["kind"]>(
  sets: readonly RecordSet[],
  kind: Kind,
): sets is readonly RoutedSet<Kind>[] {
  return sets[0]?.routing.kind === kind;
}

function isCountry(location: GeoLocation, at: Location, subdivision: string | undefined): boolean {
  return location.country === at.country && location.subdivision === subdivision;
}

/** Targets are served in the project's form, without the final dot that Route 53 accepts in values. */
function withoutFinalDot(type: string, value: string): string {
  return ["SRV", "CNAME", "MX", "NS"].includes(type) ? value.replace(/(?<=[^ ])\.$/, "") : value;
}
