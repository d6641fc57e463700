/** A fingerprint of what is to be deployed: the same for a preview and its update, whatever the machine. */
import { createHash } from "node:crypto";
import type { Rendering } from "./rendering.ts";

/** SHA-256 in hex over the renderings' canonical text: keys sorted, order of the backends irrelevant. */
export function treeDigest(renderings: readonly Rendering[]): string {
  const ordered = [...renderings].sort((a, b) => (a.backend < b.backend ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(ordered, sortKeys)).digest("hex");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
