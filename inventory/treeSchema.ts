/** tree.json: `environment` (never promoted from stack to stack) and `policy` (promoted). */
import { z } from "zod";
import { TRANSPORTS } from "../dns/services.ts";

export const CONTINENTS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"] as const;

/** The part of the world whose callers a region or POP serves. Codes: ISO 3166-1 alpha-2 and ISO 3166-2. */
export const areaSchema = z.strictObject({
  continents: z.array(z.enum(CONTINENTS)).default([]),
  countries: z.array(z.string()).default([]),
  subdivisions: z.array(z.string()).default([]),
});

export const CERTIFICATE_PROFILES = ["wildcard", "exact"] as const;

export const ADDRESS_EXCEPTIONS = ["documentation", "loopback"] as const;

const popSchema = z.strictObject({
  city: z.string().optional(),
  /** Inside a wide region: the area whose callers this POP serves. */
  serves: areaSchema.optional(),
});

export const environmentSchema = z.strictObject({
  domain: z.string(),
  /** The zone that holds the domain; the domain itself when absent. */
  zone: z.string().optional(),
  pops: z.record(z.string(), popSchema).default({}),
  /** Special-use addresses that this environment may hold nevertheless. */
  allowAddresses: z.array(z.enum(ADDRESS_EXCEPTIONS)).default(["documentation"]),
  accountPlan: z
    .strictObject({
      cloudflare: z.enum(["free", "pro", "business", "enterprise"]).default("business"),
      route53: z.enum(["standard"]).default("standard"),
    })
    .prefault({}),
  publishedRanges: z.array(z.string()).default([]),
});

const ttl = z.int().min(30).max(86400);

const regionSchema = z.strictObject({
  serves: areaSchema.optional(),
  /** Regions that answer, in this order, while this one has no active node. */
  fallback: z.array(z.string()).default([]),
  /** A wide region: its name steers over its POPs. */
  geo: z.boolean().default(false),
});

export const policySchema = z.strictObject({
  ttlSeconds: z
    .strictObject({
      node: ttl.default(60),
      srv: ttl.default(60),
      address: ttl.default(60),
      geo: ttl.default(60),
    })
    .prefault({}),
  /** Published SRV services and their ports. */
  transports: z.partialRecord(z.enum(TRANSPORTS), z.int().min(1).max(65535)).default({ "sips-tcp": 5061 }),
  /** A/AAAA at POP, region and global names for clients that know no SRV. */
  tierAddresses: z.boolean().default(true),
  regions: z.record(z.string(), regionSchema).default({}),
  /** Whether the global name steers over the regions. */
  globalGeo: z.boolean().default(false),
  setSize: z
    .strictObject({
      /** Most targets of one SRV set: PJSIP reads the first 8 only. */
      maxTargets: z.int().min(1).max(32).default(8),
      /** Places kept for standby nodes in a full set. */
      standbyTargets: z.int().min(0).max(16).default(2),
      /** Static targets behind geo host names, where SRV cannot be steered. */
      geoNetTargets: z.int().min(2).max(6).default(4),
    })
    .prefault({}),
  probe: z
    .strictObject({
      intervalSeconds: z.int().min(10).max(3600).default(60),
      timeoutSeconds: z.int().min(1).max(10).default(5),
      retries: z.int().min(0).max(5).default(2),
      failureThreshold: z.int().min(1).max(10).default(3),
    })
    .prefault({}),
  certificates: z
    .strictObject({
      profiles: z.array(z.enum(CERTIFICATE_PROFILES)).min(1).default(["wildcard", "exact"]),
      keyType: z.enum(["rsa2048", "rsa3072", "rsa4096", "p256", "p384"]).default("rsa2048"),
      minDaysRemaining: z.int().min(1).max(60).default(30),
      /** Label below which every node has a name of its own that makes its wildcard set unique. */
      idLabel: z.string().default("id"),
    })
    .prefault({}),
  drain: z.enum(["remove", "zero-then-remove"]).default("remove"),
});

export const treeFileSchema = z.strictObject({
  $schema: z.string().optional(),
  environment: environmentSchema,
  policy: policySchema.prefault({}),
});

export type Area = z.infer<typeof areaSchema>;
export type Environment = z.infer<typeof environmentSchema>;
export type Policy = z.infer<typeof policySchema>;
export type RegionPolicy = z.infer<typeof regionSchema>;
export type CertificateProfile = (typeof CERTIFICATE_PROFILES)[number];
