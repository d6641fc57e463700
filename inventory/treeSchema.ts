/**
 * tree.json: `environment` (never promoted from stack to stack) and `policy` (promoted). The shape only: what the
 * values mean is checked by the rules. The descriptions are the manual's.
 */
import { z } from "zod";
import { TRANSPORTS } from "../dns/services.ts";
import { ACME_PROFILES } from "./acmeProfiles.ts";
import { CERTIFICATE_PROFILES, KEY_TYPES } from "./certificateKinds.ts";
import { CLIENTS, MEASURED_CLIENTS } from "./clients.ts";
import { LINT_LEVELS, LINT_RULE_IDS } from "./lintRuleIds.ts";

export const CONTINENTS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"] as const;

export type Continent = (typeof CONTINENTS)[number];

/** The part of the world whose callers a region or POP serves. Codes: ISO 3166-1 alpha-2 and ISO 3166-2. */
export const areaSchema = z.strictObject({
  continents: z.array(z.enum(CONTINENTS)).default([]).meta({
    description: "Continents, save for what a country or subdivision elsewhere takes out.",
  }),
  countries: z
    .array(z.string())
    .default([])
    .meta({ description: "ISO 3166-1 alpha-2 codes, for example `CA`." }),
  subdivisions: z
    .array(z.string())
    .default([])
    .meta({ description: "ISO 3166-2 codes, for example `US-CA`." }),
});

export const ADDRESS_EXCEPTIONS = ["documentation", "loopback"] as const;

const popSchema = z.strictObject({
  city: z.string().optional().meta({ description: "For people." }),
  region: z.string().optional().meta({
    description: "Region of a POP that has no node yet; where it has nodes, they tell, and this must agree.",
  }),
  serves: areaSchema.optional().meta({
    description: "Inside a wide region: the area whose callers this POP serves.",
  }),
});

const overrideSchema = z.strictObject({
  rule: z.string().meta({ description: "Id of the rule that is overridden." }),
  scope: z.string().meta({ description: "What for: the slot, POP, region or name that the rule speaks of." }),
  reason: z.string().meta({ description: "Why: printed by every update, and kept in the ledger." }),
  until: z.string().meta({ description: "When it lapses: RFC 3339 date and time with its zone." }),
});

export const environmentSchema = z.strictObject({
  domain: z
    .string()
    .meta({ description: "The name that customers dial; every other name is one label below it." }),
  zone: z.string().optional().meta({
    description: "The DNS zone that holds the domain; the domain itself when absent.",
  }),
  challengeZone: z
    .string()
    .optional()
    .meta({
      description:
        "Zone that ACME challenges are delegated to: each `_acme-challenge.<name>` becomes an alias of " +
        "`<name>.<challengeZone>`, and who issues certificates needs no right in the zone of the domain.",
    }),
  pops: z.record(z.string(), popSchema).default({}).meta({ description: "Facts about POPs, by key." }),
  allowAddresses: z
    .array(z.enum(ADDRESS_EXCEPTIONS))
    .default(["documentation"])
    .meta({
      description:
        "Special-use addresses that nodes may have nevertheless: `documentation` (RFC 5737, RFC 3849, RFC 9637) and " +
        "`loopback` (127.0.0.0/8; IPv6 has one loopback address only, so it is no help).",
    }),
  accountPlan: z
    .strictObject({
      cloudflare: z.enum(["free", "pro", "business", "enterprise"]).default("business").meta({
        description: "Plan of the Cloudflare account: it limits pools, probes and steering.",
      }),
      route53: z.enum(["standard"]).default("standard").meta({ description: "Route 53 has one plan." }),
    })
    .prefault({}),
  publishedRanges: z.array(z.string()).default([]).meta({
    description: "Address ranges that customers were told to let through, as networks with a prefix length.",
  }),
  overrides: z.array(overrideSchema).default([]).meta({
    description: "Rules that an update may break for a while: `rule`, `scope`, `reason` and `until`.",
  }),
});

const ttl = (of: string) =>
  z
    .int()
    .min(30)
    .max(86400)
    .default(60)
    .meta({ description: `Time to live of ${of}.`, rule: "ttl-range" });

const lintChangeSchema = z.strictObject({
  level: z.enum(LINT_LEVELS).meta({ description: "Level of the rule in this stack." }),
  reason: z.string().meta({ description: "Why: printed with what the rule finds." }),
});

export const PROBE_TYPES = ["tcp", "http", "https"] as const;

export const GEO_FORMS = ["srv", "addresses"] as const;

const geoForm = (of: string) =>
  z
    .enum(GEO_FORMS)
    .default("srv")
    .meta({
      description:
        `What ${of} holds where it is steered: \`srv\`, an SRV set and addresses, or \`addresses\`, these alone ` +
        "([the cost](geo.md#srv-or-addresses)).",
    });

const regionSchema = z.strictObject({
  serves: areaSchema.optional().meta({ description: "Area whose callers the global name sends here." }),
  fallback: z.array(z.string()).default([]).meta({
    description: "Regions that answer, in this order, while this one has no active node.",
  }),
  geo: z.boolean().default(false).meta({ description: "A wide region: its name steers over its POPs." }),
  geoForm: geoForm("the region's name"),
});

export const policySchema = z.strictObject({
  ttlSeconds: z
    .strictObject({
      node: ttl("node addresses"),
      srv: ttl("SRV sets"),
      address: ttl("addresses at POP, region and global names"),
      geo: ttl("steered names"),
    })
    .prefault({}),
  transports: z
    .partialRecord(z.enum(TRANSPORTS), z.int().min(1).max(65535).meta({ rule: "port-range" }))
    .default({ "sips-tcp": 5061 })
    .meta({ description: "Published SRV services, each with the port that every node listens on." }),
  tierAddresses: z.boolean().default(true).meta({
    description: "Whether POP, region and global names have A and AAAA for clients that know no SRV.",
  }),
  regions: z.record(z.string(), regionSchema).default({}).meta({
    description:
      "What regions serve and who stands in for them, by key; a key alone makes a region without hardware.",
  }),
  globalGeo: z
    .boolean()
    .default(false)
    .meta({ description: "Whether the global name steers over the regions." }),
  globalGeoForm: geoForm("the global name"),
  defaultRegion: z.string().optional().meta({
    description: "Region for callers whose location nobody serves; the first by key when absent.",
  }),
  setSize: z
    .strictObject({
      maxTargets: z.int().min(2).max(32).default(8).meta({
        description: "Most targets of one SRV set: PJSIP reads the first 8 only.",
      }),
      maxAnswerOctets: z
        .int()
        .min(512)
        .max(4096)
        .default(512)
        .meta({
          description:
            "Most octets of an answer with one SRV set, without addresses: a client without EDNS takes 512, and " +
            "PJSIP fails on a longer answer. Names that are long make sets smaller.",
        }),
      standbyTargets: z.int().min(0).max(16).default(2).meta({
        description: "Places kept for standby nodes in a full set.",
      }),
      geoNetTargets: z.int().min(2).max(6).default(4).meta({
        description: "Static targets behind geo host names, where SRV cannot be steered.",
      }),
    })
    .prefault({}),
  probe: z
    .strictObject({
      type: z
        .enum(PROBE_TYPES)
        .default("tcp")
        .meta({
          description:
            "`tcp` opens a connection; `http` and `https` send a GET to an endpoint on the node, whose certificate " +
            "is not looked at.",
        }),
      port: z.int().min(1).max(65535).optional().meta({
        description:
          "Port that is probed; when absent that of TLS for `tcp`, 80 for `http`, 443 for `https`.",
        rule: "port-range",
      }),
      path: z.string().default("/").meta({ description: "What is asked for by `http` and `https`." }),
      expectedCodes: z.string().default("2xx").meta({
        description:
          "Status codes of a healthy answer, for example `200,3xx`: Cloudflare. Route 53 takes 200 to 399, always.",
      }),
      healthyNodes: z
        .int()
        .min(1)
        .max(16)
        .default(1)
        .meta({
          description:
            "Nodes of a site that must answer, or all where it has fewer, so that callers are sent there: Route 53. " +
            "A pool at Cloudflare needs one.",
        }),
      intervalSeconds: z
        .int()
        .min(10)
        .max(3600)
        .default(60)
        .meta({ description: "Time between two probes." }),
      timeoutSeconds: z.int().min(1).max(10).default(5).meta({ description: "Wait for one connection." }),
      retries: z.int().min(0).max(5).default(2).meta({ description: "Further tries inside one probe." }),
      failureThreshold: z.int().min(1).max(10).default(3).meta({
        description: "Failed probes in a row that take a node out (Route 53).",
      }),
    })
    .prefault({}),
  expectedLoad: z
    .record(z.string(), z.number().positive())
    .default({})
    .meta({
      description:
        "Calls at once, by region: what its callers bring at the busiest hour, whichever of its names they dial. A POP " +
        "may be named too, where its part of the region's calls is known.",
    }),
  utilizationLimit: z.number().min(0.1).max(1).default(0.8).meta({
    description: "Part of a node's `capacity` that the capacity model lets it use.",
  }),
  certificates: z
    .strictObject({
      profiles: z.array(z.enum(CERTIFICATE_PROFILES)).min(1).default(["wildcard", "exact"]).meta({
        description:
          "Certificates of every node: `wildcard` (the domain and all below) and `exact` (RFC 5922).",
      }),
      keyType: z
        .enum(KEY_TYPES)
        .default("rsa2048")
        .meta({
          description:
            "Key that the provider makes where the inventory holds no request, and that `dialtree cert request` asks " +
            "a node to make. `rsa3072` goes with a request only: the provider makes none.",
        }),
      acmeProfile: z
        .enum(ACME_PROFILES)
        .default("classic")
        .meta({
          description:
            "Profile at the authority: `classic` (90 days, 100 names), `tlsserver` (45 days, 25 names) or `shortlived` " +
            "(160 hours, 25 names). Let's Encrypt has these; to change it replaces every certificate.",
        }),
      minDaysRemaining: z
        .int()
        .min(1)
        .max(60)
        .default(30)
        .meta({ description: "Days before expiry to renew at." }),
      floorDays: z
        .int()
        .min(0)
        .max(59)
        .optional()
        .meta({
          description:
            "Days before expiry below which a certificate is an error of `dialtree cert status` and `dialtree lint`. " +
            "When absent 14, or one below `minDaysRemaining` where that is 14 or less.",
        }),
      waves: z
        .boolean()
        .default(false)
        .meta({
          description:
            "Whether an update issues what fits the authority's limits and leaves the rest to later ones " +
            "([waves](certificates.md#limits)). If not, an update that does not fit is refused.",
        }),
      idLabel: z.string().default("id").meta({
        description: "Label below which every node has a name of its own that makes its wildcard set unique.",
      }),
    })
    .prefault({}),
  clients: z
    .array(z.enum(CLIENTS))
    .default([...MEASURED_CLIENTS])
    .meta({ description: "Clients that customers use: the lint rules that speak of clients look at these." }),
  lint: z.partialRecord(z.enum(LINT_RULE_IDS), lintChangeSchema).default({}).meta({
    description: "Levels changed from those of [the rules](lint.md), by rule.",
  }),
});

export const treeFileSchema = z.strictObject({
  $schema: z.string().optional().meta({ description: "For editors; nothing reads it." }),
  environment: environmentSchema,
  policy: policySchema.prefault({}),
});

export type Area = z.infer<typeof areaSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type Override = z.infer<typeof overrideSchema>;
/** What a steered name holds. */
export type GeoForm = (typeof GEO_FORMS)[number];
export type Policy = z.infer<typeof policySchema>;
export type RegionPolicy = z.infer<typeof regionSchema>;
