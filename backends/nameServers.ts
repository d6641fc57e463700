/** Reads the name servers that a platform has assigned to its zone: what the parent zone has to delegate to. */
import { canonicalName } from "../dns/names.ts";

/** What the SDK gives of a zone; parts may be absent whatever its types say. */
interface ZoneFacts {
  readonly nameServers?: readonly string[] | null;
}

/** Host names in canonical form, sorted. */
export function assignedNameServers({ nameServers }: ZoneFacts): string[] {
  return [...new Set((nameServers ?? []).map(canonicalName))].sort();
}
