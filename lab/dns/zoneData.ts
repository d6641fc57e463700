/** Who asks: the resolver's address, and the client network it passes on (EDNS client subnet, RFC 7871) if any. */
export interface Asker {
  readonly address: string;
  readonly subnet?: { readonly address: string; readonly prefixLength: number };
}

/** One set as it is served to one asker at one moment. */
export interface ServedSet {
  /** Owner name, lower case, without trailing dot. */
  readonly name: string;
  /** One of A, AAAA, SRV, TXT, CNAME, CAA, NS, SOA. */
  readonly type: string;
  readonly ttlSeconds: number;
  /** Values in presentation form, targets without trailing dot. */
  readonly data: readonly string[];
  /** Prefix length (the scope of RFC 7871) the answer was chosen by, where geography decided. */
  readonly scopePrefixLength?: number;
}

/** A zone as a platform serves it: static sets, load-balanced names and aliases already resolved for the asker. */
export interface ZoneData {
  /** The zone's apex, lower case, without trailing dot. */
  readonly origin: string;
  /** Whether the name owns any set, or has names below it (empty non-terminal). */
  exists(name: string): boolean;
  /** The set that this asker gets now, or undefined (NODATA). Names arrive in lower case without trailing dot. */
  lookup(name: string, type: string, asker: Asker): ServedSet | undefined;
}
