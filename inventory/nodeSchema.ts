/** One entry of nodes.json: a node of the fleet, in the shape that an operator writes. */
import { z } from "zod";
import { CERTIFICATE_PROFILES, KEY_TYPES } from "./certificateKinds.ts";

export const STATUSES = ["planned", "active", "draining", "down", "retired"] as const;

/**
 * What a node publishes. planned: its own addresses and certificate. active: everything. draining and down:
 * addresses and certificate, but no SRV row, pool or tier address. retired: nothing; the certificate is kept.
 */
export type Status = (typeof STATUSES)[number];

export const ROLES = ["primary", "standby"] as const;

/** primary: the first choice of its names. standby: tried when no primary answers. */
export type Role = (typeof ROLES)[number];

/** The shape only: what the values mean is checked by the rules. The descriptions are the manual's. */
export const nodeSchema = z.strictObject({
  slot: z.string().meta({
    description:
      "Name of the place in the fleet, for ever: one label below the domain. New hardware keeps it.",
  }),
  region: z.string().meta({ description: "Region of the node: one label below the domain." }),
  pop: z.string().meta({ description: "Datacenter of the node: one label below the domain, in one region." }),
  ip: z.string().meta({ description: "IPv4 address in canonical form." }),
  ip6: z.string().optional().meta({ description: "IPv6 address in canonical form (RFC 5952)." }),
  weight: z.int().min(1).max(65535).meta({
    description: "Share of new sessions among nodes of the same role (RFC 2782).",
    rule: "srv-weight",
  }),
  status: z.enum(STATUSES).meta({ description: "Where the node is in its life." }),
  role: z
    .enum(ROLES)
    .default("primary")
    .meta({ description: "`standby` is tried when no `primary` answers." }),
  since: z.string().optional().meta({
    description: "When a person changed the status: RFC 3339 date and time with its zone.",
  }),
  csr: z
    .union([
      z.string(),
      z.strictObject({
        wildcard: z.string().optional().meta({ description: "Request of the `wildcard` certificate." }),
        exact: z.string().optional().meta({ description: "Request of the `exact` certificate." }),
      }),
    ])
    .optional()
    .meta({
      description:
        "File with the node's certificate request (PEM), inside this folder: one for the only profile, or one each. " +
        "The private key then never leaves the node ([how](certificates.md#requests-keys-that-never-travel)).",
    }),
  certificates: z
    .strictObject({
      profiles: z.array(z.enum(CERTIFICATE_PROFILES)).min(1).optional().meta({
        description: "Certificates of this node, in place of `policy.certificates.profiles`.",
      }),
      keyType: z.enum(KEY_TYPES).optional().meta({
        description: "Key of this node, in place of `policy.certificates.keyType`.",
      }),
    })
    .optional(),
  capacity: z.number().positive().optional().meta({
    description: "Calls that the node can carry at once.",
    rule: "capacity",
  }),
  note: z.string().optional().meta({ description: "For people; nothing reads it." }),
});

export type Node = z.infer<typeof nodeSchema>;
