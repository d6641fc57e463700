/** Route 53's record sets as values: what identifies one, and how it routes. */

/** A geolocation as Route 53 names it; `country: "*"` is the default location. */
export interface GeoLocation {
  readonly continent?: string;
  readonly country?: string;
  readonly subdivision?: string;
}

/** How Route 53 chooses among sets of one name and type. `simple` stands alone. */
export type RoutingPolicy =
  | { readonly kind: "simple" }
  | { readonly kind: "geolocation"; readonly location: GeoLocation }
  | { readonly kind: "failover"; readonly role: "PRIMARY" | "SECONDARY" }
  | { readonly kind: "weighted"; readonly weight: number }
  | { readonly kind: "multivalue" };

export interface AliasTarget {
  readonly name: string;
  readonly zoneId: string;
  readonly evaluateTargetHealth: boolean;
}

export interface RecordSet {
  readonly zoneId: string;
  /** Lower case, without trailing dot. */
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
  readonly routing: RoutingPolicy;
  /** Absent on an alias, which is served with its target's. */
  readonly ttl?: number;
  /** Presentation form; empty on an alias. */
  readonly values: readonly string[];
  readonly alias?: AliasTarget;
  readonly healthCheckId?: string;
}

/** What tells one set from another: `<zone>_<name>_<TYPE>[_<set>]`, also the provider's id. */
export function recordSetId(set: Pick<RecordSet, "zoneId" | "name" | "type" | "setIdentifier">): string {
  const id = `${set.zoneId}_${set.name}_${set.type}`;
  return set.setIdentifier ? `${id}_${set.setIdentifier}` : id;
}

/** Lower case, without the trailing dot: the form in which names are kept and compared. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?<=.)\.$/, "");
}

/** What two geolocation sets may not share. */
export function locationKey({ continent, country, subdivision }: GeoLocation): string {
  // A code alone does not tell: SA is South America, and Saudi Arabia.
  return [continent ?? "", country ?? "", subdivision ?? ""].join("/");
}
