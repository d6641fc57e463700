/** A stack's configuration: Pulumi.<stack>.yaml, namespace `dialtree`. What to deploy, where, with whose names. */
import { z } from "zod";
import { parseIssueValue } from "../dns/caa.ts";
import { hostNameFault } from "../dns/names.ts";
import { type Problem, Refusal } from "./problem.ts";

/** Platforms that a stack can deploy to. */
export const STACK_BACKENDS = ["cloudflare", "route53"] as const;

export type StackBackend = (typeof STACK_BACKENDS)[number];

/**
 * Ways to answer a DNS-01 challenge, by the name that the ACME client lego has for them. Credentials come
 * from the environment, never from this file.
 */
export const CHALLENGE_PROVIDERS = [
  "cloudflare",
  "route53",
  "rfc2136",
  "pdns",
  "acme-dns",
  "httpreq",
  "exec",
] as const;

export type ChallengeProvider = (typeof CHALLENGE_PROVIDERS)[number];

const HEX_ID = z.string().regex(/^[0-9a-f]{32}$/, "is not 32 hexadecimal digits");

/** A plain value of a stack file reaches the program as text. */
const flagSchema = z.union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })], {
  error: "is neither true nor false",
});

/** A value that also stands between quotation marks in a record: nothing in it needs an escape. */
function isIssueValue(value: string): boolean {
  const parsed = parseIssueValue(value);
  return parsed !== undefined && parsed.issuer !== "" && !/["\\]/.test(value);
}

const caaSchema = z.strictObject({
  /** Name by which the authority knows itself in CAA; that of the directory when absent. */
  issuer: z
    .string()
    .refine((name) => hostNameFault(name) === undefined, "is no domain name of an authority")
    .optional(),
  /** Other accounts and authorities that issue for the domain or a name below it: issue values (RFC 8659). */
  also: z
    .array(
      z.string().refine(isIssueValue, "is no issue value that names an authority (RFC 8659 section 4.2)"),
    )
    .optional(),
});

export const stackConfigSchema = z
  .strictObject({
    /** Folder with nodes.json and tree.json, relative to the project. */
    inventory: z.string().min(1),
    backends: z.array(z.enum(STACK_BACKENDS)).min(1),
    cloudflare: z.strictObject({ accountId: HEX_ID, zoneId: HEX_ID }).optional(),
    route53: z
      .strictObject({ zoneId: z.string().regex(/^Z[A-Z0-9]{1,31}$/, "is no hosted zone id (Z…)") })
      .optional(),
    acme: z
      .strictObject({
        /** Directory URL of the certificate authority. */
        directory: z.url({ protocol: /^https$/ }),
        /** E-mail address given when the account is created; a later change is ignored (backends/acme.ts). */
        contact: z.email().optional(),
        /** Providers that publish the challenge; one for each backend when absent. */
        challenges: z.array(z.enum(CHALLENGE_PROVIDERS)).min(1).optional(),
        /** Resolvers (`host:port`) that the client asks whether the challenge is visible. */
        recursiveNameservers: z.array(z.string()).optional(),
        /** Who may issue for the domain, as CAA; what `true` and its absence mean is in plan/certificates/issuance.ts. */
        caa: z
          .union([z.boolean(), caaSchema], { error: "is neither true, false nor {issuer, also}" })
          .optional(),
      })
      .optional(),
    /** Whether the engine refuses to delete what could not be had again: the ACME account. */
    protect: flagSchema.default(true),
  })
  .check((context) => {
    const { backends } = context.value;
    const complain = (path: string, message: string, input: unknown) =>
      context.issues.push({ code: "custom", path: [path], message, input });
    if (new Set(backends).size !== backends.length) complain("backends", "names a backend twice", backends);
    for (const backend of new Set(backends)) {
      if (context.value[backend] === undefined) {
        complain(backend, `is missing, and backends lists ${backend}`, undefined);
      }
    }
  });

export type StackConfig = z.infer<typeof stackConfigSchema>;

const REMEDIES: Record<string, string> = {
  inventory: "name the folder that holds nodes.json, for example inventory/prod",
  backends: "list cloudflare, route53 or both, for example [cloudflare]",
  cloudflare: "set dialtree:cloudflare to {accountId, zoneId}, both from the zone's overview page",
  route53: "set dialtree:route53 to {zoneId}, from the hosted zone's details",
  acme: "set dialtree:acme to {directory, contact}, or leave it out to issue no certificates",
  "acme.caa": 'write true, false, or for example {issuer: ca.example, also: ["other-ca.example"]}',
  protect: "write true, or false to be able to destroy the stack",
};

/**
 * Checks the values of the `dialtree` namespace.
 * @param place the file or stack that the values are from, for the messages.
 * @throws Refusal with every problem at once.
 */
export function parseStackConfig(values: Readonly<Record<string, unknown>>, place: string): StackConfig {
  const result = stackConfigSchema.safeParse(values);
  if (result.success) return result.data;
  throw new Refusal(result.error.issues.flatMap((issue) => toProblems(issue, values, place)));
}

function toProblems(
  issue: z.core.$ZodIssue,
  values: Readonly<Record<string, unknown>>,
  place: string,
): Problem[] {
  const path = issue.path.map(String);
  const unknown = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
  return unknown.map((extra) => {
    const keys = extra === undefined ? path : [...path, extra];
    const value = valueAt(values, keys);
    return {
      place,
      key: `dialtree:${keys.join(".")}`,
      ...(value === undefined ? {} : { value: JSON.stringify(value) }),
      rule: "stack-config",
      message: configMessage(issue, value),
      remedy:
        extra === undefined
          ? (REMEDIES[keys.slice(0, 2).join(".")] ?? REMEDIES[keys[0] ?? ""] ?? "see docs/configuration.md")
          : "remove the key, or correct its spelling; see docs/configuration.md",
    };
  });
}

function valueAt(values: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (value === null || typeof value !== "object" ? undefined : Reflect.get(value, key)),
    values,
  );
}

function configMessage(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "unrecognized_keys") return "is no key of the configuration";
  if (issue.code === "custom") return issue.message;
  if (value === undefined) return "is missing";
  if (issue.code === "invalid_value") return `is none of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_format") {
    return issue.format === "url"
      ? "is no https URL"
      : issue.format === "email"
        ? "is no e-mail address"
        : issue.message;
  }
  if (issue.code === "invalid_type") return `is not of type ${issue.expected}`;
  if (issue.code === "too_small") return "is empty";
  return issue.message;
}
