/**
 * tree.json: `environment` (never promoted from stack to stack) and `policy` (promoted). The shape only: what the
 * values mean is checked by the rules. The descriptions are the manual's.
 */
import { z } from "zod";
import { TRANSPORTS } from "../dns/services.ts";

export const CONTINENTS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"] as const;

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

export const CERTIFICATE_PROFILES = ["wildcard", "exact"] as const;

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

export const environmentSchema = z.strictObject({
  domain: z
    .string()
    .meta({ description: "The name that customers dial; every other name is one label below it." }),
  zone: z.string().optional().meta({
    description: "The DNS zone that holds the domain; the domain itself when absent.",
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
});

const ttl = (of: string) =>
  z
    .int()
    .min(30)
    .max(86400)
    .default(60)
    .meta({ description: `Time to live of ${of}.`, rule: "ttl-range" });

const regionSchema = z.strictObject({
  serves: areaSchema.optional().meta({ description: "Area whose callers the global name sends here." }),
  fallback: z.array(z.string()).default([]).meta({
    description: "Regions that answer, in this order, while this one has no active node.",
  }),
  geo: z.boolean().default(false).meta({ description: "A wide region: its name steers over its POPs." }),
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
  defaultRegion: z.string().optional().meta({
    description: "Region for callers whose location nobody serves; the first by key when absent.",
  }),
  setSize: z
    .strictObject({
      maxTargets: z.int().min(2).max(32).default(8).meta({
        description: "Most targets of one SRV set: PJSIP reads the first 8 only.",
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
  certificates: z
    .strictObject({
      profiles: z.array(z.enum(CERTIFICATE_PROFILES)).min(1).default(["wildcard", "exact"]).meta({
        description:
          "Certificates of every node: `wildcard` (the domain and all below) and `exact` (RFC 5922).",
      }),
      keyType: z.enum(["rsa2048", "rsa4096", "p256", "p384"]).default("rsa2048").meta({
        description: "Key of a certificate whose request the inventory does not hold.",
      }),
      minDaysRemaining: z
        .int()
        .min(1)
        .max(60)
        .default(30)
        .meta({ description: "Days before expiry to renew at." }),
      idLabel: z.string().default("id").meta({
        description: "Label below which every node has a name of its own that makes its wildcard set unique.",
      }),
    })
    .prefault({}),
});

export const treeFileSchema = z.strictObject({
  $schema: z.string().optional().meta({ description: "For editors; nothing reads it." }),
  environment: environmentSchema,
  policy: policySchema.prefault({}),
});

export type Area = z.infer<typeof areaSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type Policy = z.infer<typeof policySchema>;
export type RegionPolicy = z.infer<typeof regionSchema>;
export type CertificateProfile = (typeof CERTIFICATE_PROFILES)[number];
