/** One entry of nodes.json: a node of the fleet, in the shape that an operator writes. */
import { z } from "zod";

export const STATUSES = ["planned", "active", "draining", "down", "retired"] as const;

/**
 * What a node publishes. planned: its own addresses and certificate. active: everything. draining and down:
 * addresses and certificate, but no SRV row, pool or tier address. retired: nothing; the certificate is kept.
 */
export type Status = (typeof STATUSES)[number];

export const ROLES = ["primary", "standby"] as const;

/** primary: the first choice of its names. standby: tried when no primary answers. */
export type Role = (typeof ROLES)[number];

export const nodeSchema = z.strictObject({
  slot: z.string(),
  region: z.string(),
  pop: z.string(),
  ip: z.string(),
  ip6: z.string().optional(),
  weight: z.int().min(1).max(65535),
  status: z.enum(STATUSES),
  role: z.enum(ROLES).default("primary"),
  since: z.string().optional(),
  csr: z.union([z.string(), z.strictObject({ wildcard: z.string().optional(), exact: z.string().optional() })]).optional(),
  capacity: z.number().positive().optional(),
  note: z.string().optional(),
});

export type Node = z.infer<typeof nodeSchema>;
