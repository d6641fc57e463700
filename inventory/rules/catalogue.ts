/** Every rule of the inventory: what it refuses, where it comes from and what to do. The manual's table is made of it. */
import { CERTIFICATE_RULES } from "./certificateCatalogue.ts";

export interface RuleFacts {
  readonly subject: "file" | "shape" | "node" | "name" | "address" | "region" | "certificate" | "policy";
  readonly refuses: string;
  /** The standard that makes the rule necessary. */
  readonly source?: string;
  /** What to do, where the finding has nothing more exact to say. */
  readonly remedy: string;
}

export const RULES = {
  "folder-missing": {
    subject: "file",
    refuses: "an inventory folder that is not there",
    remedy: "name the folder that holds nodes.json",
  },
  "file-missing": {
    subject: "file",
    refuses: "a folder without nodes.json, or a link that leads nowhere",
    remedy: "create the file, or name another folder",
  },
  "file-unreadable": {
    subject: "file",
    refuses: "a file that cannot be read or is no regular file",
    remedy: "make it a regular file that you may read",
  },
  "file-size": {
    subject: "file",
    refuses: "a file larger than 8 MB",
    remedy: "check that this is the right file",
  },
  "file-encoding": {
    subject: "file",
    refuses: "a file that is not UTF-8",
    source: "RFC 8259 section 8.1",
    remedy: "save it as UTF-8",
  },
  "empty-file": {
    subject: "file",
    refuses: "a file without a value in it",
    remedy: "restore the file; an empty one never means an empty fleet",
  },
  "json-syntax": {
    subject: "file",
    refuses: "text that is no JSON (comments and trailing commas are fine)",
    source: "RFC 8259",
    remedy: "correct the line or the one before it",
  },
  "json-depth": {
    subject: "file",
    refuses: "values nested more than 32 deep",
    remedy: "check that this is the right file",
  },
  "duplicate-key": {
    subject: "file",
    refuses: "a key that stands twice in one object",
    source: "RFC 8259 section 4",
    remedy: "keep one of the two",
  },
  "wrong-type": {
    subject: "shape",
    refuses: "a value of another type than the key has",
    remedy: "write a value of the type that the key has",
  },
  "missing-key": {
    subject: "shape",
    refuses: "an object without a key that it needs",
    remedy: "add the key",
  },
  "unknown-key": {
    subject: "shape",
    refuses: "a key that does not exist",
    remedy: "remove the key",
  },
  "unknown-value": {
    subject: "shape",
    refuses: "a value that is none of those the key may have",
    remedy: "write one of the values named",
  },
  "out-of-range": {
    subject: "shape",
    refuses: "a number outside its key's range",
    remedy: "write a number in the range",
  },
  "too-few-values": {
    subject: "shape",
    refuses: "an empty list where one value at least is needed",
    remedy: "list a value, or remove the key to get the default",
  },
  "listed-twice": {
    subject: "shape",
    refuses: "the same value twice in one list",
    remedy: "keep one of the two",
  },
  "no-nodes": {
    subject: "node",
    refuses: "a fleet without any entry",
    remedy: "restore the entries; to take a node out of service, set its status",
  },
  "duplicate-slot": {
    subject: "node",
    refuses: "two entries with the same slot",
    remedy: "give each node a slot of its own",
  },
  "duplicate-address": {
    subject: "node",
    refuses: "an address that two nodes have, retired ones aside",
    remedy: "give each node an address of its own, or set the one that is gone to retired",
  },
  "srv-weight": {
    subject: "node",
    refuses: "a weight outside 1-65535",
    source: "RFC 2782",
    remedy: "write a weight from 1 to 65535",
  },
  capacity: {
    subject: "node",
    refuses: "a capacity of nothing or less",
    remedy: "write the number of calls that the node can carry, or remove the key",
  },
  since: {
    subject: "node",
    refuses: "a time that is no RFC 3339 date and time with its zone",
    source: "RFC 3339 section 5.6",
    remedy: 'write it like "2026-11-23T14:30:00Z"',
  },
  ...CERTIFICATE_RULES,
  "no-active-node": {
    subject: "node",
    refuses: "a fleet of which no node is active: every name would be empty",
    source: "RFC 2308 section 5",
    remedy: "set at least one node to active",
  },
  "pop-in-two-regions": {
    subject: "node",
    refuses: "a POP whose nodes are in different regions",
    remedy: "give all nodes of the POP the same region",
  },
  label: {
    subject: "name",
    refuses:
      "a slot, region or POP that is no DNS label: lower-case letters, digits and inner hyphens, 63 characters at most " +
      "(53 for regions and POPs, from which longer labels are built)",
    source: "RFC 1035 section 2.3.4, RFC 1123 section 2.1",
    remedy: "use 1 to 63 lower-case letters, digits and inner hyphens",
  },
  "reserved-label": {
    subject: "name",
    refuses:
      "a label that the tree takes for itself: `geo`, `geo-…`, `ns`, `global`, the idLabel, any with `--`",
    remedy: "choose another label",
  },
  "name-collision": {
    subject: "name",
    refuses: "a label used for two of slot, POP and region: both would be the same name",
    remedy: "choose another label for one of them",
  },
  "domain-syntax": {
    subject: "name",
    refuses: "a domain or zone that is no host name of two labels or more in canonical form",
    source: "RFC 1123 section 2.1",
    remedy: "write it in lower case without a dot at the end, like sip.example.net",
  },
  "missing-domain": {
    subject: "name",
    refuses: "an inventory without tree.json, used without a domain",
    remedy: "write environment.domain in a tree.json, or give --domain",
  },
  "zone-contains-domain": {
    subject: "name",
    refuses: "a domain that does not lie in the zone",
    source: "RFC 1034 section 4.2",
    remedy: "name the zone that holds the domain: the domain itself or a name above it",
  },
  "challenge-zone": {
    subject: "name",
    refuses:
      "a challenge zone that is no host name of two labels or more, lies in the domain itself, or is so long that a " +
      "name in it would have more than 253 characters",
    source: "RFC 8555 section 8.4",
    remedy: "name a zone outside the domain that nothing but challenges is written to",
  },
  "name-length": {
    subject: "name",
    refuses: "a domain so long that a name of the tree would have more than 253 characters",
    source: "RFC 1035 section 2.3.4",
    remedy: "choose a shorter domain or shorter slots, POPs and regions",
  },
  "address-syntax": {
    subject: "address",
    refuses: "text that is no address, or a port, prefix length or interface beside it",
    remedy: "write the address alone",
  },
  "address-form": {
    subject: "address",
    refuses: "an address in another form than the canonical one (RFC 5952 section 4 for IPv6)",
    remedy: "write the canonical form",
  },
  "address-family": {
    subject: "address",
    refuses: "IPv6 in ip, or IPv4 in ip6",
    remedy: "put IPv4 in ip and IPv6 in ip6",
  },
  "special-use-address": {
    subject: "address",
    refuses: "an address that customers cannot reach, unless environment.allowAddresses names the exception",
    source: "RFC 6890",
    remedy: "write the node's public address",
  },
  "published-range": {
    subject: "address",
    refuses: "a published range that is no network with a prefix length",
    source: "RFC 4632 section 3.1",
    remedy: "write a network like 203.0.113.0/24",
  },
  "unknown-region": {
    subject: "region",
    refuses: "a region that neither a node nor policy.regions names",
    remedy: "correct the name, or add the region to policy.regions",
  },
  "unknown-pop": {
    subject: "region",
    refuses: "a POP without node and without region in environment.pops",
    remedy: "correct the name, or give the POP its region",
  },
  "fallback-self": {
    subject: "region",
    refuses: "a region that is its own fallback",
    remedy: "remove it from its own list",
  },
  "fallback-cycle": {
    subject: "region",
    refuses: "regions that stand in for each other in a circle",
    remedy: "take one of these regions out of the list of another",
  },
  "region-without-answer": {
    subject: "region",
    refuses: "a region without active node whose fallbacks have none either: its name would be empty",
    source: "RFC 2308 section 5",
    remedy: "list a region with active nodes in its fallback, or set one of its own nodes to active",
  },
  "area-code": {
    subject: "region",
    refuses: "a country or subdivision that does not exist",
    source: "ISO 3166-1 alpha-2, ISO 3166-2",
    remedy: "write a code like CA, or US-CA for a subdivision",
  },
  "area-empty": {
    subject: "region",
    refuses: "an area without any continent, country or subdivision",
    remedy: "list what it serves, or remove serves",
  },
  "area-overlap": {
    subject: "region",
    refuses: "a code that two regions, or two POPs of one region, serve",
    remedy: "let one of them serve it",
  },
  "global-geo": {
    subject: "region",
    refuses: "a steered global name with fewer than two regions that serve an area",
    remedy: "give two regions an area, or set policy.globalGeo to false",
  },
  "region-geo": {
    subject: "region",
    refuses: "a wide region with fewer than two POPs that have nodes and serve an area",
    remedy: "give two of its POPs an area in environment.pops, or set geo to false",
  },
  "ttl-range": {
    subject: "policy",
    refuses: "a time to live outside 30-86400 seconds",
    remedy: "write 30 to 86400; 60 is usual for names that change in an incident",
  },
  "port-range": {
    subject: "policy",
    refuses: "a port outside 1-65535",
    source: "RFC 2782",
    remedy: "write a port from 1 to 65535",
  },
  "port-clash": {
    subject: "policy",
    refuses: "TLS and plain TCP on one port: a listener speaks one of them",
    source: "RFC 3261 section 18.2",
    remedy: "give each a port of its own; 5061 and 5060 are usual",
  },
  "no-transport": {
    subject: "policy",
    refuses: "a tree that publishes no service at all",
    remedy: 'publish one, for example "sips-tcp": 5061',
  },
  "set-size": {
    subject: "policy",
    refuses: "so many places for standby nodes that none is left for a primary",
    remedy: "make standbyTargets smaller than maxTargets",
  },
  "probe-timing": {
    subject: "policy",
    refuses: "a probe that can last longer than the time to the next",
    remedy: "make timeoutSeconds × (retries + 1) at most intervalSeconds",
  },
  "probe-request": {
    subject: "policy",
    refuses:
      "a probe for a path that is no absolute one of 255 printable characters, or for codes that are none",
    remedy: 'write a path like "/health" and codes like "2xx" or "200,302"',
  },
  "geo-form": {
    subject: "policy",
    refuses: "a steered name of addresses alone in a tree whose names have no addresses",
    remedy: 'write "srv", or set policy.tierAddresses to true',
  },
  "lint-reason": {
    subject: "policy",
    refuses: "a changed lint level without a reason",
    remedy: "say why in a few words: they are printed with what the rule finds",
  },
  "expected-load": {
    subject: "policy",
    refuses: "an expected load of a region or POP that is not there, or of POPs that is above their region's",
    remedy: "correct the name, or add the region or POP to the inventory",
  },
} as const satisfies Record<string, RuleFacts>;

export type RuleId = keyof typeof RULES;
